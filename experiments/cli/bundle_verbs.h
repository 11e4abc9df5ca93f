// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/cli/commands.h"

namespace steploom::cli {

/// Adds export, import, verify and prune to the command `runs`.
void addBundleVerbs(CLI::App& runs, Console& console, Work& work);

} // namespace steploom::cli
