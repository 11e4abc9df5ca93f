// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/schedule_text.h"

#include <string>

namespace steploom::cli {

/// A schedule as it is given on the command line: notation, a preset, @FILE for a file with either (see
/// schedule_text.h; the window saves them), or saved:NAME for one of the library in `store` (empty: this
/// user's). Throws Error(File) when file or store cannot be read, as RunStore::findSchedule() does, and as
/// parseScheduleText() does; Error(Schedule) for a saved one that has other than `steps` steps (0: any).
ScheduleText scheduleOf(const std::string& word, const PresetOptions& options, int steps,
                        const std::string& store = {});

/// What `word` may be, for the help text: the three forms of the notation, @FILE, saved:NAME, and all
/// presets.
std::string scheduleForms();

} // namespace steploom::cli
