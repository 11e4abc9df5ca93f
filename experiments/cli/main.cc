// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/version.h"
#include "experiments/cli/command_line.h"
#include "experiments/cli/console.h"

using namespace steploom;
using namespace steploom::cli;

int main(int argc, char** argv) {
    Console console;
    Work work;
    CLI::App app("Text generation in steps: a schedule goes in, a run comes out, runs are compared.",
                 "steploom-cli");
    app.set_version_flag("--version", std::string("steploom-cli ") + kVersion);
    for (const auto add :
         {addInspect, addConvert,  addTokenize,  addLogits,      addCost,       addCompute,  addGenerate,
          addRuns,    addCompare,  addSchedules, addQueue,       addTrainings,  addEvaluate, addImportance,
          addSearch,  addOptimise, addFrontier,  addCorrelation, addBrierStudy, addAnchors,  addReport})
        add(app, console, work);
    return runCommandLine(app, argc, argv, console, work);
}
