// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/cli/commands.h"

namespace steploom::cli {

/// Reads the options of `app`, whose commands are added, does the chosen command's work and returns the exit
/// code. Every error, CLI11's own too, is told in its four parts. Adds --json and what --help says of exit
/// codes.
int runCommandLine(CLI::App& app, int argc, char** argv, Console& console, Work& work);

} // namespace steploom::cli
