// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <cstdint>
#include <span>

namespace steploom {

/// The shapes that the paper compares, as users of schedules know them.
enum class Preset { AllHeavy, AllLight, Sandwich, Head, Tail, Middle, Alternating, Random };

/// "all heavy", "sandwich", …: for menus, `--schedule` and labels.
std::string_view presetName(Preset preset) noexcept;
std::span<const Preset> allPresets() noexcept;
/// The preset of that name, in any case, with space, dash or underscore; Preset or nothing.
bool findPreset(std::string_view name, Preset& preset) noexcept;

struct PresetOptions {
    int steps = 256;
    double lightShare =
        0.25; ///< budget: share of steps done by `light`, 0…1; ignored by all heavy / all light
    char heavy = 'H';
    char light = 'L';
    std::uint64_t seed = 1; ///< Random only
};

/// The preset with round(lightShare · steps) light steps. Sandwich: half of them at each end (the odd one at
/// the start). Head: light first. Tail: light last. Middle: light centred. Alternating: light steps evenly
/// spread. Random: a seeded draw without replacement. Throws Error(Schedule) when steps or share are out of
/// range.
StepSchedule makePreset(Preset preset, const PresetOptions& options);

/// What `--schedule` and the notation field accept: the notation, or "preset", or "preset:share"
/// ("sandwich:0.25", "sandwich:25%"), the latter two over `options.steps`, as notation that gives shares is
/// where `steps` is 0.
StepSchedule parseScheduleOrPreset(std::string_view text, const PresetOptions& options, int steps = 0);

/// The preset whose schedule this is at the share it has, or "" when it is none.
std::string_view nameOfSchedule(const StepSchedule& schedule, char heavy, char light) noexcept;

} // namespace steploom
