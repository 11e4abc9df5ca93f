// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/brier_models.h"

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/models/model.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/sampling/token_draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>

namespace steploom {

namespace {

constexpr auto kOrders = static_cast<std::size_t>(kBrierOrders);

void refuse(const std::string& where, const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::Request, {"cannot measure BrierLM", where, why, remedy});
}

void requireDraws(int draws, int least) {
    if (draws < least)
        refuse("draws", fmt::format("{} of each window is less than {}", draws, least),
               "Draw 4 continuations of each window");
}

/// Keeps the first tokens behind the context of every finished sample.
class Continuations : public GenerationObserver {
public:
    Continuations(int samples, std::size_t context, const Progress& progress)
        : m_tokens(static_cast<std::size_t>(samples) * kOrders, -1),
          m_finished(static_cast<std::size_t>(samples)), m_context(context), m_progress(progress) {}

    void finished(const SampleTrace& sample) override {
        const auto index = static_cast<std::size_t>(sample.index);
        std::copy_n(sample.tokens.begin() + static_cast<std::ptrdiff_t>(m_context), kOrders,
                    m_tokens.begin() + static_cast<std::ptrdiff_t>(index * kOrders));
        m_finished[index] = true;
        ++m_count;
        if (m_progress)
            m_progress(static_cast<double>(m_count) / static_cast<double>(m_finished.size()));
    }
    /// [draws, 4] of a window; empty unless all of them are finished.
    std::span<const std::int32_t> of(std::size_t window, std::size_t draws) const {
        for (std::size_t i = window * draws; i < (window + 1) * draws; ++i)
            if (!m_finished[i])
                return {};
        return std::span(m_tokens).subspan(window * draws * kOrders, draws * kOrders);
    }

private:
    std::vector<std::int32_t> m_tokens; ///< [samples, 4]
    std::vector<bool> m_finished;
    std::size_t m_context;
    const Progress& m_progress;
    std::size_t m_count = 0;
};

/// What Brier-n needs of a distribution that is given by logits.
struct Softmax {
    double top = 0, sum = 0;
    double collision = 0; ///< Σ p²

    double temperature = 1;

    double probability(float logit) const { return std::exp((logit - top) / temperature) / sum; }
};

Softmax softmaxOf(std::span<const float> logits, double temperature) {
    Softmax softmax{.top = *std::ranges::max_element(logits), .temperature = temperature};
    double squares = 0;
    for (const float logit : logits) {
        const double weight = std::exp((logit - softmax.top) / temperature);
        softmax.sum += weight;
        squares += weight * weight;
    }
    softmax.collision = squares / (softmax.sum * softmax.sum);
    return softmax;
}

/// How causal models continue windows.
struct Continuing {
    std::array<CausalModel*, kBrierOrders> models; ///< of each of the four tokens
    int drawable = 0;
    DrawOptions options;
    std::uint64_t seed = 1;
    int draws = 1;
    bool exact() const { return options.topK == 0 && options.topP == 1; }
};

/// The models of a continuation, each with its cache of context and tokens so far.
class Continuation {
public:
    Continuation(const Continuing& how, const BrierWindows& windows) : m_how(how), m_windows(windows) {
        const int longest = windows.context + kBrierOrders - 1;
        for (CausalModel* model : how.models) {
            if (longest > model->facts().length)
                refuse(
                    "context",
                    fmt::format("{} tokens and three that follow are more than the {} positions that the "
                                "model sees",
                                windows.context, model->facts().length),
                    fmt::format("Ask for a context of {} or less", model->facts().length - kBrierOrders + 1));
            if (!m_caches.contains(model))
                m_caches[model] = model->newCache(longest);
        }
        m_first.resize(static_cast<std::size_t>(how.models[0]->facts().vocabulary));
        m_later.resize(m_first.size());
    }
    /// The context is computed once for all continuations.
    void beginWindow(int window) {
        for (auto& [model, cache] : m_caches) {
            cache->clear();
            model->extend(*cache, m_windows.contextOf(window), model == m_how.models[0] ? m_first : m_later);
        }
    }
    void beginSequence() {
        for (auto& [model, cache] : m_caches)
            cache->truncate(m_windows.context);
    }
    /// Of token n, given those before it: [drawable].
    std::span<const float> logits(std::size_t n, std::span<const std::int32_t> before) {
        if (n > 0) {
            CausalModel& model = *m_how.models[n];
            KeyValueCache& cache = *m_caches.at(&model);
            model.extend(cache, before.subspan(static_cast<std::size_t>(cache.length() - m_windows.context)),
                         m_later);
        }
        return std::span<const float>(n == 0 ? m_first : m_later)
            .first(static_cast<std::size_t>(m_how.drawable));
    }

private:
    const Continuing& m_how;
    const BrierWindows& m_windows;
    std::map<CausalModel*, std::unique_ptr<KeyValueCache>> m_caches;
    std::vector<float> m_first, m_later;
};

std::vector<BrierScores> continueCausal(const Continuing& how, const BrierWindows& windows,
                                        const Progress& progress, const std::stop_token& stop) {
    requireDraws(how.draws, how.exact() ? 1 : 2);
    const CounterRandom random(how.seed);
    const auto draws = static_cast<std::size_t>(how.draws);
    Continuation continuation(how, windows);
    TokenDraw tokenDraw;
    std::vector<BrierScores> scores;
    for (int window = 0; window < windows.count() && !stop.stop_requested(); ++window) {
        const auto truth = windows.truthOf(window);
        std::array<double, kBrierOrders> truthProbability{};
        std::vector<double> collisions(draws * kOrders);
        std::vector<std::int32_t> drawn(draws * kOrders);
        continuation.beginWindow(window);
        // Where probabilities are exact, the truth is the last sequence, with tokens known.
        for (std::size_t sequence = 0; sequence < draws + (how.exact() ? 1 : 0); ++sequence) {
            const bool isTruth = sequence == draws;
            continuation.beginSequence();
            double probability = 1; // P(x₁…xₙ) so far
            std::array<std::int32_t, kBrierOrders> tokens{};
            for (std::size_t n = 0; n < kOrders; ++n) {
                const auto logits = continuation.logits(n, std::span(tokens).first(n));
                tokens[n] = truth[n];
                if (!isTruth)
                    tokens[n] = tokenDraw
                                    .draw(logits, how.options,
                                          random.uniform(Purpose::Token,
                                                         static_cast<std::uint32_t>(window * how.draws) +
                                                             static_cast<std::uint32_t>(sequence),
                                                         static_cast<std::uint32_t>(n), 0))
                                    .token;
                if (!how.exact())
                    continue;
                const Softmax softmax = softmaxOf(logits, how.options.temperature);
                if (!isTruth)
                    collisions[sequence * kOrders + n] = probability * softmax.collision;
                probability *= tokens[n] < how.drawable
                                   ? softmax.probability(logits[static_cast<std::size_t>(tokens[n])])
                                   : 0;
                if (isTruth)
                    truthProbability[n] = probability;
            }
            if (!isTruth)
                std::ranges::copy(tokens, drawn.begin() + static_cast<std::ptrdiff_t>(sequence * kOrders));
        }
        scores.push_back(how.exact() ? brierFromProbabilities(truthProbability, collisions)
                                     : brierFromDraws(drawn, truth));
        if (progress)
            progress(static_cast<double>(window + 1) / windows.count());
    }
    return scores;
}

} // namespace

std::vector<BrierScores> brierOfMaskedDiffusion(const ModelPool& pool, GenerationRequest request,
                                                const BrierWindows& windows, int draws,
                                                const Progress& progress, const std::stop_token& stop) {
    requireDraws(draws, 2);
    if (request.length < windows.context + kBrierOrders)
        refuse("canvas",
               fmt::format("it has {} tokens, a context of {} and the four that follow take {}",
                           request.length, windows.context, windows.context + kBrierOrders),
               "Ask for a shorter context or a longer canvas");
    const auto length = static_cast<std::size_t>(request.length);
    std::vector<std::int32_t> canvases; // [windows, L]
    for (int window = 0; window < windows.count(); ++window) {
        const auto context = windows.contextOf(window);
        canvases.insert(canvases.end(), context.begin(), context.end());
        canvases.resize((static_cast<std::size_t>(window) + 1) * length, pool.maskToken());
    }
    request.prompt.clear();
    request.templateText.clear();
    request.topTokens = 0;
    request.samples = windows.count() * draws;

    Continuations continuations(request.samples, static_cast<std::size_t>(windows.context), progress);
    std::array<std::int32_t, kOrders> next{}; // all that counts
    std::iota(next.begin(), next.end(), windows.context);
    MaskedDiffusionGenerator(pool).runFrom(canvases, draws, request, continuations, stop, next);
    std::vector<BrierScores> scores;
    for (int window = 0; window < windows.count(); ++window) {
        const auto drawn =
            continuations.of(static_cast<std::size_t>(window), static_cast<std::size_t>(draws));
        if (drawn.empty())
            break;
        scores.push_back(brierFromDraws(drawn, windows.truthOf(window)));
    }
    return scores;
}

std::vector<BrierScores> brierOfCausal(CausalModel& model, int drawable, const BrierWindows& windows,
                                       int draws, std::uint64_t seed, const Progress& progress,
                                       const std::stop_token& stop) {
    return continueCausal({.models = {&model, &model, &model, &model},
                           .drawable = drawable,
                           .options = {},
                           .seed = seed,
                           .draws = draws},
                          windows, progress, stop);
}

std::vector<BrierScores> brierOfAutoregressive(const ModelPool& pool, const GenerationRequest& request,
                                               const BrierWindows& windows, int draws,
                                               const Progress& progress, const std::stop_token& stop) {
    if (request.schedule.steps() < windows.context + kBrierOrders)
        refuse(
            "the schedule",
            fmt::format("it has {} steps, a token each, and a context of {} and the four that follow take {}",
                        request.schedule.steps(), windows.context, windows.context + kBrierOrders),
            "Ask for a shorter context or a longer schedule");
    Continuing how{.models = {},
                   .drawable = pool.drawableTokens(),
                   .options = {.temperature = request.temperature,
                               .topP = request.topP,
                               .float32Gumbel = request.float32Gumbel,
                               .topK = request.topK},
                   .seed = request.seed,
                   .draws = draws};
    requireLetters(request.schedule, pool.letters());
    for (int n = 0; n < kBrierOrders; ++n) {
        const auto member = static_cast<std::size_t>(pool.indexOf(request.schedule.at(windows.context + n)));
        how.models[static_cast<std::size_t>(n)] = &pool.members()[member].causal();
    }
    return continueCausal(how, windows, progress, stop);
}

BrierEstimator brierEstimatorOf(GenerationKind kind, const GenerationRequest& request) {
    return kind == GenerationKind::Autoregressive && request.topK == 0 && request.topP == 1
               ? BrierEstimator::Probabilities
               : BrierEstimator::Draws;
}

} // namespace steploom
