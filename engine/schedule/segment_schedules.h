// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <cstdint>
#include <vector>

namespace steploom {

/// T steps in S equal segments (to the nearest step), of which k are the light model's: the coarse search of
/// arXiv 2604.02340.
struct SegmentPlan {
    int steps = 256;   ///< T
    int segments = 10; ///< S, 1…T
    int light = 2;     ///< k, 0…S
    char heavyLetter = 'H';
    char lightLetter = 'L';
};

/// C(S, k); the largest number there is where it would not fit.
std::uint64_t segmentScheduleCount(const SegmentPlan& plan) noexcept;

/// All of them, those first whose light segments come first; or `most` of them, drawn without replacement by
/// `seed`, in that order too, where there are more. Throws Error(Schedule) for a plan out of range.
std::vector<StepSchedule> segmentSchedules(const SegmentPlan& plan, std::size_t most, std::uint64_t seed);

} // namespace steploom
