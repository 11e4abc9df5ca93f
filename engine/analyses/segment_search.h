// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run_comparison.h"
#include "engine/runs/run_generation.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
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
};

struct SearchResult {
    std::int64_t baseline = 0;        ///< run
    std::vector<SearchEntry> entries; ///< the cheapest in quality first; of equal ones the earlier schedule
    bool stopped = false;
};

class SearchObserver {
public:
    virtual ~SearchObserver() = default;
    /// Before a run is made (or found): which of how many, the baseline counted.
    virtual void beginning(int /*index*/, int /*count*/, const StepSchedule&, bool /*known*/) {}
    virtual void generating(double /*share*/) {}
    /// The entries so far, sorted as in the result.
    virtual void measured(std::span<const SearchEntry>) {}
};

/// Runs the request under `baseline` and under every schedule, keeps each run in means.store, and compares
/// them sample by sample under means.evaluator; both must be there. What an earlier search left in the store
/// is found again: a run of the same request, checkpoints and evaluator is not made twice, and one that was
/// cut off is continued. So a search that was killed comes to the same result.
SearchResult searchSchedules(const GenerationRequest& request, const StepSchedule& baseline,
                             std::span<const StepSchedule> schedules, const GenerationMeans& means,
                             SearchObserver& observer, const std::stop_token& stop);

} // namespace steploom
