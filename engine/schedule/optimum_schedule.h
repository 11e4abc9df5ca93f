// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/presets.h"

#include <cstdint>
#include <functional>
#include <span>

namespace steploom {

/// The schedule with round(lightShare · steps) light steps where the light model costs least, under the
/// assumption that what single steps cost adds up. `importance`: what it costs to let the light model do a
/// step (e.g. KL(heavy ‖ light), nats), in equal parts of the run from its start to its end, one value or
/// more, finite. Of equal steps the later ones are light. Throws Error(Schedule) for no or infinite values,
/// and where makePreset() does.
StepSchedule optimumSchedule(std::span<const double> importance, const PresetOptions& options);

/// The same among schedules of at most `mostSegments` runs of equal letters ("(L32,H192,L32)" has three): one
/// can be drawn, told and remembered. By dynamic programming over steps, light steps so far and segments so
/// far; of equally cheap schedules the one that changes models late. Throws Error(Schedule) too when no
/// schedule of so few segments has that share (one segment can only be all or nothing), and when steps ·
/// light steps · segments is beyond kMostOptimumStates.
StepSchedule optimumOfSegments(std::span<const double> importance, const PresetOptions& options,
                               int mostSegments);
inline constexpr std::int64_t kMostOptimumStates = 200'000'000;

/// What a schedule is expected to cost against one that is all `heavy`, in nats a sample of `masked`
/// positions: every step reveals masked · (1 − ε)/T positions on average, each for the importance of its
/// member at that step; the closing call's share, masked · ε, costs what its last step does. `importanceOf`:
/// of the member with a letter, in equal parts of the run; empty for the reference, which costs nothing.
double predictedCost(const StepSchedule& schedule, int masked,
                     const std::function<std::span<const double>(char)>& importanceOf);

/// The value of `importance` that a step falls into: the part that holds the middle of the step.
double importanceAt(std::span<const double> importance, int step, int steps);

} // namespace steploom
