// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/cli/commands.h"

namespace steploom::cli {

/// Adds to the command `runs` what people put on runs (tag, untag, star, unstar, bin, restore, empty-bin) and
/// the care of the file (check, backup).
void addMarkVerbs(CLI::App& runs, Console& console, Work& work);

} // namespace steploom::cli
