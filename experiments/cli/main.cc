// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/version.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"

#include <algorithm>
#include <new>
#include <string_view>

using namespace steploom;
using namespace steploom::cli;

namespace {

/// CLI11's own complaint in the same four parts as every other error.
int wrongUse(const CLI::App& app, const CLI::ParseError& error, const Console& console) {
    const CLI::App* chosen = &app;
    std::string path = app.get_name();
    while (!chosen->get_subcommands().empty()) {
        chosen = chosen->get_subcommands().front();
        path += " " + chosen->get_name();
    }
    console.fail(Error(
        ErrorKind::Request,
        {.what = "wrong use", .where = path, .why = error.what(), .remedy = "See " + path + " --help"}));
    return kWrongUse;
}

} // namespace

int main(int argc, char** argv) {
    Console console;
    Work work;
    CLI::App app("Text generation in steps: a schedule goes in, a run comes out, runs are compared.",
                 "steploom-cli");
    app.set_version_flag("--version", std::string("steploom-cli ") + kVersion);
    app.add_flag("--json", console.json, "Print JSON");
    app.footer("Exit codes: 0 done, 1 failed (or stopped), 2 wrong use.\n"
               "Every command takes --json; errors then also appear on standard output as\n"
               "{\"error\": {\"what\", \"where\", \"why\", \"remedy\"}}.");
    for (const auto add :
         {addInspect, addConvert, addTokenize, addLogits, addCost, addGenerate, addRuns, addTrainings, addReport})
        add(app, console, work);

    try {
        app.parse(argc, argv);
        // Asked for here and not by require_subcommand, which would hide the name of an unknown command.
        if (!work)
            throw CLI::RequiredError("A command");
    } catch (const CLI::Success& request) { // --help, --version
        return app.exit(request);
    } catch (const CLI::ParseError& error) {
        // The parser gives up before it reaches --json when that comes last.
        console.json = std::any_of(argv, argv + argc, [](std::string_view word) { return word == "--json"; });
        return wrongUse(app, error, console);
    }

    try {
        return work();
    } catch (const Error& error) {
        return console.fail(error);
    } catch (const std::bad_alloc&) {
        return console.fail(
            Error(ErrorKind::Device, {.what = "cannot go on",
                                      .where = "memory",
                                      .why = "the system refused to give more",
                                      .remedy = "Use a smaller --batch or --length, or bf16"}));
    } catch (const std::exception& error) {
        return console.fail(
            Error(ErrorKind::Device, {.what = "cannot go on",
                                      .where = "steploom-cli",
                                      .why = error.what(),
                                      .remedy = "Report this with the command that led to it"}));
    }
}
