// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/bundle_verbs.h"

#include "engine/bundles/import_bundle.h"
#include "engine/bundles/verify_runs.h"
#include "engine/reports/import_report.h"
#include "engine/runs/prune_runs.h"
#include "engine/runs/run_store.h"
#include "engine/runs/utc_now.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/stored_runs.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <memory>

namespace steploom::cli {

namespace {

struct BundleOptions {
    std::string store;
    std::vector<std::int64_t> ids;
    std::string file;
    bool withCheckpoints = false;
    bool withSchedules = false;
    bool withoutCheckpoints = false;
    int samples = 1;
    int threads = 0;
    double olderThanDays = -1;
    std::vector<std::string> states;
    int keepNewest = -1;
    bool yes = false;
};

/// Those named, or all.
std::vector<std::int64_t> chosenRuns(const BundleOptions& options, const RunStore& store) {
    if (!options.ids.empty())
        return options.ids;
    std::vector<std::int64_t> ids;
    for (const RunSummary& run : store.list())
        ids.push_back(run.id);
    return ids;
}

int exportRuns(const BundleOptions& options, const Console& console) {
    const RunStore store = openStoredRuns(options.store);
    ExportReport report;
    {
        ProgressBar bar("exporting");
        report = exportBundle(store, chosenRuns(options, store),
                              {.checkpoints = options.withCheckpoints, .schedules = options.withSchedules},
                              options.file, [&](double share) { bar.advance(share); });
    }
    if (console.json) {
        console.printJson({{"file", options.file},
                           {"runs", report.runs},
                           {"running", report.running},
                           {"samples", report.samples},
                           {"schedules", report.schedules},
                           {"checkpoints", report.checkpoints},
                           {"checkpoints_left_out", report.checkpointsLeftOut},
                           {"bytes", report.bytes}});
        return kDone;
    }
    std::string text =
        fmt::format("wrote {}: {} runs with {} samples", options.file, report.runs.size(), report.samples);
    if (options.withSchedules)
        text += fmt::format(", {} schedules", report.schedules);
    if (options.withCheckpoints)
        text += fmt::format(", {} checkpoints", report.checkpoints.size());
    console.print(text + fmt::format("; {}\n", memoryText(static_cast<double>(report.bytes))));
    if (!report.running.empty())
        console.note(fmt::format("left out, still running: {}", fmt::join(report.running, ", ")));
    for (const std::string& line : report.checkpointsLeftOut)
        console.note("left out: " + line);
    return kDone;
}

std::string_view outcomeName(ImportedRun::Outcome outcome) {
    switch (outcome) {
    case ImportedRun::Outcome::Added:
        return "added";
    case ImportedRun::Outcome::Completed:
        return "completed";
    case ImportedRun::Outcome::Known:
        return "known";
    }
    return "known";
}

std::string_view outcomeName(ImportedSchedule::Outcome outcome) {
    switch (outcome) {
    case ImportedSchedule::Outcome::Added:
        return "added";
    case ImportedSchedule::Outcome::Renamed:
        return "renamed";
    case ImportedSchedule::Outcome::Known:
        return "known";
    }
    return "known";
}

nlohmann::json importJson(const ImportReport& report) {
    nlohmann::json runs = nlohmann::json::array(), schedules = nlohmann::json::array(),
                   checkpoints = nlohmann::json::array();
    for (const ImportedRun& run : report.runs)
        runs.push_back({{"identity", run.identity},
                        {"id", run.id},
                        {"outcome", outcomeName(run.outcome)},
                        {"measures", run.measures},
                        {"tags", run.tags},
                        {"note", run.note},
                        {"restored", run.restored},
                        {"parent_unknown", run.parentUnknown}});
    for (const ImportedSchedule& schedule : report.schedules)
        schedules.push_back({{"name", schedule.name},
                             {"kept_as", schedule.keptAs},
                             {"outcome", outcomeName(schedule.outcome)}});
    for (const ImportedCheckpoint& checkpoint : report.checkpoints)
        checkpoints.push_back({{"sha256", checkpoint.sha256},
                               {"path", checkpoint.place.string()},
                               {"unpacked", checkpoint.unpacked}});
    return {{"added", report.count(ImportedRun::Outcome::Added)},
            {"completed", report.count(ImportedRun::Outcome::Completed)},
            {"known", report.count(ImportedRun::Outcome::Known)},
            {"runs", std::move(runs)},
            {"schedules", std::move(schedules)},
            {"checkpoints", std::move(checkpoints)}};
}

std::string importText(const ImportReport& report) {
    std::string text =
        fmt::format("{} runs added, {} completed, {} known\n", report.count(ImportedRun::Outcome::Added),
                    report.count(ImportedRun::Outcome::Completed), report.count(ImportedRun::Outcome::Known));
    for (const ImportedRun& run : report.runs) {
        if (run.outcome == ImportedRun::Outcome::Completed) {
            std::vector<std::string> took = run.measures;
            if (run.note)
                took.emplace_back("its note");
            for (const std::string& tag : run.tags)
                took.push_back(fmt::format("the tag \"{}\"", tag));
            if (!took.empty())
                text += fmt::format("run {} took {}\n", run.id, fmt::join(took, ", "));
            if (run.restored)
                text += fmt::format("run {} is out of the bin again\n", run.id);
        }
        if (run.parentUnknown)
            text += fmt::format("run {} was branched from a run that is not here\n", run.id);
    }
    for (const ImportedSchedule& schedule : report.schedules)
        if (schedule.outcome == ImportedSchedule::Outcome::Added)
            text += fmt::format("schedule {} added\n", schedule.name);
        else if (schedule.outcome == ImportedSchedule::Outcome::Renamed)
            text += fmt::format("schedule {} added as {}: the name was taken by another\n", schedule.name,
                                schedule.keptAs);
    for (const ImportedCheckpoint& checkpoint : report.checkpoints)
        text += fmt::format("checkpoint {} {}\n", checkpoint.place.string(),
                            checkpoint.unpacked ? "unpacked" : "was there");
    return text;
}

int importRuns(const BundleOptions& options, const Console& console) {
    // A bundle may be what a collection begins with: the store is made.
    RunStore store(options.store.empty() ? defaultStoreFile() : std::filesystem::path(options.store));
    ImportReport report;
    {
        ProgressBar bar("importing");
        const BundleProgress progress = [&](double share) { bar.advance(share); };
        report =
            steploom::importRuns(store, options.file, {.checkpoints = !options.withoutCheckpoints}, progress);
    }
    if (console.json)
        console.printJson(importJson(report));
    else
        console.print(importText(report));
    return kDone;
}

class Watcher : public GenerationObserver {
public:
    explicit Watcher(const std::string& label) : m_bar(label) {}
    void started(const PlannedWork& work) override { m_total = static_cast<double>(work.totalCalls); }
    void stepped(const StepEvent&) override {
        m_done += 1;
        m_bar.advance(m_total > 0 ? m_done / m_total : 0);
    }

private:
    ProgressBar m_bar;
    double m_total = 0;
    double m_done = 0;
};

std::string_view outcomeName(VerifiedRun::Outcome outcome) {
    switch (outcome) {
    case VerifiedRun::Outcome::Identical:
        return "identical";
    case VerifiedRun::Outcome::Different:
        return "different";
    case VerifiedRun::Outcome::NotTried:
        return "not verified";
    }
    return "not verified";
}

nlohmann::json verifiedJson(const VerifiedRun& run) {
    nlohmann::json json = {{"id", run.id},
                           {"outcome", outcomeName(run.outcome)},
                           {"compared", run.compared},
                           {"first_difference", nullptr},
                           {"reason", nullptr}};
    if (!run.firstDifference.empty())
        json["first_difference"] = run.firstDifference;
    if (run.reason)
        json["reason"] = {{"what", run.reason->what},
                          {"where", run.reason->where},
                          {"why", run.reason->why},
                          {"remedy", run.reason->remedy}};
    return json;
}

std::string verifiedText(const VerifiedRun& run) {
    std::string text = fmt::format("run {}: {}", run.id, outcomeName(run.outcome));
    if (run.outcome == VerifiedRun::Outcome::Identical)
        text += fmt::format(", {} samples, bit for bit", run.compared);
    if (run.outcome == VerifiedRun::Outcome::Different)
        text += ", " + run.firstDifference;
    if (run.reason)
        text += fmt::format("\n  {}: {}\n  {}\n  {}", run.reason->what, run.reason->where, run.reason->why,
                            run.reason->remedy);
    return text + '\n';
}

/// Runs of the same models one after another: they are loaded once.
std::vector<std::int64_t> byModels(const RunStore& store, const std::vector<std::int64_t>& ids) {
    std::vector<std::pair<std::string, std::int64_t>> ordered;
    for (const std::int64_t id : ids) {
        std::string models;
        for (const PoolMemberSpec& member : store.summary(id).request.pool)
            models += fmt::format("{}{}{} ", member.letter, member.sha256, precisionName(member.precision));
        ordered.emplace_back(std::move(models), id);
    }
    std::ranges::stable_sort(ordered, {}, &std::pair<std::string, std::int64_t>::first);
    std::vector<std::int64_t> result;
    for (const auto& [models, id] : ordered)
        result.push_back(id);
    return result;
}

int verifyRuns(const BundleOptions& options, const Console& console) {
    const Interruption interruption;
    const RunStore store = openStoredRuns(options.store);
    ComputeContext context(options.threads);
    RunVerifier verifier(store.file(), context);
    std::map<VerifiedRun::Outcome, int> counts;
    nlohmann::json list = nlohmann::json::array();
    for (const std::int64_t id : byModels(store, chosenRuns(options, store))) {
        if (interruption.requested())
            break;
        VerifiedRun run;
        {
            Watcher watcher(fmt::format("run {}", id));
            run = verifier.verify(store.load(id), options.samples, watcher, interruption.token());
        }
        ++counts[run.outcome];
        if (console.json)
            list.push_back(verifiedJson(run));
        else
            console.print(verifiedText(run)); // as they come: it may take long
    }
    const int identical = counts[VerifiedRun::Outcome::Identical],
              different = counts[VerifiedRun::Outcome::Different],
              notTried = counts[VerifiedRun::Outcome::NotTried];
    if (console.json)
        console.printJson({{"runs", std::move(list)},
                           {"identical", identical},
                           {"different", different},
                           {"not_verified", notTried},
                           {"stopped", interruption.requested()}});
    else
        console.print(
            fmt::format("{} identical, {} different, {} not verified\n", identical, different, notTried));
    return different == 0 && notTried == 0 && !interruption.requested() ? kDone : kFailed;
}

PruneConditions conditionsOf(const BundleOptions& options) {
    PruneConditions conditions;
    if (options.olderThanDays >= 0)
        conditions.startedBefore =
            utcText(std::time(nullptr) - static_cast<std::time_t>(options.olderThanDays * 86'400));
    for (const RunState state : {RunState::Finished, RunState::Stopped, RunState::CutOff})
        if (std::ranges::find(options.states, runStateName(state)) != options.states.end())
            conditions.states.push_back(state);
    if (options.keepNewest >= 0)
        conditions.beyondNewest = options.keepNewest;
    if (!conditions.any())
        throw Error(ErrorKind::Request, {.what = "cannot tell which runs to remove",
                                         .where = "runs prune",
                                         .why = "no condition is given",
                                         .remedy = "Give --older-than, --state or --keep-newest"});
    return conditions;
}

int pruneRuns(const BundleOptions& options, const Console& console) {
    const PruneConditions conditions = conditionsOf(options);
    RunStore store = openStoredRuns(options.store);
    const std::vector<RunSummary> runs = store.list();
    const std::vector<std::int64_t> ids = prunableRuns(runs, store.listQueue(), conditions);
    if (options.yes)
        for (const std::int64_t id : ids)
            store.remove(id);
    if (console.json) {
        console.printJson({{"runs", ids}, {"removed", options.yes}, {"kept", runs.size() - ids.size()}});
        return kDone;
    }
    Table table("rllr", {"id", "state", "started", "samples"});
    for (const RunSummary& run : runs)
        if (std::ranges::find(ids, run.id) != ids.end())
            table.add({std::to_string(run.id), std::string(runStateName(run.state)), run.started,
                       std::to_string(run.finishedSamples)});
    if (!ids.empty())
        console.print(table.text());
    console.print(fmt::format("{} {} runs, {} stay\n", options.yes ? "removed" : "would remove", ids.size(),
                              runs.size() - ids.size()));
    if (!options.yes && !ids.empty())
        console.note("nothing was removed: --yes does it");
    return kDone;
}

} // namespace

void addBundleVerbs(CLI::App& runs, Console& console, Work& work) {
    auto options = std::make_shared<BundleOptions>();
    const auto verb = [&](const char* name, const char* description,
                          int (*does)(const BundleOptions&, const Console&)) {
        return addStoreVerb(runs, name, description, does, options, console, work);
    };
    CLI::App* writing = verb("export", "Runs as one file that another store can import", exportRuns);
    writing->add_option("ID", options->ids, "Numbers of the runs; default: all");
    writing->add_option("--out", options->file, "File to write, by convention NAME.steploom")
        ->required()
        ->type_name("FILE");
    writing->add_flag("--with-checkpoints", options->withCheckpoints,
                      "With the files of their models, each once; else by SHA-256 only");
    writing->add_flag("--with-schedules", options->withSchedules, "With the library of schedules");

    CLI::App* reading =
        verb("import", "Merge a file that export wrote, or a report in HTML or JSON; nothing is overwritten",
             importRuns);
    reading->add_option("FILE", options->file, "File to read")->required();
    reading->add_flag("--without-checkpoints", options->withoutCheckpoints,
                      "Leave the models in it packed; else they go beside the store");
    reading->footer(
        "A run that is there already keeps its note and measures and takes those that it lacks. A "
        "damaged file changes nothing.");

    CLI::App* verification =
        verb("verify", "Make samples of stored runs again and compare them bit for bit", verifyRuns);
    verification->add_option("ID", options->ids, "Numbers of the runs; default: all");
    verification->add_option("--samples", options->samples, "Samples of each run")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    verification->add_option("--threads", options->threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024));
    verification->footer("Exit code 1 unless all are identical.");

    CLI::App* pruning =
        verb("prune", "Remove runs that meet every condition; says which, unless --yes", pruneRuns);
    pruning->add_option("--older-than", options->olderThanDays, "Started more than so many days ago")
        ->check(CLI::Range(0.0, 100'000.0))
        ->type_name("DAYS");
    pruning->add_option("--state", options->states, "How they ended; may be given several times")
        ->check(CLI::IsMember({"finished", "stopped", "cut off"}));
    pruning->add_option("--keep-newest", options->keepNewest, "Not among so many newest")
        ->check(CLI::NonNegativeNumber);
    pruning->add_flag("--yes", options->yes, "Remove them; else they are listed only");
    pruning->footer("A run that is running, or that the queue will go on with, always stays.");
}

} // namespace steploom::cli
