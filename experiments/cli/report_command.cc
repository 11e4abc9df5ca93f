// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/file_beside.h"
#include "engine/reports/write_report.h"
#include "engine/runs/run_query.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/pool_options.h"
#include "experiments/cli/stored_runs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <vector>

namespace steploom::cli {

namespace {

struct ReportOptions {
    std::string store, out, format, query;
    std::vector<std::string> sections; ///< none: all
    ReportChoice choice;               ///< no runs: all, oldest first
};

ReportFormat reportFormat(const ReportOptions& options) {
    if (!options.format.empty())
        return parseReportFormat(options.format);
    if (const auto format = reportFormatOf(options.out))
        return *format;
    std::vector<std::string_view> names;
    for (const ReportFormat each : allReportFormats())
        names.push_back(reportFormatName(each));
    throw Error(ErrorKind::Request, {.what = "cannot write the report",
                                     .where = options.out,
                                     .why = "its ending names no format",
                                     .remedy = fmt::format("Add --format {}", fmt::join(names, "|"))});
}

/// Oldest first, as a report of everything tells it.
std::vector<std::int64_t> queriedRuns(const RunStore& store, const std::string& query) {
    const std::vector<std::int64_t> ids = store.findRuns({.text = query, .descending = false});
    if (ids.empty() && !query.empty())
        throw Error(ErrorKind::Store, {.what = "cannot write a report",
                                       .where = store.file().string(),
                                       .why = fmt::format("no run in it fits \"{}\"", query),
                                       .remedy = "Ask for fewer things at once"});
    if (ids.empty())
        throw Error(ErrorKind::Store, {.what = "cannot write a report",
                                       .where = store.file().string(),
                                       .why = "it holds no runs",
                                       .remedy = "Make some: steploom-cli generate --store FILE"});
    return ids;
}

int report(const ReportOptions& options, const Console& console) {
    ReportChoice choice = options.choice;
    const ReportFormat format = reportFormat(options);
    if (!options.sections.empty())
        choice.parts.clear();
    for (const std::string& name : options.sections)
        choice.parts.push_back(parseReportPart(name));
    const RunStore store = openStoredRuns(options.store);
    if (choice.runs.empty())
        choice.runs = queriedRuns(store, options.query);
    const std::string bytes = reportBytes(store, choice, format);
    // A report that was there stays until the new one is whole.
    FileBeside file(options.out, "cannot write the report");
    file.write(bytes);
    file.moveIntoPlace();
    const std::string path = absolutePath(options.out);
    if (console.json)
        console.printJson({{"report", path},
                           {"format", reportFormatName(format)},
                           {"runs", choice.runs},
                           {"bytes", bytes.size()}});
    else
        console.print(path + "\n");
    return kDone;
}

} // namespace

void addReport(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand("report", "Runs as one file to read, print or compute with");
    auto options = std::make_shared<ReportOptions>();
    std::vector<std::string_view> formats, sections;
    for (const ReportFormat each : allReportFormats())
        formats.push_back(reportFormatName(each));
    for (const ReportPart each : allReportParts())
        sections.push_back(reportPartName(each));
    command->add_option("--store", options->store, "File of runs; default: the one of the window")
        ->type_name("FILE");
    command->add_option("--out", options->out, "File to write")->required()->type_name("FILE");
    command
        ->add_option("--runs", options->choice.runs,
                     "Numbers of the runs, in the order of the report; default: all")
        ->type_name("ID...");
    command
        ->add_option(
            "--query", options->query,
            "Instead of numbers what the runs have in common, oldest first: 'light<0.3 ppl<40 tag:owt'")
        ->excludes("--runs");
    command->add_option("--format", options->format,
                        fmt::format("{}; default: as the file's ending says", fmt::join(formats, ", ")));
    command
        ->add_option("--sections", options->sections,
                     fmt::format("Some of {}; default: all", fmt::join(sections, ", ")))
        ->delimiter(',')
        ->type_name("NAME,...");
    command->add_option("--title", options->choice.title, "Title");
    command->add_option("--author", options->choice.author, "Who made it");
    command->add_option("--remarks", options->choice.remarks, "Text below the title");
    command->add_option("--samples", options->choice.samples, "Samples shown of each run")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    command->add_flag("--json", console.json, "Print JSON");
    command->footer(
        "The same runs give the same bytes. A report in HTML or JSON holds its runs: runs import FILE "
        "takes them into another store.");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return report(*options, console); }; });
}

} // namespace steploom::cli
