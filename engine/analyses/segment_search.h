// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/search_result.h"
#include "engine/runs/run_generation.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace steploom {

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
