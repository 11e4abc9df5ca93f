// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/pool_options.h"
#include "experiments/cli/report_page.h"
#include "experiments/cli/stored_runs.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace steploom::cli {

namespace {

struct ReportOptions {
    std::string store, out;
    std::vector<std::int64_t> runs; ///< none: all, oldest first
};

void writeFile(const std::string& path, const std::string& content) {
    // Beside its place first: a report that was there stays until the new one is whole.
    const std::string partial = path + ".part";
    std::ofstream file(partial, std::ios::binary);
    file << content;
    file.close();
    std::error_code failure;
    if (file)
        std::filesystem::rename(partial, path, failure);
    if (!file || failure) {
        throw Error(ErrorKind::File,
                    {.what = "cannot write the report",
                     .where = path,
                     .why = failure ? failure.message() : "the file could not be written",
                     .remedy = "Name a file in a folder that exists and that you may write to"});
    }
}

int report(const ReportOptions& options, const Console& console) {
    const RunStore store = openStoredRuns(options.store);
    std::vector<std::int64_t> ids = options.runs;
    if (ids.empty()) {
        const std::vector<RunSummary> newestFirst = store.list();
        for (auto run = newestFirst.rbegin(); run != newestFirst.rend(); ++run)
            ids.push_back(run->id);
    }
    if (ids.empty()) {
        throw Error(ErrorKind::Store, {.what = "cannot write a report",
                                       .where = store.file().string(),
                                       .why = "it holds no runs",
                                       .remedy = "Make some: steploom-cli generate --store FILE"});
    }
    std::vector<Run> runs;
    for (const std::int64_t id : ids)
        runs.push_back(store.load(id));
    writeFile(options.out, reportPage(runs));
    const std::string path = absolutePath(options.out);
    if (console.json)
        console.printJson({{"report", path}, {"runs", ids}});
    else
        console.print(path + "\n");
    return kDone;
}

} // namespace

void addReport(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand("report", "Runs as one self-contained HTML page");
    auto options = std::make_shared<ReportOptions>();
    command->add_option("--store", options->store, "File of runs; default: the one of the window")
        ->type_name("FILE");
    command->add_option("--out", options->out, "HTML file to write")->required()->type_name("FILE");
    command
        ->add_option("--runs", options->runs, "Numbers of the runs, in the order of the report; default: all")
        ->type_name("ID...");
    command->add_flag("--json", console.json, "Print JSON");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return report(*options, console); }; });
}

} // namespace steploom::cli
