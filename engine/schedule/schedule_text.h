// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/presets.h"

#include <string>
#include <string_view>

namespace steploom {

/// A schedule as text to paste, drop or keep in a file: lines that begin with # are remarks, the first of
/// them is the name; what is left is the notation, over as many lines as it likes.
struct ScheduleText {
    std::string name; ///< may be empty
    StepSchedule schedule;
};

/// "# name\n(L32,H192,L32)\n"; the line of the name is left out where there is none.
std::string printScheduleText(const ScheduleText& text);

/// Reads one, of at most kMostScheduleText bytes. Throws as parseScheduleOrPreset() does with `options` and
/// `steps`.
ScheduleText parseScheduleText(std::string_view text, const PresetOptions& options, int steps = 0);

/// 10,000 segments of letter, count and comma, and generous remarks.
inline constexpr std::size_t kMostScheduleText = 256 * 1024;

} // namespace steploom
