// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/cli/commands.h"

namespace steploom::cli {

/// Adds list to the command `runs`: all, those of a query, or groups of them.
void addListVerb(CLI::App& runs, Console& console, Work& work);

} // namespace steploom::cli
