// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/list_verb.h"

#include "engine/runs/run_facts.h"
#include "engine/runs/run_store.h"
#include "experiments/cli/console.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/stored_runs.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom::cli {

namespace {

struct ListOptions {
    std::string store;
    int limit = -1;
    std::string query;
    std::string sort;
    bool ascending = false;
    std::string group;
    bool bin = false;

    RunQuery asked() const {
        RunQuery wanted{.text = query, .descending = !ascending, .bin = bin};
        wanted.sort = sort.empty() ? "id" : sort;
        return wanted;
    }
};

std::string measuredMean(const RunGroup& group, const char* name) {
    const auto found = group.measures.find(name);
    return found == group.measures.end() ? "–" : estimateText(found->second);
}

int listGroups(const ListOptions& options, const Console& console) {
    std::vector<RunGroup> groups =
        openStoredRuns(options.store).groupRuns(options.asked(), parseRunGrouping(options.group));
    if (options.limit > 0 && groups.size() > static_cast<std::size_t>(options.limit))
        groups.resize(static_cast<std::size_t>(options.limit));
    if (console.json) {
        nlohmann::json list = nlohmann::json::array();
        for (const RunGroup& group : groups) {
            nlohmann::json measures = nlohmann::json::object();
            for (const auto& [name, estimate] : group.measures)
                measures[name] = estimateJson(estimate);
            list.push_back({{"label", group.label}, {"runs", group.runs}, {"measures", std::move(measures)}});
        }
        console.printJson({{"group", options.group}, {"groups", std::move(list)}});
        return kDone;
    }
    Table table("rlrrrr", {"runs", options.group, "saved", "perplexity", "entropy", "time a sample"});
    for (const RunGroup& group : groups)
        table.add({std::to_string(group.runs.size()), shortened(group.label, 60),
                   measuredMean(group, "saved"), measuredMean(group, "generative_perplexity"),
                   measuredMean(group, "entropy"), measuredMean(group, "seconds_per_sample")});
    console.print(table.text());
    return kDone;
}

std::string marksText(const RunSummary& run) {
    return fmt::format("{}{}{}", run.starred ? "★" : "", run.starred && !run.tags.empty() ? " " : "",
                       fmt::join(run.tags, ", "));
}

int listRuns(const ListOptions& options, const Console& console) {
    if (!options.group.empty())
        return listGroups(options, console);
    const RunStore store = openStoredRuns(options.store);
    std::vector<std::int64_t> ids = store.findRuns(options.asked());
    const std::size_t found = ids.size();
    if (options.limit > 0 && found > static_cast<std::size_t>(options.limit))
        ids.resize(static_cast<std::size_t>(options.limit));
    const std::vector<RunSummary> runs = store.summaries(ids);
    if (console.json) {
        nlohmann::json list = nlohmann::json::array();
        for (const RunSummary& run : runs)
            list.push_back(summaryJson(run));
        console.printJson({{"runs", std::move(list)}, {"found", found}});
        return kDone;
    }
    if (runs.empty()) {
        if (options.bin)
            console.note("the bin is empty");
        else if (!options.query.empty())
            console.note("no run meets this query");
        else
            console.note("no runs yet: steploom-cli generate --store FILE keeps one");
        return kDone;
    }
    const bool marked =
        std::ranges::any_of(runs, [](const RunSummary& run) { return run.starred || !run.tags.empty(); });
    std::vector<std::string> headings{"id",    "state",      "schedule", "samples",
                                      "saved", "perplexity", "entropy",  "time"};
    if (marked)
        headings.emplace_back("marks");
    Table table("rllrrrrrl", headings);
    for (const RunSummary& run : runs) {
        std::vector<std::string> cells{std::to_string(run.id),
                                       std::string(runStateName(run.state)),
                                       shortened(scheduleTitle(run.request), 32),
                                       fmt::format("{} of {}", run.finishedSamples, run.request.samples),
                                       shareText(run.cost.executedSaving),
                                       measureText(run, "generative_perplexity"),
                                       measureText(run, "entropy"),
                                       durationText(run.seconds)};
        if (marked)
            cells.push_back(marksText(run));
        table.add(std::move(cells));
    }
    console.print(table.text());
    return kDone;
}

std::string columnsText() {
    std::string names;
    for (const RunColumnName& column : runQueryColumns())
        names += fmt::format("{}{}", names.empty() ? "" : ", ", column.name);
    return names;
}

} // namespace

void addListVerb(CLI::App& runs, Console& console, Work& work) {
    auto options = std::make_shared<ListOptions>();
    CLI::App* list =
        addStoreVerb(runs, "list", "One line a run, newest first", listRuns, options, console, work);
    list->add_option("--limit", options->limit, "At most so many; default: all")->check(CLI::PositiveNumber);
    list->add_option("--query", options->query,
                     "Words, and terms such as light<0.3 ppl<40 tag:owt -starred since:7d")
        ->type_name("TEXT");
    list->add_option("--sort", options->sort, "Column or measure, the largest first; default: the newest")
        ->type_name("COLUMN");
    list->add_flag("--ascending", options->ascending, "The smallest first");
    list->add_option("--group", options->group, "Means with 95% intervals over the runs of a group")
        ->check(CLI::IsMember({"schedule", "pool", "settings"}));
    list->add_flag("--bin", options->bin, "What is in the bin");
    list->footer("Columns: " + columnsText() + "; every other stored measure by its name.");
}

} // namespace steploom::cli
