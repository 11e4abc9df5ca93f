// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/cli/commands.h"

namespace steploom::cli {

/// mdlm, distil, causal: train a network; measure: nats per token of a checkpoint on a text.
void addTrainingCommands(CLI::App& app, Console& console, Work& work);

} // namespace steploom::cli
