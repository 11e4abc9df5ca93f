// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/thread_pool.h"
#include "engine/runs/run_facts.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/branch_options.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/request_options.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/stored_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace steploom::cli {

namespace {

struct GenerateOptions : RequestOptions {
    BranchOptions branch;
    CLI::App* command = nullptr; ///< tells which options were given
    EvaluatorOptions evaluator;
    std::string store;
};

/// Draws the progress, and keeps what is finished in case the run cannot be ended properly.
class Watcher : public RunObserver {
public:
    Watcher(std::shared_ptr<const Tokenizer> tokenizer, const Console& console)
        : m_tokenizer(std::move(tokenizer)), m_console(console) {}

    void started(const PlannedWork& work) override {
        m_total = static_cast<double>(work.totalCalls);
        m_remarks = work.remarks;
        m_padding = work.padding;
        for (const std::string& remark : m_remarks)
            m_console.note(remark);
    }
    void stepped(const StepEvent& event) override {
        m_done += 1;
        m_fellBack += event.fellBack;
        m_generating.advance(m_total > 0 ? m_done / m_total : 0);
    }
    void finished(const SampleTrace& trace) override {
        m_finished.push_back({.trace = trace, .text = textOf(trace, m_padding, *m_tokenizer)});
    }
    void measuring(double share) override {
        m_generating.clear();
        m_measuring.advance(share);
    }

    void clear() {
        m_generating.clear();
        m_measuring.clear();
    }
    const std::vector<std::string>& remarks() const noexcept { return m_remarks; }
    int fellBack() const noexcept { return m_fellBack; } ///< vectors
    std::vector<RunSample> samples() const {
        std::vector<RunSample> ordered = m_finished;
        std::ranges::sort(ordered, {}, [](const RunSample& sample) { return sample.trace.index; });
        return ordered;
    }

private:
    std::shared_ptr<const Tokenizer> m_tokenizer;
    const Console& m_console;
    std::vector<std::string> m_remarks;
    std::vector<std::int32_t> m_padding;
    int m_fellBack = 0;
    ProgressBar m_generating{"generating"};
    ProgressBar m_measuring{"measuring "};
    double m_total = 0;
    double m_done = 0;
    std::vector<RunSample> m_finished;
};

nlohmann::json samplesJson(const std::vector<RunSample>& samples) {
    nlohmann::json json = nlohmann::json::array();
    for (const RunSample& sample : samples)
        json.push_back(sampleJson(sample));
    return json;
}

std::string samplesText(const std::vector<RunSample>& samples) {
    std::string text;
    for (const RunSample& sample : samples)
        text += fmt::format("── sample {} ──\n{}\n\n", sample.trace.index, sample.text);
    return text;
}

/// What a branch takes over from its parent, with what was given beside it.
GenerationRequest branchRequestOf(const GenerateOptions& options, const Run& parent) {
    GenerationRequest request = parent.summary.request;
    const auto given = [&](const char* option) { return options.command->count(option) > 0; };
    request.branch.reset();
    request.prompt.clear();
    request.templateText.clear();
    request.samples = options.samples;
    request.topTokens = given("--top-tokens") ? options.topTokens : request.topTokens;
    request.seed = given("--seed") ? options.seed : request.seed;
    request.topP = given("--top-p") ? options.topP : request.topP;
    request.float32Gumbel = request.float32Gumbel || options.float32Gumbel;
    GenerationRequest drawn;
    options.writeDrawTo(drawn);
    request.temperature = given("--temperature") ? drawn.temperature : request.temperature;
    request.topK = given("--top-k") ? drawn.topK : request.topK;
    request.temperatureMethod =
        given("--temperature-method") ? drawn.temperatureMethod : request.temperatureMethod;
    request.candidates = given("--candidates") ? drawn.candidates : request.candidates;
    request.mostDraws = given("--most-draws") ? drawn.mostDraws : request.mostDraws;
    request.fallBack = request.fallBack || drawn.fallBack;
    request.batch = given("--batch") ? options.pool.batchSize() : request.batch;
    if (options.pool.order.givenTo(*options.command))
        options.pool.order.writeTo(request);
    if (given("--schedule")) {
        std::string letters;
        for (const PoolMemberSpec& member : request.pool)
            letters += member.letter;
        request.schedule = options.pool.scheduleFor(letters, request.schedule.steps());
    }
    return request;
}

void printRun(const Run& run, bool stored, bool stopped, const std::vector<std::string>& remarks,
              const Console& console) {
    const RunSummary& summary = run.summary;
    if (console.json) {
        nlohmann::json json = {{"run_id", nullptr},
                               {"samples", samplesJson(run.samples)},
                               {"cost", measuredCostJson(summary)},
                               {"work", workJson(summary)},
                               {"provenance", provenanceJson(run)},
                               {"measures", measuresJson(summary.measures)},
                               {"schedule", printSchedule(summary.request.schedule)},
                               {"seed", summary.request.seed},
                               {"parent", parentJson(summary.request)},
                               {"stopped", stopped}};
        if (!remarks.empty())
            json["remarks"] = remarks;
        if (stored)
            json["run_id"] = summary.id;
        console.printJson(json);
        return;
    }
    console.print(samplesText(run.samples));
    console.print(scheduleTitle(summary.request) + "\n" + writingText(run) + "\n" + costText(summary.cost) +
                  measuredText(summary) + membersText(run));
    if (stored)
        console.print(fmt::format("kept as run {}\n", summary.id));
}

int generate(const GenerateOptions& options, const Console& console) {
    std::optional<Run> parent;
    if (options.branch.given())
        parent = openStoredRuns(options.store).load(options.branch.run);
    GenerationRequest request = parent ? branchRequestOf(options, *parent) : options.request();
    const Interruption interruption;
    // What can be refused is refused before anything is computed: store, pool, evaluator.
    std::optional<RunStore> store;
    if (!options.store.empty())
        store.emplace(options.store);
    ComputeContext context(options.pool.threads);
    ModelPool pool = ModelPool::load(request.pool, request.tokenizer, context);
    for (std::size_t i = 0; i < request.pool.size(); ++i)
        request.pool[i] = pool.members()[i].spec;
    if (parent)
        request.branch =
            options.branch.canvas(*parent, *pool.tokenizer(), pool.maskToken(), request.schedule.steps());
    (void)planWork(request, pool); // refuses what cannot be run
    const std::optional<Evaluator> evaluator = options.evaluator.load(context);
    if (!options.pool.noTiming)
        pool.calibrate(request.length, requestedBatch(request, pool, interruption.token()));

    Watcher watcher(pool.tokenizer(), console);
    const GenerationMeans means{.pool = &pool,
                                .evaluator = evaluator ? &*evaluator : nullptr,
                                .store = store ? &*store : nullptr,
                                .threads = context.threads().workers()};
    try {
        const Run run = runGeneration(request, means, watcher, interruption.token());
        watcher.clear();
        // The text may be whole and its measuring cut short: then the run is finished, but not what was asked
        // for.
        const bool unmeasured =
            evaluator && interruption.requested() && run.summary.measure("generative_perplexity") == nullptr;
        const bool stopped = run.summary.state == RunState::Stopped || unmeasured;
        if (watcher.fellBack() > 0)
            console.note(fmt::format("{} vectors came to the limit of {} draws and were taken by the batch "
                                     "method over the draws made",
                                     watcher.fellBack(), request.mostDraws));
        printRun(run, store.has_value(), stopped, watcher.remarks(), console);
        if (run.summary.state == RunState::Finished && unmeasured) {
            console.note("stopped while measuring: all samples are finished, their perplexity is not known");
            return kFailed;
        }
        if (stopped) {
            console.note(
                fmt::format("stopped: {} of {} samples finished", run.samples.size(), request.samples));
            return kFailed;
        }
        return kDone;
    } catch (const Error& error) {
        // A store that fails half-way must not take the finished samples with it.
        watcher.clear();
        const std::vector<RunSample> finished = watcher.samples();
        if (!console.json)
            console.print(samplesText(finished));
        return console.fail(error, {{"samples", samplesJson(finished)}});
    }
}

} // namespace

void addGenerate(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "generate", "Text by masked diffusion, by CALM or token by token under a step schedule");
    auto options = std::make_shared<GenerateOptions>();
    options->command = command;
    options->addTo(*command);
    command->get_option("--schedule")->required(false); // CALM's default is one model throughout
    command->get_option("--model")->required(false);    // a branch has them from its parent
    options->evaluator.addTo(*command);
    options->branch.addTo(*command);
    command
        ->add_option("--store", options->store,
                     "Keep the run in this file; without it nothing is kept. Also the library of saved:NAME")
        ->type_name("FILE");
    command->add_flag("--json", console.json, "Print JSON");
    command->footer(
        "Ctrl+C stops within one network call; finished samples are printed (and kept), the exit code is 1.");
    command->callback([options, command, &console, &work] {
        options->pool.store = options->store;
        if (!options->branch.given() && command->count("--model") == 0)
            throw CLI::RequiredError("--model");
        work = [options, &console] { return generate(*options, console); };
    });
}

} // namespace steploom::cli
