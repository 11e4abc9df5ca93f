// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/mark_verbs.h"

#include "engine/runs/run_store.h"
#include "experiments/cli/console.h"
#include "experiments/cli/stored_runs.h"

#include <fmt/format.h>

namespace steploom::cli {

namespace {

struct MarkOptions {
    std::string store;
    std::vector<std::int64_t> ids;
    std::string query;
    std::string tag;
    std::string file;
};

/// Those named, or those that the query means.
std::vector<std::int64_t> markedRuns(const MarkOptions& options, const RunStore& store, bool bin = false) {
    if (options.ids.empty() == options.query.empty())
        throw Error(ErrorKind::Request,
                    {.what = "cannot tell which runs are meant",
                     .where = "the command line",
                     .why = options.ids.empty() ? "no run is named" : "runs are named, and a query is given",
                     .remedy = "Give numbers of runs, or --query"});
    return options.ids.empty() ? store.findRuns({.text = options.query, .bin = bin}) : options.ids;
}

int sayMarked(const char* what, const std::vector<std::int64_t>& ids, const Console& console) {
    if (console.json)
        console.printJson({{"runs", ids}});
    else
        console.print(fmt::format("{}: {} runs\n", what, ids.size()));
    return kDone;
}

int tagRuns(const MarkOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const std::vector<std::int64_t> ids = markedRuns(options, store);
    store.addTag(ids, options.tag);
    return sayMarked("tagged", ids, console);
}

int untagRuns(const MarkOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const std::vector<std::int64_t> ids = markedRuns(options, store);
    store.removeTag(ids, options.tag);
    return sayMarked("untagged", ids, console);
}

int starRuns(const MarkOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const std::vector<std::int64_t> ids = markedRuns(options, store);
    store.setStarred(ids, true);
    return sayMarked("starred", ids, console);
}

int unstarRuns(const MarkOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const std::vector<std::int64_t> ids = markedRuns(options, store);
    store.setStarred(ids, false);
    return sayMarked("unstarred", ids, console);
}

int binRuns(const MarkOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const std::vector<std::int64_t> ids = markedRuns(options, store);
    store.moveToBin(ids);
    return sayMarked("moved to the bin", ids, console);
}

int restoreRuns(const MarkOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const std::vector<std::int64_t> ids = markedRuns(options, store, true);
    store.restoreFromBin(ids);
    return sayMarked("restored", ids, console);
}

int emptyBin(const MarkOptions& options, const Console& console) {
    const int removed = openStoredRuns(options.store).emptyBin();
    if (console.json)
        console.printJson({{"removed", removed}});
    else
        console.print(fmt::format("removed for good: {} runs\n", removed));
    return kDone;
}

int listTags(const MarkOptions& options, const Console& console) {
    const auto tags = openStoredRuns(options.store).listTags();
    if (console.json) {
        nlohmann::json list = nlohmann::json::array();
        for (const auto& [tag, runs] : tags)
            list.push_back({{"tag", tag}, {"runs", runs}});
        console.printJson({{"tags", std::move(list)}});
    } else {
        for (const auto& [tag, runs] : tags)
            console.print(fmt::format("{}  {} runs\n", tag, runs));
    }
    return kDone;
}

int checkStore(const MarkOptions& options, const Console& console) {
    const RunStore store = openStoredRuns(options.store);
    const std::vector<std::string> faults = store.checkIntegrity();
    if (console.json)
        console.printJson({{"file", store.file().string()}, {"faults", faults}});
    else if (faults.empty())
        console.print(fmt::format("{}: whole\n", store.file().string()));
    else
        console.print(fmt::format("{}:\n{}\n", store.file().string(), fmt::join(faults, "\n")));
    return faults.empty() ? kDone : kFailed;
}

int backUpStore(const MarkOptions& options, const Console& console) {
    openStoredRuns(options.store).backUp(options.file);
    if (console.json)
        console.printJson({{"file", options.file}});
    else
        console.print(fmt::format("wrote {}\n", options.file));
    return kDone;
}

} // namespace

void addMarkVerbs(CLI::App& runs, Console& console, Work& work) {
    auto options = std::make_shared<MarkOptions>();
    const auto verb = [&](const char* name, const char* description,
                          int (*does)(const MarkOptions&, const Console&)) {
        return addStoreVerb(runs, name, description, does, options, console, work);
    };
    const auto ofRuns = [&](const char* name, const char* description,
                            int (*does)(const MarkOptions&, const Console&)) {
        CLI::App* command = verb(name, description, does);
        command->add_option("ID", options->ids, "Numbers of the runs");
        command->add_option("--query", options->query, "Those that it means; see runs list")
            ->type_name("TEXT");
        return command;
    };
    for (CLI::App* command :
         {ofRuns("tag", "Put a tag on runs", tagRuns), ofRuns("untag", "Take a tag off runs", untagRuns)})
        command->add_option("--tag", options->tag, "The tag, in whatever case")
            ->required()
            ->type_name("TEXT");
    ofRuns("star", "Put a star on runs", starRuns);
    ofRuns("unstar", "Take the star off runs", unstarRuns);
    ofRuns("bin", "Move runs to the bin, from where they can be restored", binRuns);
    ofRuns("restore", "Take runs out of the bin", restoreRuns);
    verb("empty-bin", "Remove what is in the bin, for good", emptyBin);
    verb("tags", "Every tag and how many runs have it", listTags);
    verb("check", "Look the whole file through for damage", checkStore)
        ->footer("Exit code 1 when something is wrong.");
    verb("backup", "Write a copy of the store, while others may write to it", backUpStore)
        ->add_option("FILE", options->file, "File to write")
        ->required();
}

} // namespace steploom::cli
