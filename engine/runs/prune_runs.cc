// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/prune_runs.h"

#include <algorithm>

namespace steploom {

std::vector<std::int64_t> prunableRuns(std::span<const RunSummary> runs,
                                       std::span<const QueuedGeneration> queue,
                                       const PruneConditions& conditions) {
    std::vector<std::int64_t> ids;
    if (!conditions.any())
        return ids;
    const std::size_t newest = static_cast<std::size_t>(std::max(0, conditions.beyondNewest.value_or(0)));
    for (const RunSummary& run : runs.subspan(std::min(newest, runs.size()))) {
        const auto& states = conditions.states;
        const bool wanted = run.state != RunState::Running &&
                            (states.empty() || std::ranges::find(states, run.state) != states.end()) &&
                            // Times of this form are in order as texts.
                            (!conditions.startedBefore || run.started < *conditions.startedBefore);
        if (wanted && std::ranges::find(queue, run.id, &QueuedGeneration::run) == queue.end())
            ids.push_back(run.id);
    }
    return ids;
}

} // namespace steploom
