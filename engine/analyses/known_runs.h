// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run_generation.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace steploom {

/// The runs that an analysis is made of: taken from the store, continued, or made, and kept there. So an
/// analysis that was killed goes on where it was, and two analyses share what they have in common.
class KnownRuns {
public:
    /// `request`: what all runs have in common; each has a schedule and a temperature of its own. Lists the
    /// store, this once. `means` must have pool, evaluator and store; it is copied, what it points to
    /// borrowed.
    KnownRuns(const GenerationRequest& request, const GenerationMeans& means);

    /// The run of this variant of the request with its first `samples` samples, each judged by the evaluator,
    /// if the store has them all; the run may have been of more.
    std::optional<Run> find(const GenerationRequest& variant, int samples) const;
    /// Makes those that the store lacks, going on with a run that was broken off, and judges them; the run
    /// stays stopped when the variant asks for more samples. Nothing when stopped before that. Throws as
    /// runGeneration().
    std::optional<Run> make(const GenerationRequest& variant, int samples, RunObserver& observer,
                            const std::stop_token& stop);

private:
    /// A stored run of one of the variants.
    struct Candidate {
        std::int64_t id = 0;
        StepSchedule schedule;
        double temperature = 1;
        RunState state = RunState::Finished;
        int samples = 0;
        bool judged = false; ///< by this evaluator
        bool judgedByAnother = false;

        bool isOf(const GenerationRequest& variant) const {
            return schedule == variant.schedule && temperature == variant.temperature;
        }
    };
    Candidate candidateOf(const RunSummary& run) const;

    GenerationMeans m_means;
    std::vector<Candidate> m_candidates; ///< newest first
};

/// The scores of a run's samples, in their order; all must be there.
std::vector<TextScore> scoresOf(const Run& run);

/// Tells a function which share of a run's calls is made.
class CallProgress : public RunObserver {
public:
    explicit CallProgress(std::function<void(double)> advanced) : m_advanced(std::move(advanced)) {}
    void started(const PlannedWork& work) override;
    void stepped(const StepEvent& event) override;

private:
    std::function<void(double)> m_advanced;
    double m_total = 1, m_done = 0;
};

} // namespace steploom
