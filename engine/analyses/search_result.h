// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"
#include "engine/schedule/step_schedule.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

namespace steploom {

/// A schedule of a search, measured against the baseline on the samples of the same random numbers.
struct SearchEntry {
    StepSchedule schedule;
    std::int64_t run = 0;     ///< in the store
    Estimate natsPerToken;    ///< more than the baseline, under the evaluator; paired over samples
    Estimate perplexityRatio; ///< exp of that
    Estimate entropy;         ///< more than the baseline
    double saved = 0;         ///< of the executed FLOPs
    /// p-value of the paired t test, adjusted for the number of schedules (Benjamini and Hochberg).
    double adjustedP = 1;
    bool dropped = false; ///< surely worse than another one: the rest of its samples was not made

    friend bool operator==(const SearchEntry&, const SearchEntry&) = default;
};

struct SearchResult {
    std::int64_t baseline = 0;        ///< run
    std::vector<SearchEntry> entries; ///< the cheapest in quality first; of equal ones the earlier schedule
    bool stopped = false;

    friend bool operator==(const SearchResult&, const SearchResult&) = default;
};

/// {baseline, entries: [{schedule, run, nats_per_token, perplexity_ratio, entropy, saved, adjusted_p,
/// dropped}], stopped}. Reading throws nlohmann::json::exception for what is missing or unfit, Error for a
/// schedule that is none.
void to_json(nlohmann::json& json, const SearchResult& result);
void from_json(const nlohmann::json& json, SearchResult& result);

} // namespace steploom
