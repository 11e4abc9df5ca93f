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

    double probability(float logit) const { return std::exp(logit - top) / sum; }
};

Softmax softmaxOf(std::span<const float> logits) {
    Softmax softmax{.top = *std::ranges::max_element(logits)};
    double squares = 0;
    for (const float logit : logits) {
        const double weight = std::exp(logit - softmax.top);
        softmax.sum += weight;
        squares += weight * weight;
    }
    softmax.collision = squares / (softmax.sum * softmax.sum);
    return softmax;
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
    requireDraws(draws, 1);
    const int longest = windows.context + kBrierOrders - 1;
    if (longest > model.facts().length)
        refuse(
            "context",
            fmt::format("{} tokens and three that follow are more than the {} positions that the model sees",
                        windows.context, model.facts().length),
            fmt::format("Ask for a context of {} or less", model.facts().length - kBrierOrders + 1));
    const CounterRandom random(seed);
    const auto sequences = static_cast<std::size_t>(draws) + 1; // the truth is the last, with tokens known
    std::vector<float> first(static_cast<std::size_t>(model.facts().vocabulary)), later(first.size());
    const auto among = static_cast<std::size_t>(drawable);
    TokenDraw tokenDraw;
    const std::unique_ptr<KeyValueCache> cache = model.newCache(longest);

    std::vector<BrierScores> scores;
    for (int window = 0; window < windows.count() && !stop.stop_requested(); ++window) {
        const auto truth = windows.truthOf(window);
        std::array<double, kBrierOrders> truthProbability{};
        std::vector<double> collisions(static_cast<std::size_t>(draws) * kOrders);
        // The context is computed once for all continuations.
        cache->clear();
        model.extend(*cache, windows.contextOf(window), first);
        for (std::size_t sequence = 0; sequence < sequences; ++sequence) {
            const bool isTruth = sequence + 1 == sequences;
            cache->truncate(windows.context);
            double probability = 1; // P(x₁…xₙ) so far
            for (std::size_t n = 0; n < kOrders; ++n) {
                const auto logits = std::span(n == 0 ? first : later).first(among);
                const Softmax softmax = softmaxOf(logits);
                std::int32_t next = truth[n];
                if (!isTruth) {
                    collisions[sequence * kOrders + n] = probability * softmax.collision;
                    next = tokenDraw
                               .draw(logits, {},
                                     random.uniform(Purpose::Token,
                                                    static_cast<std::uint32_t>(window * draws) +
                                                        static_cast<std::uint32_t>(sequence),
                                                    static_cast<std::uint32_t>(n), 0))
                               .token;
                }
                probability *=
                    next < drawable ? softmax.probability(logits[static_cast<std::size_t>(next)]) : 0;
                if (isTruth)
                    truthProbability[n] = probability;
                if (n + 1 < kOrders)
                    model.extend(*cache, std::span(&next, 1), later);
            }
        }
        scores.push_back(brierFromProbabilities(truthProbability, collisions));
        if (progress)
            progress(static_cast<double>(window + 1) / windows.count());
    }
    return scores;
}

} // namespace steploom
