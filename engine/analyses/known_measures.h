// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/measure.h"
#include "engine/runs/run.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace steploom {

class RunStore;

/// StoredAnalysis::kind of the measures of models on a text, without a run: [Measure]. Settings: the models,
/// the text by SHA-256, what is measured and how.
inline constexpr const char* kTextMeasuresKind = "measures on a text";

/// What of a run, of models or of a schedule is measured.
struct Measured {
    std::vector<Measure> measures;
    std::vector<std::string> known; ///< names of those that the store already had
    bool stopped = false;           ///< what was being measured is not among them

    const Measure* measure(std::string_view name) const noexcept;
};

/// Measures are made once and found again by their settings. `compute` gives all measures of one kind; what
/// they all depend on, `key`, joins their settings, with the seconds it took.
class KnownMeasures {
public:
    using Compute = std::function<std::vector<Measure>()>;

    /// `store`: null for none. `again`: what is known is measured again.
    KnownMeasures(RunStore* store, bool again, std::stop_token stop)
        : m_store(store), m_again(again), m_stop(std::move(stop)) {}

    /// What a measure of a run is found again by.
    struct OfRun {
        nlohmann::json key;             ///< settings
        std::vector<std::string> names; ///< all must be there
        std::string optional = {};      ///< a measure that is not always defined
        int samples = 0;                ///< that the first one was made of; 0: it is not made of samples
    };
    /// Of a run, and kept with it.
    void addOfRun(const RunSummary& run, const OfRun& wanted, const Compute& compute);
    /// Of models, kept as an analysis: `identity` joins `key` in its settings.
    void addOfModels(const nlohmann::json& identity, const nlohmann::json& key, const Compute& compute);

    Measured take() { return std::move(m_measured); }

private:
    /// Computes and times; false when stopped.
    bool computed(const nlohmann::json& key, const Compute& compute, std::vector<Measure>& measures);
    void addKnown(const Measure& measure);

    RunStore* m_store;
    bool m_again;
    std::stop_token m_stop;
    Measured m_measured;
};

} // namespace steploom
