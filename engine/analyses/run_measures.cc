// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/run_measures.h"

#include "engine/analyses/analysis_settings.h"
#include "engine/analyses/text_brier.h"
#include "engine/core/error.h"
#include "engine/measures/brier_calm.h"
#include "engine/measures/diversity.h"
#include "engine/measures/negative_elbo.h"
#include "engine/runs/run_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace steploom {

namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::Request, {"cannot evaluate", where, why, remedy});
}

/// Whether the evaluator reads other tokens than the pool writes; null when the pool's tokenizer is gone.
nlohmann::json isRetokenised(const GenerationRequest& request, const Evaluator& evaluator) {
    std::vector<std::filesystem::path> places;
    if (!request.tokenizer.empty())
        places.emplace_back(request.tokenizer);
    for (const PoolMemberSpec& member : request.pool)
        if (Tokenizer::isPresentIn(member.path))
            places.emplace_back(member.path);
    if (places.empty())
        return nullptr;
    try {
        return Tokenizer::load(places.front())->fingerprint() != evaluator.tokenizer().fingerprint();
    } catch (const Error&) {
        return nullptr; // the figure does not depend on it
    }
}

class Measuring {
public:
    Measuring(const WantedMeasures& wanted, const MeasuringMeans& means, const MeasuringProgress& progress,
              const std::stop_token& stop)
        : m_wanted(wanted), m_means(means), m_progress(progress), m_stop(stop),
          m_known(means.store, wanted.again, stop) {}

    Measured run(const Run& run);
    Measured onText(const GenerationRequest& request);

private:
    Progress progressOf(const char* what) const {
        return [this, what](double share) {
            if (m_progress)
                m_progress(what, share);
        };
    }
    void addDiversity(const Run& run);
    void addPerplexity(const Run& run);
    void requireText() const {
        if ((m_wanted.brierLm || m_wanted.nelbo) && m_means.text == nullptr)
            refuse(m_wanted.brierLm ? "brierlm" : "nelbo", "it is measured on a text, and none is given",
                   "Name one: --text FILE");
    }

    /// `facts`: of a member of the pool.
    nlohmann::json brierKey(const GenerationRequest& request, const ModelFacts& facts) const {
        nlohmann::json key = {{"text_sha256", m_means.text->sha256},
                              {"windows", m_wanted.windows},
                              {"seed", m_wanted.seed},
                              {"canvas", request.length},
                              {"draws", m_wanted.draws}};
        if (m_wanted.teacherForced) {
            if (facts.kind != GenerationKind::Calm)
                refuse("teacher forcing",
                       "only a chunk of CALM is four tokens in one step; other models would be given what "
                       "they are to say",
                       "Measure continuations: leave --teacher-forced away");
            key["teacher_forced"] = true;
        } else {
            key["context"] = m_wanted.context > 0 ? m_wanted.context
                             : facts.kind == GenerationKind::Calm
                                 ? calmContext(request.length / 2, facts.chunk)
                                 : request.length / 2;
        }
        return key;
    }
    void requireLikelihoods(GenerationKind kind) const {
        if (kind == GenerationKind::Calm)
            refuse("nelbo", "CALM is drawn from and states no likelihoods", "Measure BrierLM");
        if (kind == GenerationKind::Autoregressive)
            refuse("nelbo", "an autoregressive model is not masked and needs no bound",
                   "Measure its cross-entropy: evaluate --causal PATH");
    }
    std::vector<Measure> brier(const GenerationRequest& request, const nlohmann::json& key) const;
    nlohmann::json nelboKey(const GenerationRequest& request) const {
        return {{"text_sha256", m_means.text->sha256},
                {"windows", m_wanted.windows},
                {"length", request.length},
                {"seed", m_wanted.seed}};
    }
    std::vector<Measure> nelbo(const GenerationRequest& request) const;

    const WantedMeasures& m_wanted;
    const MeasuringMeans& m_means;
    const MeasuringProgress& m_progress;
    const std::stop_token& m_stop;
    KnownMeasures m_known;
};

void Measuring::addDiversity(const Run& run) {
    std::vector<std::string> names{"distinct_1", "distinct_2", "distinct_3", "repeated_4"};
    if (run.samples.size() > 1)
        names.emplace_back("self_bleu");
    m_known.addOfRun(run.summary,
                     {.key = {{"units", "the pool's tokens"}},
                      .names = std::move(names),
                      .samples = static_cast<int>(run.samples.size())},
                     [&] {
                         std::vector<std::vector<std::int32_t>> tokens;
                         for (const RunSample& sample : run.samples)
                             tokens.push_back(sample.trace.tokens);
                         return diversityMeasures(tokens);
                     });
}

void Measuring::addPerplexity(const Run& run) {
    if (!m_means.evaluator)
        refuse("genppl", "no evaluator is given", "Name one: --evaluator PATH");
    const Evaluator& evaluator = m_means.evaluator();
    const nlohmann::json key = {{"evaluator_sha256", evaluator.sha256()},
                                {"evaluator_precision", precisionName(evaluator.facts().effective)}};
    const int samples = static_cast<int>(run.samples.size());
    m_known.addOfRun(run.summary, {.key = key, .names = {"generative_perplexity"}, .samples = samples}, [&] {
        std::vector<std::string> texts;
        for (const RunSample& sample : run.samples)
            texts.push_back(sample.text);
        const std::vector<TextScore> scores = evaluator.score(texts, progressOf("perplexity"), m_stop);
        if (scores.size() < texts.size())
            return std::vector<Measure>();
        std::vector<RunSample> judged = run.samples;
        for (std::size_t i = 0; i < scores.size(); ++i)
            judged[i].score = scores[i];
        if (m_means.store != nullptr)
            m_means.store->setScores(run.summary.id, judged);
        Measure perplexity = generativePerplexity(scores, evaluator);
        perplexity.settings["retokenised"] = isRetokenised(run.summary.request, evaluator);
        return std::vector<Measure>{std::move(perplexity)};
    });
    // Always beside it: less entropy flatters perplexity.
    m_known.addOfRun(run.summary, {.key = nlohmann::json::object(), .names = {"entropy"}, .samples = samples},
                     [&] {
                         std::vector<std::vector<std::int32_t>> tokens;
                         for (const RunSample& sample : run.samples)
                             tokens.push_back(sample.trace.tokens);
                         return std::vector<Measure>{unigramEntropy(tokens)};
                     });
}

std::vector<Measure> Measuring::brier(const GenerationRequest& request, const nlohmann::json& key) const {
    const ModelPool& pool = m_means.pool();
    GenerationRequest continuing = request;
    continuing.seed = m_wanted.seed;
    const BrierLm brier = m_wanted.teacherForced
                              ? brierOfText(pool, continuing, *m_means.text, m_wanted.windows, m_wanted.draws,
                                            m_means.threads, progressOf("BrierLM"), m_stop)
                              : brierOfContinuations(pool, continuing, *m_means.text, m_wanted.windows,
                                                     key["context"].get<int>(), m_wanted.draws,
                                                     m_means.threads, progressOf("BrierLM"), m_stop);
    return brierMeasures(brier, {});
}

std::vector<Measure> Measuring::nelbo(const GenerationRequest& request) const {
    const ModelPool& pool = m_means.pool();
    const NelboSettings settings{
        .windows = m_wanted.windows, .length = request.length, .seed = m_wanted.seed};
    std::vector<Measure> measures;
    // The bound is a model's, not a schedule's: one for every member.
    for (auto& [letter, measure] : measureNelbo(pool, pool.tokenizer()->encode(m_means.text->content),
                                                settings, *m_means.threads, progressOf("NELBO"), m_stop)) {
        measure.name = fmt::format("nelbo_{}", letter);
        measures.push_back(std::move(measure));
    }
    return measures;
}

Measured Measuring::run(const Run& run) {
    if (run.samples.empty())
        refuse(fmt::format("run {}", run.summary.id), "it holds no finished sample",
               "Choose a run that has some");
    requireText();
    const GenerationRequest& request = run.summary.request;
    if (m_wanted.diversity)
        addDiversity(run);
    if (m_wanted.perplexity)
        addPerplexity(run);
    if (m_wanted.brierLm) {
        const std::vector<ModelFacts>& members = run.provenance.members;
        const nlohmann::json key = brierKey(request, members.empty() ? ModelFacts{} : members.front());
        m_known.addOfRun(
            run.summary,
            {.key = key, .names = {"brier_1", "brier_2", "brier_3", "brier_4"}, .optional = "brier_lm"},
            [&] { return brier(request, key); });
    }
    if (m_wanted.nelbo) {
        if (!run.provenance.members.empty())
            requireLikelihoods(run.provenance.members.front().kind);
        std::vector<std::string> names;
        for (const PoolMemberSpec& member : request.pool)
            names.push_back(fmt::format("nelbo_{}", member.letter));
        m_known.addOfRun(run.summary, {.key = nelboKey(request), .names = std::move(names)},
                         [&] { return nelbo(request); });
    }
    return m_known.take();
}

Measured Measuring::onText(const GenerationRequest& request) {
    requireText();
    const ModelPool& pool = m_means.pool();
    const nlohmann::json models = modelsJson(pool);
    if (m_wanted.nelbo)
        requireLikelihoods(pool.kind());
    if (m_wanted.brierLm) {
        nlohmann::json identity = {{"measure", "brier_lm"}, {"models", models}};
        if (pool.kind() == GenerationKind::Calm)
            identity["autoencoder_sha256"] = pool.members().front().calm().autoencoderSha256();
        nlohmann::json how = request;
        // What the continuations of a text do not depend on.
        for (const char* left :
             {"pool", "tokenizer", "batch", "top_tokens", "samples", "seed", "prompt", "template", "branch"})
            how.erase(left);
        identity["request"] = how;
        const nlohmann::json key = brierKey(request, pool.members().front().model->facts());
        m_known.addOfModels(identity, key, [&] { return brier(request, key); });
    }
    if (m_wanted.nelbo)
        m_known.addOfModels({{"measure", "nelbo"}, {"models", models}}, nelboKey(request),
                            [&] { return nelbo(request); });
    return m_known.take();
}

} // namespace

Measured measureRun(const Run& run, const WantedMeasures& wanted, const MeasuringMeans& means,
                    const MeasuringProgress& progress, const std::stop_token& stop) {
    return Measuring(wanted, means, progress, stop).run(run);
}

Measured measureOnText(const GenerationRequest& request, const WantedMeasures& wanted,
                       const MeasuringMeans& means, const MeasuringProgress& progress,
                       const std::stop_token& stop) {
    return Measuring(wanted, means, progress, stop).onText(request);
}

} // namespace steploom
