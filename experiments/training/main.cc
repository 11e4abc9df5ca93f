// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/version.h"
#include "experiments/cli/command_line.h"
#include "experiments/cli/console.h"
#include "experiments/training/tokenizer_command.h"
#include "experiments/training/train_commands.h"

using namespace steploom;
using namespace steploom::cli;

int main(int argc, char** argv) {
    Console console;
    Work work;
    CLI::App app("Makes tokenizers and networks from text: what steploom runs, small enough to make at home.",
                 "steploom-train");
    app.set_version_flag("--version", std::string("steploom-train ") + kVersion);
    addTokenizerCommand(app, console, work);
    addTrainingCommands(app, console, work);
    return runCommandLine(app, argc, argv, console, work);
}
