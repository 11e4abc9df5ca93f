// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: K tokens a chunk, l latent size.
#include "engine/measures/autoencoder_quality.h"

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/measures/text_windows.h"
#include "engine/models/calm_autoencoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace steploom {

namespace {

constexpr int kChunksTogether = 256; ///< many rows for the products, and a stop is honoured soon

void requireKnownTokens(std::span<const std::int32_t> text, int vocabulary) {
    const auto unknown = std::ranges::find_if(
        text, [vocabulary](std::int32_t token) { return token < 0 || token >= vocabulary; });
    if (unknown != text.end())
        throw Error(ErrorKind::Text, {"cannot measure the autoencoder", fmt::format("token {}", *unknown),
                                      fmt::format("its vocabulary has {} tokens", vocabulary),
                                      "Use the tokenizer that it was trained with"});
}

/// Two independent standard normal numbers (Box and Muller).
std::pair<double, double> normalPair(const CounterRandom& random, std::uint32_t chunk, std::uint32_t pair) {
    const double radius = std::sqrt(-2 * std::log(random.uniform(Purpose::PosteriorNoise, chunk, pair, 0))),
                 angle = 2 * std::numbers::pi * random.uniform(Purpose::PosteriorNoise, chunk, pair, 1);
    return {radius * std::cos(angle), radius * std::sin(angle)};
}

/// Shares of right tokens by chunk, and whether all of them are.
struct Rebuilt {
    std::vector<double> tokens, chunks;
    void add(std::span<const std::int32_t> truth, std::span<const std::int32_t> found, int k) {
        for (std::size_t chunk = 0; chunk < truth.size(); chunk += static_cast<std::size_t>(k)) {
            int right = 0;
            for (std::size_t i = chunk; i < chunk + static_cast<std::size_t>(k); ++i)
                right += truth[i] == found[i];
            tokens.push_back(static_cast<double>(right) / k);
            chunks.push_back(right == k);
        }
    }
};

} // namespace

AutoencoderQuality measureAutoencoder(CalmAutoencoder& autoencoder, std::span<const std::int32_t> text,
                                      const AutoencoderSettings& settings, const Progress& progress,
                                      const std::stop_token& stop) {
    const int k = autoencoder.facts().chunk;
    const auto l = static_cast<std::size_t>(autoencoder.facts().latent);
    requireKnownTokens(text, autoencoder.facts().vocabulary);
    const std::vector<std::size_t> starts = spreadWindows(text.size(), k, settings.chunks);
    const CounterRandom random(settings.seed);
    Rebuilt fromMean, fromDraw;
    std::vector<double> byDimension(l), byChunk;
    std::vector<std::int32_t> tokens, found;
    std::vector<float> mean, logSigma;
    AutoencoderQuality quality{.stopped = true};
    for (std::size_t begin = 0; begin < starts.size() && !stop.stop_requested();) {
        const std::size_t count = std::min<std::size_t>(kChunksTogether, starts.size() - begin);
        tokens.clear();
        for (std::size_t i = begin; i < begin + count; ++i)
            tokens.insert(tokens.end(), text.begin() + static_cast<std::ptrdiff_t>(starts[i]),
                          text.begin() + static_cast<std::ptrdiff_t>(starts[i]) + k);
        mean.resize(count * l);
        logSigma.resize(count * l);
        found.resize(tokens.size());
        autoencoder.encode(tokens, mean, logSigma);
        autoencoder.decodeTokens(mean, found);
        fromMean.add(tokens, found, k);
        for (std::size_t chunk = 0; chunk < count; ++chunk) {
            double all = 0;
            for (std::size_t i = 0; i < l; ++i) {
                const double m = mean[chunk * l + i], log = logSigma[chunk * l + i],
                             nats = 0.5 * (m * m + std::exp(2 * log) - 1 - 2 * log);
                byDimension[i] += nats;
                all += nats;
            }
            byChunk.push_back(all);
            for (std::size_t i = 0; i < l; i += 2) {
                const auto [first, second] = normalPair(random, static_cast<std::uint32_t>(begin + chunk),
                                                        static_cast<std::uint32_t>(i / 2));
                float* const z = mean.data() + chunk * l + i; // drawn in place: the mean has been decoded
                const float* const log = logSigma.data() + chunk * l + i;
                z[0] += std::exp(log[0]) * static_cast<float>(first);
                if (i + 1 < l)
                    z[1] += std::exp(log[1]) * static_cast<float>(second);
            }
        }
        autoencoder.decodeTokens(mean, found);
        fromDraw.add(tokens, found, k);
        begin += count;
        quality.stopped = begin < starts.size();
        if (progress)
            progress(static_cast<double>(begin) / static_cast<double>(starts.size()));
    }
    quality.chunks = static_cast<std::int64_t>(byChunk.size());
    quality.token = meanWithInterval(fromMean.tokens);
    quality.chunk = meanWithInterval(fromMean.chunks);
    quality.noisyToken = meanWithInterval(fromDraw.tokens);
    quality.noisyChunk = meanWithInterval(fromDraw.chunks);
    quality.latentDivergence = meanWithInterval(byChunk);
    if (!byChunk.empty())
        for (const double sum : byDimension)
            quality.divergence.push_back(sum / static_cast<double>(byChunk.size()));
    quality.collapsed = static_cast<int>(
        std::ranges::count_if(quality.divergence, [](double nats) { return nats < kCollapsedDivergence; }));
    return quality;
}

std::vector<Measure> autoencoderMeasures(const AutoencoderQuality& quality, const nlohmann::json& settings) {
    nlohmann::json all = settings;
    all["level"] = 0.95;
    const auto measure = [&](const char* name, const Estimate& estimate, const char* unit,
                             const char* estimator) {
        return Measure{
            .name = name, .estimate = estimate, .unit = unit, .estimator = estimator, .settings = all};
    };
    const double collapsed = quality.collapsed;
    return {
        measure(
            "rebuilt_tokens", quality.token, "",
            "share of tokens that the decoder gives back from the posterior's mean; t interval over chunks"),
        measure("rebuilt_chunks", quality.chunk, "", "the same of whole chunks"),
        measure("noisy_rebuilt_tokens", quality.noisyToken, "",
                "share of tokens given back from a draw of the posterior; t interval over chunks"),
        measure("noisy_rebuilt_chunks", quality.noisyChunk, "", "the same of whole chunks"),
        measure("latent_divergence", quality.latentDivergence, "nats/chunk",
                "KL(posterior ‖ standard normal), all dimensions; t interval over chunks"),
        measure("collapsed_dimensions",
                {collapsed, collapsed, collapsed, static_cast<int>(quality.divergence.size())}, "",
                "dimensions whose mean divergence is below 0.01 nats, of n")};
}

} // namespace steploom
