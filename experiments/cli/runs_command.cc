// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/run_comparison.h"
#include "engine/core/file_beside.h"
#include "engine/reports/repeat_command.h"
#include "engine/runs/player_page.h"
#include "engine/runs/run_facts.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/bundle_verbs.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/list_verb.h"
#include "experiments/cli/mark_verbs.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/stored_runs.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom::cli {

namespace {

struct RunsOptions {
    std::string store;
    std::int64_t id = 0;
    int threads = 0;
    std::vector<std::int64_t> ids;
    std::string evaluator;
    int sample = 0;
    std::string out;
};

int showRun(const RunsOptions& options, const Console& console) {
    const RunStore store = openStoredRuns(options.store);
    const Run run = store.load(options.id);
    const RunSummary& summary = run.summary;
    const std::vector<std::int64_t> branches = store.branchesOf(options.id);
    if (console.json) {
        nlohmann::json json = summaryJson(summary);
        json["request"] = summary.request;
        json["provenance"] = provenanceJson(run);
        json["command"] = commandOf(summary);
        json["branches"] = branches;
        json["samples"] = nlohmann::json::array();
        for (const RunSample& sample : run.samples)
            json["samples"].push_back(sampleJson(sample));
        console.printJson(json);
        return kDone;
    }
    std::string text =
        fmt::format("run {}, {}, started {}\n{}  {}\n", summary.id, runStateName(summary.state),
                    summary.started, scheduleTitle(summary.request), printSchedule(summary.request.schedule));
    text += writingText(run) + "\n" + costText(summary.cost) + measuredText(summary);
    text += parentText(summary.request);
    if (!branches.empty())
        text += fmt::format("branches: run {}\n", fmt::join(branches, ", "));
    text += membersText(run);
    text += fmt::format("made by Steploom {} with oneDNN {} on {}, {} threads\n", run.provenance.version,
                        run.provenance.onednn, run.provenance.processor, run.provenance.threads);
    text += "again: " + commandOf(summary) + "\n\n";
    for (const RunSample& sample : run.samples)
        text += fmt::format("── sample {} ──\n{}\n\n", sample.trace.index, sample.text);
    console.print(text);
    return kDone;
}

int writePlayer(const RunsOptions& options, const Console& console) {
    const Run run = openStoredRuns(options.store).load(options.id);
    const auto sample = std::ranges::find(run.samples, options.sample,
                                          [](const RunSample& each) { return each.trace.index; });
    if (sample == run.samples.end())
        throw Error(ErrorKind::Request, {"cannot write the player", fmt::format("sample {}", options.sample),
                                         fmt::format("run {} holds {} finished samples, not this one",
                                                     options.id, run.samples.size()),
                                         "See which there are: steploom-cli runs show ID"});
    const GenerationRequest& request = run.summary.request;
    if (request.pool.empty())
        throw Error(ErrorKind::Pool,
                    {"cannot write the player", fmt::format("run {}", options.id),
                     "it names no checkpoint to take a tokenizer from", "Choose another run"});
    const auto tokenizer =
        Tokenizer::load(request.tokenizer.empty() ? request.pool.front().path : request.tokenizer);
    FileBeside file(options.out, "cannot write the player");
    file.write(playerPage(run.summary, *sample, *tokenizer));
    file.moveIntoPlace();
    if (console.json)
        console.printJson({{"file", options.out}});
    else
        console.print(fmt::format("wrote {}\n", options.out));
    return kDone;
}

class RerunWatcher : public GenerationObserver {
public:
    void started(const PlannedWork& work) override { m_total = static_cast<double>(work.totalCalls); }
    void stepped(const StepEvent&) override {
        m_done += 1;
        m_bar.advance(m_total > 0 ? m_done / m_total : 0);
    }

private:
    ProgressBar m_bar{"generating"};
    double m_total = 0;
    double m_done = 0;
};

int rerun(const RunsOptions& options, const Console& console) {
    const Interruption interruption;
    const Run stored = openStoredRuns(options.store).load(options.id);
    if (stored.samples.empty()) {
        throw Error(ErrorKind::Store, {.what = "cannot compare run " + std::to_string(options.id),
                                       .where = options.store,
                                       .why = "it holds no finished sample",
                                       .remedy = "Choose a run that has some: steploom-cli runs list"});
    }
    ComputeContext context(options.threads);
    // The members carry the SHA-256 they had: a checkpoint that changed since is refused here.
    ModelPool pool = ModelPool::load(stored.summary.request.pool, stored.summary.request.tokenizer, context);
    RerunResult result;
    {
        RerunWatcher watcher;
        result = rerunAndCompare(stored, pool, watcher, interruption.token());
    }
    if (console.json) {
        nlohmann::json json = {{"identical", result.identical},
                               {"first_difference", nullptr},
                               {"compared", result.compared},
                               {"stopped", interruption.requested()}};
        if (!result.firstDifference.empty())
            json["first_difference"] = result.firstDifference;
        console.printJson(json);
    } else {
        console.print(result.identical ? fmt::format("identical: {} samples, bit for bit\n", result.compared)
                                       : fmt::format("different: {}\n", result.firstDifference));
    }
    if (interruption.requested()) {
        console.note(
            fmt::format("stopped: {} of {} samples compared", result.compared, stored.samples.size()));
        return kFailed;
    }
    return result.identical ? kDone : kFailed;
}

/// The evaluator named, or else the one that judged the first run.
Evaluator evaluatorFor(const RunsOptions& options, const RunSummary& first, ComputeContext& context) {
    if (!options.evaluator.empty())
        return Evaluator::load(options.evaluator, Precision::F32, context);
    const Measure* judged = first.measure("generative_perplexity");
    if (!judged || !judged->settings.contains("evaluator_path"))
        throw Error(ErrorKind::Request, {"cannot compare the runs", fmt::format("run {}", first.id),
                                         "no evaluator has judged it", "Name one: --evaluator PATH"});
    const nlohmann::json& settings = judged->settings;
    Evaluator evaluator =
        Evaluator::load(settings["evaluator_path"].get<std::string>(),
                        parsePrecision(settings.value("evaluator_precision", std::string("f32"))), context);
    if (evaluator.sha256() != settings.value("evaluator_sha256", std::string()))
        throw Error(ErrorKind::File,
                    {"cannot compare the runs", evaluator.path(),
                     fmt::format("it is not the evaluator that judged run {} any more", first.id),
                     "Restore it, or name another: --evaluator PATH"});
    return evaluator;
}

int compare(const RunsOptions& options, const Console& console) {
    const Interruption interruption;
    RunStore store = openStoredRuns(options.store);
    std::vector<Run> runs;
    for (const std::int64_t id : options.ids)
        runs.push_back(store.load(id));
    ComputeContext context(options.threads);
    const Evaluator evaluator = evaluatorFor(options, runs.front().summary, context);
    std::vector<std::vector<Evaluator::TextScore>> scores;
    for (const Run& run : runs) {
        std::vector<std::string> texts;
        for (const RunSample& sample : run.samples)
            texts.push_back(sample.text);
        ProgressBar bar(fmt::format("judging run {}", run.summary.id));
        scores.push_back(evaluator.score(
            texts, [&](double share) { bar.advance(share); }, interruption.token()));
        if (scores.back().size() < texts.size()) {
            console.note("stopped");
            return kFailed;
        }
    }
    Table table("rlrrrrr",
                {"id", "schedule", "saved", "nats a token", "perplexity ratio", "entropy", "pairs"});
    nlohmann::json list = nlohmann::json::array();
    for (std::size_t i = 1; i < runs.size(); ++i) {
        const RunSummary& summary = runs[i].summary;
        const RunComparison found = compareRuns(runs.front(), scores.front(), runs[i], scores[i]);
        const Estimate& ratio = found.perplexityRatio;
        table.add({std::to_string(summary.id), shortened(scheduleTitle(summary.request), 32),
                   shareText(summary.cost.executedSaving), estimateText(found.natsPerToken),
                   fmt::format("{} ({} to {})", numberText(ratio.value), numberText(ratio.low),
                               numberText(ratio.high)),
                   estimateText(found.entropy), std::to_string(found.natsPerToken.n)});
        list.push_back({{"id", summary.id},
                        {"schedule", printSchedule(summary.request.schedule)},
                        {"nats_per_token", estimateJson(found.natsPerToken)},
                        {"perplexity_ratio", estimateJson(ratio)},
                        {"entropy", estimateJson(found.entropy)}});
    }
    if (console.json)
        console.printJson({{"baseline", runs.front().summary.id},
                           {"evaluator", evaluator.name()},
                           {"evaluator_sha256", evaluator.sha256()},
                           {"runs", std::move(list)}});
    else
        console.print(fmt::format("run − run {} ({}), sample by sample, under {}; 95% intervals\n{}",
                                  runs.front().summary.id, scheduleTitle(runs.front().summary.request),
                                  evaluator.name(), table.text()));
    return kDone;
}

} // namespace

void addRuns(CLI::App& app, Console& console, Work& work) {
    CLI::App* runs = app.add_subcommand("runs", "The runs that were kept");
    runs->require_subcommand(1);
    auto options = std::make_shared<RunsOptions>();
    addListVerb(*runs, console, work);
    CLI::App* show = addStoreVerb(*runs, "show", "All of a run: cost, measures, provenance, texts", showRun,
                                  options, console, work);
    show->add_option("ID", options->id, "Number of the run")->required();
    CLI::App* again =
        addStoreVerb(*runs, "rerun", "Generate a run again and compare it bit for bit with what is stored",
                     rerun, options, console, work);
    again->add_option("ID", options->id, "Number of the run")->required();
    again->add_option("--threads", options->threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024));
    again->footer("Exit code 1 when a sample differs.");
    CLI::App* comparison = addStoreVerb(
        *runs, "compare", "Paired differences of runs from the first one: likelihood, perplexity, entropy",
        compare, options, console, work);
    comparison->add_option("ID", options->ids, "Numbers of the runs; the first is the baseline")
        ->required()
        ->expected(2, 1000);
    comparison->add_option("--evaluator", options->evaluator,
                           "Causal checkpoint that judges; default: the one that judged the first run");
    comparison->footer("The runs share seed, length, prompt and template: differences are between samples of "
                       "the same random numbers.");
    CLI::App* player =
        addStoreVerb(*runs, "player", "A web page of its own that plays how a sample came to be", writePlayer,
                     options, console, work);
    player->add_option("ID", options->id, "Number of the run")->required();
    player->add_option("--sample", options->sample, "Sample of the run, from 0")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    player->add_option("--out", options->out, "File to write")->required()->type_name("FILE");
    addMarkVerbs(*runs, console, work);
    addBundleVerbs(*runs, console, work);
}

} // namespace steploom::cli
