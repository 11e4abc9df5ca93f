// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/read_file.h"
#include "engine/core/sha256.h"
#include "engine/core/thread_pool.h"
#include "engine/measures/brier_models.h"
#include "engine/measures/diversity.h"
#include "engine/measures/generative_perplexity.h"
#include "engine/measures/negative_elbo.h"
#include "engine/models/registry.h"
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
#include <chrono>
#include <optional>

namespace steploom::cli {

namespace {

struct EvaluateOptions {
    std::vector<std::int64_t> runs;
    std::string store, text, causal, evaluator;
    PoolOptions pool;
    std::vector<std::string> measures; ///< empty: all that can be had
    int windows = 256;
    int context = 0; ///< 0: half the canvas
    int draws = 4;
    std::uint64_t seed = 1;
    bool again = false;
};

[[noreturn]] void refuse(const std::string& where, const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::Request, {"cannot evaluate", where, why, remedy});
}

/// What one model, schedule or run was found to be.
struct Evaluated {
    nlohmann::json subject; ///< {"run": 3} or {"schedule": …}
    std::string title;
    std::vector<Measure> measures;
    std::vector<std::string> known; ///< of them, those that the store already had
    bool stopped = false;
};

class Evaluating {
public:
    explicit Evaluating(const EvaluateOptions& options)
        : m_options(options), m_context(options.pool.threads) {
        if (!options.text.empty()) {
            m_text = readFile(options.text, ErrorKind::File, "cannot read the text");
            Sha256 digest;
            digest.add(m_text);
            m_textHash = digest.hex();
        }
    }

    Evaluated run(const Run& run);
    Evaluated schedule(GenerationRequest request);
    Evaluated causal();
    bool stopped() const { return m_interruption.requested(); }

private:
    bool wants(const std::string& name) const {
        return m_options.measures.empty() || std::ranges::count(m_options.measures, name) > 0;
    }
    bool insistsOn(const std::string& name) const { return std::ranges::count(m_options.measures, name) > 0; }
    void requireText(const std::string& measure) const {
        if (m_text.empty())
            refuse(measure, "it is measured on a text, and none is given", "Name one: --text FILE");
    }
    /// Adds a measure's figures unless the run has them under the same settings.
    template <class Compute>
    void add(Evaluated& evaluated, const std::vector<Measure>& known, const nlohmann::json& key,
             std::initializer_list<const char*> names, const Compute& compute);
    void addTextMeasures(Evaluated& evaluated, const GenerationRequest& request, const ModelPool& pool,
                         const std::vector<Measure>& known);
    nlohmann::json brierSettings(int context, int windows) const {
        return {{"text_sha256", m_textHash},
                {"context", context},
                {"windows", windows},
                {"seed", m_options.seed}};
    }

    const EvaluateOptions& m_options;
    Interruption m_interruption;
    ComputeContext m_context;
    std::string m_text, m_textHash;
    std::optional<Evaluator> m_evaluator;
};

/// Whether every one of these measures was made with the settings of `key`, whatever else they note.
bool isKnown(const std::vector<Measure>& measures, std::initializer_list<const char*> names,
             const nlohmann::json& key) {
    return std::ranges::all_of(names, [&](const char* name) {
        const auto measure = std::ranges::find(measures, name, &Measure::name);
        if (measure == measures.end())
            return false;
        return std::ranges::all_of(key.items(), [&](const auto& item) {
            return measure->settings.contains(item.key()) && measure->settings[item.key()] == item.value();
        });
    });
}

template <class Compute>
void Evaluating::add(Evaluated& evaluated, const std::vector<Measure>& known, const nlohmann::json& key,
                     std::initializer_list<const char*> names, const Compute& compute) {
    if (!m_options.again && names.size() > 0 && isKnown(known, names, key)) {
        for (const char* name : names) {
            evaluated.measures.push_back(*std::ranges::find(known, name, &Measure::name));
            evaluated.known.emplace_back(name);
        }
        return;
    }
    if (m_interruption.requested()) {
        evaluated.stopped = true;
        return;
    }
    const auto begin = std::chrono::steady_clock::now();
    std::vector<Measure> measures = compute();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    // Half a measurement is none: it would stand where the whole one belongs.
    if (m_interruption.requested()) {
        evaluated.stopped = true;
        return;
    }
    for (Measure& measure : measures) {
        measure.settings.update(key);
        measure.seconds = seconds;
        evaluated.measures.push_back(std::move(measure));
    }
}

void Evaluating::addTextMeasures(Evaluated& evaluated, const GenerationRequest& request,
                                 const ModelPool& pool, const std::vector<Measure>& known) {
    if (m_text.empty())
        return;
    const std::vector<std::int32_t> tokens = pool.tokenizer()->encode(m_text);
    if (wants("brierlm")) {
        const int context = m_options.context > 0 ? m_options.context : request.length / 2;
        nlohmann::json key = brierSettings(context, m_options.windows);
        key["canvas"] = request.length;
        key["draws"] = m_options.draws;
        add(evaluated, known, key, {"brier_1", "brier_2", "brier_3", "brier_4"}, [&] {
            GenerationRequest continuing = request;
            continuing.seed = m_options.seed;
            ProgressBar bar("BrierLM   ");
            const BrierWindows windows = brierWindows(tokens, context, m_options.windows);
            const std::vector<BrierScores> scores = brierOfMaskedDiffusion(
                pool, continuing, windows, m_options.draws, [&](double share) { bar.advance(share); },
                m_interruption.token());
            return brierMeasures(
                brierLmOf(scores, m_options.draws, BrierEstimator::Draws, {}, &m_context.threads()), {});
        });
    }
    if (wants("nelbo")) {
        const NelboSettings settings{
            .windows = m_options.windows, .length = request.length, .seed = m_options.seed};
        ProgressBar bar("NELBO     ");
        // The bound is a model's, not a schedule's: one for every member.
        for (auto& [letter, measure] : measureNelbo(
                 pool, tokens, settings, m_context.threads(), [&](double share) { bar.advance(share); },
                 m_interruption.token())) {
            if (m_interruption.requested()) {
                evaluated.stopped = true;
                break;
            }
            measure.name = fmt::format("nelbo_{}", letter);
            measure.settings["text_sha256"] = m_textHash;
            evaluated.measures.push_back(measure);
        }
    }
}

Evaluated Evaluating::run(const Run& run) {
    Evaluated evaluated{.subject = {{"run", run.summary.id}},
                        .title =
                            fmt::format("run {}, {}", run.summary.id, scheduleLabel(run.summary.request))};
    const std::vector<Measure>& known = run.summary.measures;
    std::vector<std::vector<std::int32_t>> tokens;
    std::vector<std::string> texts;
    for (const RunSample& sample : run.samples) {
        tokens.push_back(sample.trace.tokens);
        texts.push_back(sample.text);
    }
    if (texts.empty())
        refuse(fmt::format("run {}", run.summary.id), "it holds no finished sample",
               "Choose a run that has some");
    if (wants("diversity")) {
        const nlohmann::json key = {{"units", "the pool's tokens"}};
        const auto compute = [&] { return diversityMeasures(tokens); };
        if (tokens.size() < 2)
            add(evaluated, known, key, {"distinct_1", "distinct_2", "distinct_3", "repeated_4"}, compute);
        else
            add(evaluated, known, key, {"distinct_1", "distinct_2", "distinct_3", "repeated_4", "self_bleu"},
                compute);
    }
    if (wants("genppl") && (!m_options.evaluator.empty() || insistsOn("genppl"))) {
        if (m_options.evaluator.empty())
            refuse("genppl", "no evaluator is given", "Name one: --evaluator PATH");
        if (!m_evaluator)
            m_evaluator = Evaluator::load(absolutePath(m_options.evaluator), Precision::F32, m_context);
        add(evaluated, known, {{"evaluator_sha256", m_evaluator->sha256()}},
            {"generative_perplexity", "entropy"}, [&] {
                ProgressBar bar("perplexity");
                const auto scores = m_evaluator->score(
                    texts, [&](double share) { bar.advance(share); }, m_interruption.token());
                return std::vector<Measure>{generativePerplexity(scores, *m_evaluator),
                                            unigramEntropy(tokens)};
            });
    }
    for (const char* measure : {"brierlm", "nelbo"})
        if (insistsOn(measure))
            requireText(measure);
    if (!m_text.empty() && (wants("brierlm") || wants("nelbo"))) {
        // The members carry the SHA-256 they had: a checkpoint that changed since is refused here.
        const ModelPool pool =
            ModelPool::load(run.summary.request.pool, run.summary.request.tokenizer, m_context);
        addTextMeasures(evaluated, run.summary.request, pool, known);
    }
    return evaluated;
}

Evaluated Evaluating::schedule(GenerationRequest request) {
    ModelPool pool = ModelPool::load(request.pool, request.tokenizer, m_context);
    request.batch = requestedBatch(request, pool, m_interruption.token());
    Evaluated evaluated{.subject = {{"schedule", printSchedule(request.schedule)}},
                        .title = scheduleLabel(request)};
    addTextMeasures(evaluated, request, pool, {});
    return evaluated;
}

Evaluated Evaluating::causal() {
    const Checkpoint checkpoint = Checkpoint::open(absolutePath(m_options.causal));
    const auto tokenizer =
        Tokenizer::load(m_options.pool.tokenizer.empty() ? checkpoint.folder()
                                                         : std::filesystem::path(m_options.pool.tokenizer));
    const auto model = loadCausalModel(checkpoint, Precision::F32, m_context);
    Evaluated evaluated{.subject = {{"causal", checkpoint.folder().string()}},
                        .title = checkpoint.folder().filename().string()};
    const int context = m_options.context > 0 ? m_options.context : model->facts().length / 2;
    nlohmann::json key = brierSettings(context, m_options.windows);
    key["model_sha256"] = checkpoint.sha256();
    add(evaluated, {}, key, {}, [&] {
        ProgressBar bar("BrierLM   ");
        const BrierWindows windows = brierWindows(tokenizer->encode(m_text), context, m_options.windows);
        const std::vector<BrierScores> scores = brierOfCausal(
            *model, std::min(tokenizer->size(), model->facts().vocabulary), windows, m_options.draws,
            m_options.seed, [&](double share) { bar.advance(share); }, m_interruption.token());
        return brierMeasures(
            brierLmOf(scores, m_options.draws, BrierEstimator::Probabilities, {}, &m_context.threads()), {});
    });
    return evaluated;
}

std::string evaluatedText(const Evaluated& evaluated) {
    Table table("lrrll", {"measure", "value ± 95%", "n", "unit", ""});
    for (const Measure& measure : evaluated.measures)
        table.add({measure.name, estimateText(measure.estimate), std::to_string(measure.estimate.n),
                   measure.unit, std::ranges::count(evaluated.known, measure.name) > 0 ? "known" : ""});
    std::string text = evaluated.title + "\n" + table.text();
    const auto has = [&](const char* name) {
        return std::ranges::count(evaluated.measures, name, &Measure::name) > 0;
    };
    if (has("brier_1") && !has("brier_lm"))
        text += "BrierLM is not defined: a mean of the four is not above 0\n";
    return text;
}

int evaluate(const EvaluateOptions& options, const Console& console) {
    Evaluating evaluating(options);
    std::vector<Evaluated> all;
    if (!options.runs.empty()) {
        RunStore store = openStoredRuns(options.store);
        for (const std::int64_t id : options.runs) {
            all.push_back(evaluating.run(store.load(id)));
            for (const Measure& measure : all.back().measures)
                if (std::ranges::count(all.back().known, measure.name) == 0)
                    store.addMeasure(id, measure);
        }
    } else {
        if (options.text.empty())
            refuse("--text", "models are measured on a text, and none is given", "Name one: --text FILE");
        all.push_back(options.causal.empty() ? evaluating.schedule(options.pool.request())
                                             : evaluating.causal());
    }
    nlohmann::json list = nlohmann::json::array();
    bool stopped = false;
    for (const Evaluated& evaluated : all) {
        stopped = stopped || evaluated.stopped;
        nlohmann::json json = evaluated.subject;
        json["measures"] = measuresJson(evaluated.measures);
        json["known"] = evaluated.known;
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
    command->add_option("--store", options->store, "File of runs; default: the one of the window")
        ->type_name("FILE");
    command
        ->add_option("--text", options->text,
                     "UTF-8 text for BrierLM and NELBO, best one that no model knows")
        ->type_name("FILE");
    auto* causal =
        command->add_option("--causal", options->causal, "A causal checkpoint, measured on the text");
    causal->type_name("PATH")->excludes(runs);
    command->add_option("--evaluator", options->evaluator, "Causal checkpoint that judges samples: genppl")
        ->type_name("PATH");
    command
        ->add_option("--measures", options->measures,
                     "brierlm, genppl (with entropy), diversity, nelbo; default: all that the rest allows")
        ->delimiter(',')
        ->check(CLI::IsMember({"brierlm", "genppl", "diversity", "nelbo"}));
    command->add_option("--windows", options->windows, "Windows of the text at most; they do not overlap")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        ->add_option("--context", options->context,
                     "BrierLM: tokens that are given; default: half the canvas")
        ->check(CLI::PositiveNumber);
    command->add_option("--draws", options->draws, "BrierLM: continuations of each window")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--seed", options->seed, "Seed of masks and draws")->capture_default_str();
    command->add_flag("--again", options->again,
                      "Measure again what the store knows under the same settings");
    command->add_flag("--json", console.json, "Print JSON");
    command->callback([options, command, &console, &work] {
        options->pool.store = options->store;
        if (options->runs.empty() && options->causal.empty())
            for (const char* own : {"--model", "--schedule"})
                if (command->count(own) == 0)
                    throw CLI::RequiredError(std::string("--run, --causal, or ") + own);
        work = [options, &console] { return evaluate(*options, console); };
    });
}

} // namespace steploom::cli
