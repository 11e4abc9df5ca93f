// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/search_result.h"
#include "engine/runs/run_generation.h"

#include <span>
#include <stop_token>
#include <vector>

namespace steploom {

/// A run of a search that is made next, or was found.
struct SearchPart {
    int index = 0; ///< of the schedule; 0: the baseline
    int count = 0; ///< of schedules, the baseline counted
    const StepSchedule& schedule;
    int samples = 0;    ///< that it has afterwards
    bool known = false; ///< the store has them all
};

class SearchObserver {
public:
    virtual ~SearchObserver() = default;
    virtual void beginning(const SearchPart&) {}
    /// Of the part that is being made.
    virtual void generating(double /*share*/) {}
    /// Of the whole search, as if nothing more were dropped.
    virtual void advanced(double /*share*/) {}
    /// What is known so far, as the result would be.
    virtual void measured(const SearchResult&) {}
};

/// All schedules are given samples in stages, 8, 16, 32, … up to what the request asks for. After each stage
/// but the last one a schedule is dropped when it is surely worse than the best one so far: when the t
/// interval of its paired difference in nats per token (same samples, common random numbers) lies wholly
/// above 0. So that the many comparisons drop no good schedule by chance, the interval's level is
/// Bonferroni's for all that may come, 1 − 0.05 / (looks · (schedules − 1)) with a look after each stage but
/// the last: the best schedule is lost in at most one search of forty. The baseline is not a competitor and
/// never dropped.
struct EarlyStopping {
    bool on = false;
    int first = 8; ///< samples of the first stage
};

/// Samples that each schedule has after each stage, ascending; one stage of all when not `on`.
std::vector<int> searchStages(int samples, const EarlyStopping& stopping);

/// Runs the request under `baseline` and under every schedule, keeps each run in means.store, and compares
/// them sample by sample under means.evaluator; both must be there. What an earlier search left in the store
/// is found again: a run of the same request, checkpoints and evaluator is not made twice, and one that was
/// broken off is continued (KnownRuns). What is dropped depends on samples alone, so a search that was killed
/// comes to the same result. A run that was dropped counts as stopped in the store. Throws Error(Request)
/// when a schedule cannot be run or one of the means is missing, and as runGeneration().
SearchResult searchSchedules(const GenerationRequest& request, const StepSchedule& baseline,
                             std::span<const StepSchedule> schedules, const GenerationMeans& means,
                             const EarlyStopping& stopping, SearchObserver& observer,
                             const std::stop_token& stop);

} // namespace steploom
