// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/schedule_text.h"

#include <string>

namespace steploom::cli {

/// A schedule as it is given on the command line: notation, a preset, or @FILE for a file with either (see
/// schedule_text.h; the window saves them). Throws Error(File) when the file cannot be read, and as
/// parseScheduleText() does.
ScheduleText scheduleOf(const std::string& word, const PresetOptions& options, int steps);

/// What `word` may be, for the help text: the three forms of the notation, @FILE, and all presets.
std::string scheduleForms();

} // namespace steploom::cli
