// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/autoencoder_analysis.h"
#include "engine/analyses/autoencoder_checkpoint.h"
#include "engine/analyses/causal_checkpoint.h"
#include "engine/analyses/run_measures.h"
#include "engine/core/thread_pool.h"
#include "engine/runs/run_facts.h"
#include "engine/runs/run_store.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/pool_options.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/stored_runs.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace steploom::cli {

namespace {

struct EvaluateOptions {
    std::vector<std::int64_t> runs;
    std::string store, text, causal, autoencoder, evaluator;
    int chunks = AutoencoderSettings{}.chunks;
    PoolOptions pool;
    std::vector<std::string> measures; ///< empty: all that can be had
    WantedMeasures wanted;             ///< but for what `measures` says
};

/// What one model, schedule or run was found to be.
struct Evaluated {
    nlohmann::json subject; ///< {"run": 3} or {"schedule": …}
    std::string title;
    Measured measured;
    std::vector<std::string> notes = {}; ///< on how it was measured
};

class Evaluating {
public:
    explicit Evaluating(const EvaluateOptions& options)
        : m_options(options), m_wanted(options.wanted), m_context(options.pool.threads) {
        if (!options.text.empty())
            m_text = readStudyText(options.text);
        const auto wants = [&](const char* name, bool possible) {
            return options.measures.empty() ? possible : std::ranges::count(options.measures, name) > 0;
        };
        m_wanted.diversity = wants("diversity", true);
        m_wanted.perplexity = wants("genppl", !options.evaluator.empty());
        m_wanted.brierLm = wants("brierlm", m_text.has_value());
        m_wanted.nelbo = wants("nelbo", m_text.has_value());
        m_nelboIsAsked = m_wanted.nelbo && !options.measures.empty();
    }

    Evaluated run(const Run& run, RunStore& store) {
        MeasuringMeans means = meansWith(&store);
        // The members carry the SHA-256 they had: a checkpoint that changed since is refused when it is
        // loaded.
        std::optional<ModelPool> pool;
        means.pool = [&]() -> const ModelPool& {
            if (!pool)
                pool = ModelPool::load(run.summary.request.pool, run.summary.request.tokenizer, m_context);
            return *pool;
        };
        if (!run.provenance.members.empty())
            leaveOut(run.provenance.members.front().kind);
        Evaluated evaluated{.subject = {{"run", run.summary.id}},
                            .title =
                                fmt::format("run {}, {}", run.summary.id, scheduleTitle(run.summary.request)),
                            .measured = measured([&](const MeasuringProgress& progress) {
                                return measureRun(run, m_wanted, means, progress, m_interruption.token());
                            })};
        addNotes(evaluated);
        return evaluated;
    }

    Evaluated schedule(GenerationRequest request, RunStore* store) {
        ModelPool pool = ModelPool::load(request.pool, request.tokenizer, m_context);
        leaveOut(pool.kind());
        if (pool.kind() == GenerationKind::MaskedDiffusion)
            request.batch = requestedBatch(request, pool, m_interruption.token());
        MeasuringMeans means = meansWith(store);
        means.pool = [&]() -> const ModelPool& { return pool; };
        return {.subject = {{"schedule", printSchedule(request.schedule)}},
                .title = scheduleTitle(request),
                .measured = measured([&](const MeasuringProgress& progress) {
                    return measureOnText(request, m_wanted, means, progress, m_interruption.token());
                })};
    }

    Evaluated causal(RunStore* store) {
        const std::string path = absolutePath(m_options.causal);
        const CausalCheckpoint checkpoint = openCausalCheckpoint(path, m_context, m_options.pool.tokenizer);
        return {.subject = {{"causal", path}},
                .title = checkpoint.name,
                .measured = measured([&](const MeasuringProgress& progress) {
                    return measureCausal(
                        checkpoint, *m_text,
                        {.windows = m_wanted.windows,
                         .context = m_wanted.context,
                         .draws = m_wanted.draws,
                         .seed = m_wanted.seed,
                         .again = m_wanted.again},
                        store, &m_context.threads(), [&](double share) { progress("BrierLM", share); },
                        m_interruption.token());
                })};
    }

    /// How well a CALM autoencoder rebuilds the text.
    Evaluated autoencoder() {
        const std::string path = absolutePath(m_options.autoencoder);
        const AutoencoderCheckpoint checkpoint = openAutoencoder(path, m_options.pool.tokenizer);
        const auto tokenizer = checkpoint.loadTokenizer();
        CalmAutoencoder model = checkpoint.load(m_context);
        const AutoencoderSettings settings{.chunks = m_options.chunks, .seed = m_wanted.seed};
        AutoencoderQuality quality;
        Evaluated evaluated{
            .subject = {{"autoencoder", path}},
            .title = checkpoint.name,
            .measured = measured([&](const MeasuringProgress& progress) {
                quality = measureAutoencoder(
                    model, tokenizer->encode(m_text->content), settings,
                    [&](double share) { progress("rebuilding", share); }, m_interruption.token());
                return Measured{.measures =
                                    autoencoderMeasures(quality, {{"text_sha256", m_text->sha256},
                                                                  {"autoencoder_sha256", checkpoint.sha256},
                                                                  {"chunks", settings.chunks},
                                                                  {"seed", settings.seed}}),
                                .known = {},
                                .stopped = quality.stopped};
            })};
        evaluated.subject["quality"] = quality;
        return evaluated;
    }

private:
    /// What a kind of model has no such figure of is measured only when it is asked for, and then refused.
    void leaveOut(GenerationKind kind) {
        m_wanted.nelbo = m_wanted.nelbo && (m_nelboIsAsked || kind == GenerationKind::MaskedDiffusion);
    }

    MeasuringMeans meansWith(RunStore* store) {
        MeasuringMeans means{
            .store = store, .text = m_text ? &*m_text : nullptr, .threads = &m_context.threads()};
        if (!m_options.evaluator.empty())
            means.evaluator = [this]() -> const Evaluator& {
                if (!m_evaluator)
                    m_evaluator =
                        Evaluator::load(absolutePath(m_options.evaluator), Precision::F32, m_context);
                return *m_evaluator;
            };
        return means;
    }

    /// Measures under a bar for each of what is measured.
    template <class Measure>
    Measured measured(const Measure& measure) const {
        std::optional<ProgressBar> bar;
        std::string shown;
        return measure([&](const char* what, double share) {
            if (shown != what)
                bar.emplace(fmt::format("{:<10}", shown = what));
            bar->advance(share);
        });
    }

    static void addNotes(Evaluated& evaluated) {
        const Measure* perplexity = evaluated.measured.measure("generative_perplexity");
        if (perplexity == nullptr)
            return;
        const nlohmann::json& settings = perplexity->settings;
        const std::string evaluator = settings.value("evaluator", "the evaluator");
        if (settings.contains("retokenised") && settings["retokenised"] == true)
            evaluated.notes.push_back(
                fmt::format("the samples are re-tokenised with {}'s own tokenizer", evaluator));
        if (settings.contains("sliding") && settings["sliding"] == true)
            evaluated.notes.push_back(fmt::format(
                "samples are longer than the {} positions that {} sees: a sliding window, stride {}",
                settings["context"].get<int>(), evaluator, settings["stride"].get<int>()));
    }

    const EvaluateOptions& m_options;
    WantedMeasures m_wanted;
    bool m_nelboIsAsked = false; ///< by name
    Interruption m_interruption;
    ComputeContext m_context;
    std::optional<StudyText> m_text;
    std::optional<Evaluator> m_evaluator;
};

std::string evaluatedText(const Evaluated& evaluated) {
    const Measured& measured = evaluated.measured;
    Table table("lrrll", {"measure", "value ± 95%", "n", "unit", ""});
    for (const Measure& measure : measured.measures)
        table.add({measure.name, estimateText(measure.estimate), std::to_string(measure.estimate.n),
                   measure.unit, std::ranges::count(measured.known, measure.name) > 0 ? "known" : ""});
    std::string text = evaluated.title + "\n" + table.text();
    if (measured.measure("brier_1") != nullptr && measured.measure("brier_lm") == nullptr)
        text += "BrierLM is not defined: a mean of the four is not above 0\n";
    for (const std::string& note : evaluated.notes)
        text += note + "\n";
    return text;
}

int evaluate(const EvaluateOptions& options, const Console& console) {
    if (options.runs.empty() && options.text.empty())
        throw Error(ErrorKind::Request,
                    {"cannot evaluate", "--text", "models are measured on a text, and none is given",
                     "Name one: --text FILE"});
    Evaluating evaluating(options);
    std::vector<Evaluated> all;
    if (!options.runs.empty()) {
        RunStore store = openStoredRuns(options.store);
        for (const std::int64_t id : options.runs)
            all.push_back(evaluating.run(store.load(id), store));
    } else {
        std::optional<RunStore> store;
        if (!options.store.empty())
            store.emplace(options.store);
        RunStore* const kept = store ? &*store : nullptr;
        all.push_back(!options.autoencoder.empty() ? evaluating.autoencoder()
                      : options.causal.empty()     ? evaluating.schedule(options.pool.request(), kept)
                                                   : evaluating.causal(kept));
    }
    nlohmann::json list = nlohmann::json::array();
    bool stopped = false;
    for (const Evaluated& evaluated : all) {
        stopped = stopped || evaluated.measured.stopped;
        nlohmann::json json = evaluated.subject;
        json["measures"] = measuresJson(evaluated.measured.measures);
        json["known"] = evaluated.measured.known;
        json["notes"] = evaluated.notes;
        list.push_back(std::move(json));
        if (!console.json)
            console.print(evaluatedText(evaluated) + (&evaluated == &all.back() ? "" : "\n"));
    }
    if (console.json)
        console.printJson({{"evaluated", std::move(list)}, {"stopped", stopped}});
    if (stopped)
        console.note("stopped: what was being measured is not kept");
    return stopped ? kFailed : kDone;
}

} // namespace

void addEvaluate(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "evaluate",
        "Measures of stored runs, kept with them, or of models on a text: BrierLM, NELBO, generative "
        "perplexity with entropy, diversity");
    auto options = std::make_shared<EvaluateOptions>();
    options->pool.addTo(*command);
    for (const char* own : {"--model", "--schedule"})
        command->get_option(own)->required(false);
    auto* runs = command->add_option("--run", options->runs, "Stored runs, by number")->type_name("ID");
    command
        ->add_option(
            "--store", options->store,
            "File of runs that keeps what is measured; of runs the default is the window's, models on a text "
            "are kept when it is named")
        ->type_name("FILE");
    command
        ->add_option("--text", options->text,
                     "UTF-8 text for BrierLM and NELBO, best one that no model knows")
        ->type_name("FILE");
    auto* causal =
        command->add_option("--causal", options->causal, "A causal checkpoint, measured on the text");
    causal->type_name("PATH")->excludes(runs);
    command
        ->add_option("--autoencoder", options->autoencoder,
                     "A CALM autoencoder, or a CALM checkpoint that names one: how well it rebuilds the text")
        ->type_name("PATH")
        ->excludes(runs)
        ->excludes(causal);
    command->add_option("--chunks", options->chunks, "Autoencoder: chunks of the text at most")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--evaluator", options->evaluator, "Causal checkpoint that judges samples: genppl")
        ->type_name("PATH");
    command
        ->add_option("--measures", options->measures,
                     "brierlm, genppl (with entropy), diversity, nelbo; default: all that the rest allows")
        ->delimiter(',')
        ->check(CLI::IsMember({"brierlm", "genppl", "diversity", "nelbo"}));
    command
        ->add_option("--windows", options->wanted.windows, "Windows of the text at most; they do not overlap")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        ->add_option("--context", options->wanted.context,
                     "BrierLM: tokens that are given, whole chunks of CALM; default: half the canvas")
        ->check(CLI::PositiveNumber);
    command->add_flag("--teacher-forced", options->wanted.teacherForced,
                      "BrierLM of CALM: every chunk of whole windows of the canvas's length, from the true "
                      "ones before it");
    command->add_option("--draws", options->wanted.draws, "BrierLM: continuations of each window")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--seed", options->wanted.seed, "Seed of masks and draws")->capture_default_str();
    command->add_flag("--again", options->wanted.again,
                      "Measure again what the store knows under the same settings");
    command->add_flag("--json", console.json, "Print JSON");
    command->callback([options, command, &console, &work] {
        options->pool.store = options->store;
        if (options->runs.empty() && options->causal.empty() && options->autoencoder.empty())
            if (command->count("--model") == 0)
                throw CLI::RequiredError("--run, --causal, --autoencoder, or --model");
        work = [options, &console] { return evaluate(*options, console); };
    });
}

} // namespace steploom::cli
