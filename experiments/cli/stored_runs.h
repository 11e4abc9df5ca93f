// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run_store.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"

#include <memory>
#include <string>

namespace steploom::cli {

/// Opens an existing store to read from; empty: this user's. Unlike RunStore it makes no new file: a mistyped
/// name would otherwise read as "no runs". Throws Error(Store).
RunStore openStoredRuns(const std::string& file);

/// A command below `above` ("runs list") that reads such a file: --store, --json, and what `verb` does.
template <typename Options>
CLI::App* addStoreVerb(CLI::App& above, const char* name, const char* description,
                       int (*verb)(const Options&, const Console&), const std::shared_ptr<Options>& options,
                       Console& console, Work& work) {
    CLI::App* command = above.add_subcommand(name, description);
    command->add_option("--store", options->store, "File of runs; default: the one of the window")
        ->type_name("FILE");
    command->add_flag("--json", console.json, "Print JSON");
    command->callback([verb, options, &console, &work] {
        work = [verb, options, &console] { return verb(*options, console); };
    });
    return command;
}

} // namespace steploom::cli
