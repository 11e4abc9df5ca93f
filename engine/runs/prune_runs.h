// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/queued_generation.h"
#include "engine/runs/run.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace steploom {

/// Which runs nobody needs any more: those that meet every condition that is set.
struct PruneConditions {
    std::optional<std::string> startedBefore; ///< UTC, ISO 8601
    std::vector<RunState> states;             ///< any of these; none: any
    std::optional<int> beyondNewest;          ///< not among so many newest runs

    bool any() const noexcept { return startedBefore || !states.empty() || beyondNewest; }
};

/// Ids, newest first. `runs`: newest first, as RunStore::list gives them. Never one that is running, nor one
/// that an item of the queue will go on with; none where no condition is set.
std::vector<std::int64_t> prunableRuns(std::span<const RunSummary> runs,
                                       std::span<const QueuedGeneration> queue,
                                       const PruneConditions& conditions);

} // namespace steploom
