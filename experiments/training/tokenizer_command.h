// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/cli/commands.h"

namespace steploom::cli {

/// steploom-train's command "tokenizer": text in, tokenizer.json out. As the commands of experiments/cli.
void addTokenizerCommand(CLI::App& app, Console& console, Work& work);

} // namespace steploom::cli
