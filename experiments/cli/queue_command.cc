// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/analysis_name.h"
#include "engine/analyses/kinds.h"
#include "engine/analyses/run_analysis.h"
#include "engine/core/thread_pool.h"
#include "engine/runs/known_importance.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "engine/sampling/seed_list.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/request_options.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/stored_runs.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <optional>

namespace steploom::cli {

namespace {

struct QueueOptions : RequestOptions {
    std::string store;
    std::vector<std::string> schedules;
    std::string seeds;
    EvaluatorOptions evaluator;
    int threads = 0;
    std::vector<std::int64_t> items;
    std::int64_t before = 0;
    bool first = false, last = false, failed = false;
};

/// A queue may begin before the first run: the store is made.
RunStore openQueue(const QueueOptions& options) {
    return RunStore(options.store.empty() ? defaultStoreFile() : std::filesystem::path(options.store));
}

nlohmann::json itemJson(const QueuedGeneration& item) {
    nlohmann::json json = {
        {"id", item.id},       {"name", item.name},       {"state", queueStateName(item.state)},
        {"added", item.added}, {"run_id", nullptr},       {"finished_samples", item.finishedSamples},
        {"error", nullptr},    {"request", item.request}, {"analysis", item.analysis}};
    if (item.run != 0)
        json["run_id"] = item.run;
    if (item.state == QueueState::Failed)
        json["error"] = {{"what", item.error.what},
                         {"where", item.error.where},
                         {"why", item.error.why},
                         {"remedy", item.error.remedy}};
    return json;
}

nlohmann::json itemsJson(const std::vector<QueuedGeneration>& items) {
    nlohmann::json list = nlohmann::json::array();
    for (const QueuedGeneration& item : items)
        list.push_back(itemJson(item));
    return list;
}

bool isOf(const QueuedGeneration& item, const char* kind) {
    return item.analysis.is_object() && item.analysis.value("kind", std::string()) == kind;
}

bool bringsModels(const QueuedGeneration& item) {
    return item.analysis.is_object() && bringsItsModels(item.analysis.value("kind", std::string()));
}

int listQueue(const QueueOptions& options, const Console& console) {
    const std::vector<QueuedGeneration> items = openStoredRuns(options.store).listQueue();
    if (console.json) {
        console.printJson({{"queue", itemsJson(items)}});
        return kDone;
    }
    if (items.empty()) {
        console.note("nothing waits: steploom-cli queue add takes what generate takes");
        return kDone;
    }
    Table table("llrrll", {"item", "schedule or analysis", "seed", "samples", "state", "pool"});
    for (const QueuedGeneration& item : items) {
        std::string pool;
        for (const PoolMemberSpec& member : item.request.pool)
            pool += (pool.empty() ? "" : " + ") + member.name;
        const std::string samples = item.finishedSamples > 0
                                        ? fmt::format("{} of {}", item.finishedSamples, item.request.samples)
                                        : std::to_string(item.request.samples);
        const std::string state = item.state == QueueState::Failed ? "failed: " + item.error.why
                                                                   : std::string(queueStateName(item.state));
        // Those have a seed of their own and make no samples.
        const bool generates = !isOf(item, kImportanceKind) && !bringsModels(item);
        table.add({std::to_string(item.id), shortened(nameOf(item), 60),
                   generates ? std::to_string(item.request.seed)
                             : item.analysis.value("seed", nlohmann::json()).dump(),
                   generates ? samples : "–", shortened(state, 60), shortened(pool, 40)});
    }
    console.print(table.text());
    return kDone;
}

int addToQueue(const QueueOptions& options, const Console& console) {
    std::vector<WantedGeneration> wanted;
    std::vector<std::uint64_t> seeds{options.seed};
    if (!options.seeds.empty())
        seeds = parseSeeds(options.seeds);
    // Everything is looked at before anything is added.
    std::vector<GenerationRequest> requests;
    std::vector<std::string> schedules = options.schedules;
    if (schedules.empty())
        schedules.emplace_back(); // what the pool's kind says
    for (const std::string& schedule : schedules) {
        RequestOptions each = options;
        each.pool.schedule = schedule;
        each.pool.store = options.store;
        requests.push_back(each.request());
    }
    for (const std::uint64_t seed : seeds)
        for (std::size_t i = 0; i < requests.size(); ++i) {
            wanted.push_back({shortened(schedules[i], 80), requests[i]});
            wanted.back().request.seed = seed;
        }
    RunStore store = openQueue(options);
    const std::vector<std::int64_t> ids = store.addToQueue(wanted);
    std::vector<QueuedGeneration> added = store.listQueue();
    std::erase_if(added,
                  [&](const QueuedGeneration& item) { return std::ranges::find(ids, item.id) == ids.end(); });
    if (console.json)
        console.printJson({{"added", itemsJson(added)}});
    else
        console.print(ids.size() == 1 ? fmt::format("added as item {}\n", ids.front())
                                      : fmt::format("added {} generations, items {} to {}\n", ids.size(),
                                                    ids.front(), ids.back()));
    return kDone;
}

int moveItems(const QueueOptions& options, const Console& console) {
    if ((options.before != 0) + options.first + options.last != 1)
        throw Error(ErrorKind::Request, {"cannot move in the queue", "steploom-cli queue move",
                                         "one place is needed", "Give --before ITEM, --first, or --last"});
    RunStore store = openStoredRuns(options.store);
    const std::vector<QueuedGeneration> items = store.listQueue();
    const std::int64_t first = items.empty() ? 0 : items.front().id;
    store.moveInQueue(options.items, options.first ? first : options.before);
    return listQueue(options, console);
}

/// Takes these out and says so; refuses what is not there.
int removeItems(const QueueOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const std::vector<QueuedGeneration> items = store.listQueue();
    for (const std::int64_t wanted : options.items)
        if (std::ranges::find(items, wanted, &QueuedGeneration::id) == items.end())
            throw Error(ErrorKind::Store,
                        {"there is no such queued generation", store.file().string(),
                         fmt::format("the queue holds no item {}", wanted), "See steploom-cli queue list"});
    const std::vector<QueuedGeneration> removed = store.removeFromQueue(options.items);
    if (console.json)
        console.printJson({{"removed", itemsJson(removed)}});
    else
        for (const QueuedGeneration& item : removed)
            console.print(item.isAnalysis() ? fmt::format("removed item {}: {}\n", item.id, nameOf(item))
                                            : fmt::format("removed item {}: {}, seed {}\n", item.id,
                                                          nameOf(item), item.request.seed));
    return kDone;
}

/// All that nobody runs.
int clearQueue(const QueueOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    std::vector<std::int64_t> wanted;
    for (const QueuedGeneration& item : store.listQueue())
        if (item.state == QueueState::Failed || (item.state == QueueState::Waiting && !options.failed))
            wanted.push_back(item.id);
    const std::vector<QueuedGeneration> removed = store.removeFromQueue(wanted);
    if (console.json)
        console.printJson({{"removed", itemsJson(removed)}});
    else
        console.print(fmt::format("removed {} from the queue\n", removed.size()));
    return kDone;
}

/// Draws the progress of an item.
class ItemProgress : public RunObserver {
public:
    explicit ItemProgress(const std::string& name) : m_generating(name), m_measuring("measuring") {}
    void started(const PlannedWork& work) override { m_total = static_cast<double>(work.totalCalls); }
    void stepped(const StepEvent&) override {
        m_done += 1;
        m_generating.advance(m_total > 0 ? m_done / m_total : 0);
    }
    void measuring(double share) override {
        m_generating.clear();
        m_measuring.advance(share);
    }

private:
    ProgressBar m_generating, m_measuring;
    double m_total = 0, m_done = 0;
};

/// Draws the progress of an analysis.
class QueuedAnalysisProgress : public AnalysisObserver {
public:
    explicit QueuedAnalysisProgress(std::string name) : m_name(std::move(name)) {}
    void advanced(double share, const std::string& what) override {
        if (!m_bar || what != m_what) {
            m_what = what;
            m_bar.emplace(m_name + ", " + shortened(what, 40));
        }
        m_bar->advance(share);
    }

private:
    std::string m_name, m_what;
    std::optional<ProgressBar> m_bar;
};

/// The pool of the item before serves this one too.
bool samePool(const GenerationRequest& a, const GenerationRequest& b) {
    return a.pool == b.pool && a.tokenizer == b.tokenizer;
}

struct Loaded {
    GenerationRequest request; ///< whose pool it is, as it was asked for
    ModelPool pool;
};

/// What is loaded serves the item, from now on.
void loadPoolOf(const QueuedGeneration& item, std::optional<Loaded>& loaded, RunStore& store,
                ComputeContext& context) {
    if (loaded && samePool(item.request, loaded->request))
        return;
    loaded.reset(); // two pools at once may be more than there is memory
    try {
        loaded = Loaded{item.request, ModelPool::load(item.request.pool, item.request.tokenizer, context)};
    } catch (const Error& error) {
        store.failQueued(item.id, error.parts());
        throw;
    }
}

/// What there is while the queue is run.
struct Runner {
    const Console& console;
    const Interruption& interruption;
    RunStore& store;
    ComputeContext& context;
    const std::optional<Evaluator>& evaluator;
    std::optional<Loaded> loaded = {};
    nlohmann::json runs = nlohmann::json::array(), analyses = nlohmann::json::array(),
                   failures = nlohmann::json::array();
    bool stopped = false;

    GenerationMeans means() {
        return {.pool = loaded ? &loaded->pool : nullptr,
                .evaluator = evaluator ? &*evaluator : nullptr,
                .store = &store,
                .threads = context.threads().workers()};
    }
    void generate(const QueuedGeneration& item);
    void analyse(const QueuedGeneration& item);
};

void Runner::generate(const QueuedGeneration& item) {
    const std::string name =
        fmt::format("item {}: {}, seed {}", item.id, shortened(nameOf(item), 40), item.request.seed);
    loadPoolOf(item, loaded, store, context);
    Run run;
    {
        ItemProgress progress(name);
        run = runQueued(item, means(), progress, interruption.token());
    }
    stopped = run.summary.state == RunState::Stopped;
    runs.push_back({{"item", item.id},
                    {"run_id", run.summary.id},
                    {"state", runStateName(run.summary.state)},
                    {"samples", run.samples.size()},
                    {"seconds", run.summary.seconds},
                    {"measures", measuresJson(run.summary.measures)}});
    if (!console.json)
        console.print(fmt::format("{}: run {}, {} of {} samples{}\n", name, run.summary.id,
                                  run.samples.size(), item.request.samples,
                                  stopped ? ", stopped; it waits again" : ""));
}

void Runner::analyse(const QueuedGeneration& item) {
    const std::string name = fmt::format("item {}: {}", item.id, shortened(nameOf(item), 60));
    if (!bringsModels(item))
        loadPoolOf(item, loaded, store, context);
    {
        QueuedAnalysisProgress progress(name);
        stopped = !runQueuedAnalysis(item, means(), context, progress, interruption.token());
    }
    analyses.push_back({{"item", item.id}, {"name", nameOf(item)}, {"finished", !stopped}});
    if (!console.json)
        console.print(fmt::format("{}{}\n", name, stopped ? ": stopped; it waits again" : ": finished"));
}

int runQueue(const QueueOptions& options, const Console& console) {
    const Interruption interruption;
    RunStore store = openStoredRuns(options.store);
    ComputeContext context(options.threads);
    const std::optional<Evaluator> evaluator = options.evaluator.load(context);
    Runner runner{console, interruption, store, context, evaluator};
    while (!interruption.requested()) {
        const std::optional<QueuedGeneration> item = store.claimQueued();
        if (!item)
            break;
        try {
            if (item->isAnalysis())
                runner.analyse(*item);
            else
                runner.generate(*item);
        } catch (const Error& error) {
            // The item is marked; the others do not wait for it. Where the store itself fails there is no
            // next.
            (void)Console{}.fail(error);
            runner.failures.push_back({{"item", item->id}, {"why", error.parts().why}});
            if (error.kind() == ErrorKind::Store)
                break;
        }
    }
    const bool stopped = runner.stopped || interruption.requested();
    const std::vector<QueuedGeneration> left = store.listQueue();
    if (console.json)
        console.printJson({{"runs", runner.runs},
                           {"analyses", runner.analyses},
                           {"failed", runner.failures},
                           {"left", itemsJson(left)},
                           {"stopped", stopped}});
    else if (stopped)
        console.note(fmt::format("stopped: {} left in the queue", left.size()));
    else if (runner.runs.empty() && runner.analyses.empty() && runner.failures.empty())
        console.note("nothing waits");
    return stopped || !runner.failures.empty() ? kFailed : kDone;
}

} // namespace

void addQueue(CLI::App& app, Console& console, Work& work) {
    CLI::App* queue = app.add_subcommand("queue", "The queue of generations and analyses, the window's too");
    queue->require_subcommand(1);
    auto options = std::make_shared<QueueOptions>();
    const auto verb = [&](const char* name, const char* description,
                          int (*does)(const QueueOptions&, const Console&)) {
        return addStoreVerb(*queue, name, description, does, options, console, work);
    };
    const auto items = [&](CLI::App* command) {
        command->add_option("ITEM", options->items, "Items, by the number that list gives")->required();
        return command;
    };
    verb("list", "One line an item, in the order in which they are run", listQueue);

    CLI::App* add =
        verb("add", "Add a generation for each schedule and seed; options as of generate", addToQueue);
    options->addTo(*add);
    for (const char* other : {"--schedule", "--threads", "--no-timing"}) // several of them; of running
        add->remove_option(add->get_option(other));
    add->add_option("--schedule", options->schedules, "As of generate; once for each")
        ->allow_extra_args(false)
        ->type_name("S");
    add->add_option("--seeds", options->seeds,
                    "Several seeds, as 1-8 or 1,5,9; equal seeds mean common random numbers")
        ->excludes(add->get_option("--seed"));

    CLI::App* run = verb("run", "Run what waits, one after the other, until the queue is empty", runQueue);
    options->evaluator.addTo(*run);
    run->add_option("--threads", options->threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    run->footer(
        "Ctrl+C stops within one network call: the item waits again, and goes on from its finished "
        "samples, an\nanalysis from what the store has of it.\nAn item that fails is marked and does not "
        "hold up the others; the exit code is then 1.");

    CLI::App* move = items(verb("move", "Run items earlier or later", moveItems));
    move->add_option("--before", options->before, "Before this item")->check(CLI::PositiveNumber);
    move->add_flag("--first", options->first, "Before all others");
    move->add_flag("--last", options->last, "Behind all others");
    items(verb("remove", "Take items out of the queue; what they have finished stays among the runs",
               removeItems));
    verb("clear", "Take out all that is not running", clearQueue)
        ->add_flag("--failed", options->failed, "Only those that failed");
}

} // namespace steploom::cli
