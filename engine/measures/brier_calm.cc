// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: K tokens a chunk (patch), d width, R draws.
#include "engine/measures/brier_calm.h"

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/sampling/calm_generator.h"
#include "engine/sampling/chunk_temperature.h"
#include "engine/sampling/model_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace steploom {

namespace {

constexpr auto kOrders = static_cast<std::size_t>(kBrierOrders);
constexpr int kRowsTogether = 1024;   ///< patches of one pass: many for the products, and a stop is honoured
constexpr int kVectorsTogether = 256; ///< drawn and decoded at once

[[noreturn]] void refuse(const std::string& where, const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::Request, {"cannot measure BrierLM", where, why, remedy});
}

/// A state that chunks are drawn from.
struct Origin {
    std::size_t state;    ///< row of the states
    std::uint32_t sample; ///< of the random numbers
    int step;
};

/// Chunks of one member at a request's temperature.
class ChunkDraws {
public:
    ChunkDraws(CalmModel& model, const GenerationRequest& request)
        : m_model(model), m_request(request), m_random(request.seed),
          m_chunk(static_cast<std::size_t>(model.facts().chunk)),
          m_width(static_cast<std::size_t>(model.facts().width)) {}

    /// out [origins, draws, K] of states [rows, d]. Stops between blocks of draws.
    void draw(std::span<const float> states, std::span<const Origin> origins, int draws,
              std::span<std::int32_t> out, const std::stop_token& stop) {
        const auto perOrigin = static_cast<std::size_t>(draws) * m_chunk;
        if (m_request.temperature == 1) {
            const auto together = static_cast<std::size_t>(std::max(1, kVectorsTogether / draws));
            for (std::size_t begin = 0; begin < origins.size() && !stop.stop_requested(); begin += together) {
                const std::size_t count = std::min(together, origins.size() - begin);
                drawPlain(states, origins.subspan(begin, count), draws,
                          out.subspan(begin * perOrigin, count * perOrigin));
            }
            return;
        }
        for (std::size_t i = 0; i < origins.size(); ++i)
            for (int draw = 0; draw < draws && !stop.stop_requested(); ++draw) {
                Origin origin = origins[i];
                origin.sample =
                    origin.sample * static_cast<std::uint32_t>(draws) + static_cast<std::uint32_t>(draw);
                const TokenChunk chunk = tempered(states, origin);
                std::ranges::copy(chunk, out.begin() +
                                             static_cast<std::ptrdiff_t>(
                                                 i * perOrigin + static_cast<std::size_t>(draw) * m_chunk));
            }
    }

private:
    const EnergyHead::Shape& head() const { return m_model.transformer().facts().head; }
    std::span<const float> state(std::span<const float> states, const Origin& origin) const {
        return states.subspan(origin.state * m_width, m_width);
    }

    /// Temperature 1: all draws of several states in one product.
    void drawPlain(std::span<const float> states, std::span<const Origin> origins, int draws,
                   std::span<std::int32_t> out) {
        const auto noise = static_cast<std::size_t>(draws) * static_cast<std::size_t>(head().noise);
        m_hidden.resize(origins.size() * m_width);
        m_noise.resize(origins.size() * noise);
        m_latents.resize(origins.size() * static_cast<std::size_t>(draws) *
                         static_cast<std::size_t>(head().latent));
        for (std::size_t i = 0; i < origins.size(); ++i) {
            std::ranges::copy(state(states, origins[i]),
                              m_hidden.begin() + static_cast<std::ptrdiff_t>(i * m_width));
            vectorNoise(m_random, origins[i].sample, origins[i].step, 0, head().noise,
                        std::span(m_noise).subspan(i * noise, noise));
        }
        m_model.transformer().draw(m_hidden, m_noise, draws, m_latents);
        m_model.autoencoder().decodeTokens(m_latents, out);
    }

    TokenChunk tempered(std::span<const float> states, const Origin& origin) {
        const auto hidden = state(states, origin);
        std::uint32_t uniforms = 0;
        m_drawn.clear();
        m_used = 0;
        const ChunkSource source{[&](std::span<TokenChunk> chunks) {
                                     while (m_drawn.size() < m_used + chunks.size())
                                         drawMore(hidden, origin, m_used + chunks.size() - m_drawn.size());
                                     for (TokenChunk& chunk : chunks)
                                         chunk = m_drawn[m_used++];
                                 },
                                 [&] {
                                     return m_random.uniform(Purpose::ChunkChoice, origin.sample,
                                                             static_cast<std::uint32_t>(origin.step),
                                                             uniforms++);
                                 }};
        const int whole = nearestWhole(m_request.temperature);
        if (m_request.temperatureMethod == TemperatureMethod::Batch)
            return drawFromCounts(whole, m_request.candidates, source).chunk;
        const TemperedChunk chosen =
            drawAtTemperature(inverseTemperature(m_request.temperature), m_request.mostDraws, source);
        if (chosen.drawn)
            return chosen.chunk;
        if (!m_request.fallBack)
            refuse(fmt::format("temperature {}", m_request.temperature),
                   fmt::format("the exact algorithm found no chunk among {} draws", m_request.mostDraws),
                   "Allow it to fall back to the batch approximation or more draws, or choose a temperature "
                   "nearer to 1");
        const auto made = static_cast<int>(m_used);
        m_used = 0; // the same draws once more, by their counts
        return drawFromCounts(whole, made, source).chunk;
    }

    /// As many as there are already, or what is wanted: single ones leave threads idle.
    void drawMore(std::span<const float> hidden, const Origin& origin, std::size_t wanted) {
        const auto count = std::min(std::max(wanted, m_drawn.size()), std::size_t{kVectorsTogether});
        m_noise.resize(count * static_cast<std::size_t>(head().noise));
        m_latents.resize(count * static_cast<std::size_t>(head().latent));
        m_tokens.resize(count * m_chunk);
        vectorNoise(m_random, origin.sample, origin.step, static_cast<std::uint32_t>(m_drawn.size()),
                    head().noise, m_noise);
        m_model.transformer().draw(hidden, m_noise, static_cast<int>(count), m_latents);
        m_model.autoencoder().decodeTokens(m_latents, m_tokens);
        for (auto from = m_tokens.begin(); from != m_tokens.end();
             from += static_cast<std::ptrdiff_t>(m_chunk))
            m_drawn.emplace_back(from, from + static_cast<std::ptrdiff_t>(m_chunk));
    }

    CalmModel& m_model;
    const GenerationRequest& m_request;
    const CounterRandom m_random;
    const std::size_t m_chunk, m_width;
    std::vector<TokenChunk> m_drawn; ///< at a temperature below 1, from one state
    std::size_t m_used = 0;          ///< of them, handed out
    std::vector<float> m_hidden, m_noise, m_latents;
    std::vector<std::int32_t> m_tokens;
};

/// A pool's members by the steps of a schedule.
class CalmSteps {
public:
    CalmSteps(const ModelPool& pool, const GenerationRequest& request, int draws)
        : m_pool(pool), m_request(request) {
        if (draws < 2)
            refuse("draws", fmt::format("{} of each chunk is less than 2", draws),
                   "Draw 4 continuations of each");
        requireSequentialSteps(request.schedule, request.length, pool.chunk());
        requireLetters(request.schedule, pool.letters());
        if (request.length > pool.members()[0].model->facts().length)
            refuse("length",
                   fmt::format("{} tokens are more than the {} that the models see", request.length,
                               pool.members()[0].model->facts().length),
                   "Ask for a shorter one");
        const InverseTemperature inverse = inverseTemperature(request.temperature);
        if (request.temperatureMethod == TemperatureMethod::Batch && inverse.share > 0) {
            const int nearest = nearestWhole(request.temperature);
            refuse(fmt::format("temperature {}", request.temperature),
                   "the batch approximation can do 1/2, 1/3, 1/4 and so on alone",
                   fmt::format("Choose {:.6g} (1/{}), the nearest, or the exact algorithm", 1.0 / nearest,
                               nearest));
        }
    }
    int chunk() const { return m_pool.chunk(); }
    std::size_t memberOf(int step) const {
        return static_cast<std::size_t>(m_pool.indexOf(m_request.schedule.at(step)));
    }
    CalmModel& model(std::size_t member) const { return m_pool.members()[member].calm(); }

private:
    const ModelPool& m_pool;
    const GenerationRequest& m_request;
};

/// A chunk after `given` tokens of each sequence [sequences, length], of which `draws` go on from each:
/// [sequences, draws, K]. `firstSample`: of its random numbers.
std::vector<std::int32_t> nextChunks(CalmModel& model, const GenerationRequest& request,
                                     std::span<const std::int32_t> sequences, int given, int draws, int step,
                                     std::uint32_t firstSample, const std::stop_token& stop) {
    const int k = model.facts().chunk, patches = given / k;
    const auto width = static_cast<std::size_t>(model.facts().width);
    const std::size_t count = sequences.size() / static_cast<std::size_t>(given);
    std::vector<float> states(count * static_cast<std::size_t>(patches) * width);
    model.transformer().hiddenStates(sequences, static_cast<int>(count), patches, states);
    std::vector<Origin> origins;
    for (std::size_t i = 0; i < count; ++i)
        origins.push_back({(i + 1) * static_cast<std::size_t>(patches) - 1,
                           firstSample + static_cast<std::uint32_t>(i), step});
    std::vector<std::int32_t> chunks(count * static_cast<std::size_t>(draws) * static_cast<std::size_t>(k));
    ChunkDraws(model, request).draw(states, origins, draws, chunks, stop);
    return chunks;
}

} // namespace

int calmContext(int wanted, int chunk) noexcept { return std::max(1, wanted / chunk) * chunk; }

std::vector<BrierScores> brierOfCalm(const ModelPool& pool, const GenerationRequest& request,
                                     const BrierWindows& windows, int draws, const Progress& progress,
                                     const std::stop_token& stop) {
    const CalmSteps steps(pool, request, draws);
    const int k = steps.chunk(), context = windows.context;
    if (context % k != 0)
        refuse("context",
               fmt::format("{} tokens are no multiple of K = {}: vectors stand for {} tokens", context, k, k),
               fmt::format("Ask for {} or {}", calmContext(context, k), (context / k + 1) * k));
    if (request.length < context + kBrierOrders)
        refuse("length",
               fmt::format("it is {} tokens, and a context of {} and the four that follow take {}",
                           request.length, context, context + kBrierOrders),
               "Ask for a shorter context or a longer sample");
    const auto given = static_cast<std::size_t>(context), each = static_cast<std::size_t>(draws),
               chunk = static_cast<std::size_t>(k);
    const int together = std::max(1, kRowsTogether / (context / k + kBrierOrders));
    std::vector<BrierScores> scores;
    for (int begin = 0; begin < windows.count(); begin += together) {
        const int count = std::min(together, windows.count() - begin);
        std::vector<std::int32_t> sequences;
        for (int window = begin; window < begin + count; ++window) {
            const auto tokens = windows.contextOf(window);
            sequences.insert(sequences.end(), tokens.begin(), tokens.end());
        }
        std::size_t length = given;
        for (int step = context / k; length < given + kOrders; ++step, length += chunk) {
            const bool first = length == given; // from then on every draw goes its own way
            const std::vector<std::int32_t> next = nextChunks(
                steps.model(steps.memberOf(step)), request, sequences, static_cast<int>(length),
                first ? draws : 1, step, static_cast<std::uint32_t>(first ? begin : begin * draws), stop);
            if (stop.stop_requested())
                return {};
            std::vector<std::int32_t> longer;
            for (std::size_t i = 0; i < next.size() / chunk; ++i) {
                const auto old = std::span(sequences).subspan((first ? i / each : i) * length, length);
                longer.insert(longer.end(), old.begin(), old.end());
                longer.insert(longer.end(), next.begin() + static_cast<std::ptrdiff_t>(i * chunk),
                              next.begin() + static_cast<std::ptrdiff_t>((i + 1) * chunk));
            }
            sequences = std::move(longer);
        }
        for (int window = 0; window < count; ++window) {
            std::vector<std::int32_t> drawn;
            for (std::size_t draw = 0; draw < each; ++draw) {
                const auto from = sequences.begin() +
                                  static_cast<std::ptrdiff_t>(
                                      (static_cast<std::size_t>(window) * each + draw) * length + given);
                drawn.insert(drawn.end(), from, from + kBrierOrders);
            }
            scores.push_back(brierFromDraws(drawn, windows.truthOf(begin + window)));
        }
        if (progress)
            progress(static_cast<double>(begin + count) / windows.count());
    }
    return scores;
}

std::vector<BrierScores> brierOfCalmText(const ModelPool& pool, const GenerationRequest& request,
                                         std::span<const std::int32_t> tokens, int draws,
                                         const Progress& progress, const std::stop_token& stop) {
    const CalmSteps steps(pool, request, draws);
    const int k = steps.chunk(), patches = request.length / k;
    if (k < kBrierOrders)
        refuse(
            "the text as a whole",
            fmt::format("a chunk of K = {} tokens holds no Brier-4, and what follows it is not the model's "
                        "own",
                        k),
            "Measure continuations instead");
    if (patches < 2)
        refuse("length", fmt::format("{} tokens hold one chunk, which nothing precedes", request.length),
               fmt::format("Ask for {} or more", 2 * k));
    const auto length = static_cast<std::size_t>(request.length), each = static_cast<std::size_t>(draws),
               chunk = static_cast<std::size_t>(k), perWindow = static_cast<std::size_t>(patches);
    const std::size_t count = tokens.size() / length,
                      together = std::max<std::size_t>(1, kRowsTogether / perWindow);
    std::vector<BrierScores> scores;
    for (std::size_t begin = 0; begin < count; begin += together) {
        const std::size_t windows = std::min(together, count - begin);
        const auto batch = tokens.subspan(begin * length, windows * length);
        // By member: where its chunks are drawn from.
        std::map<std::size_t, std::vector<Origin>> origins;
        for (std::size_t window = 0; window < windows; ++window)
            for (int step = 1; step < patches; ++step)
                origins[steps.memberOf(step)].push_back(
                    {window * perWindow + static_cast<std::size_t>(step) - 1,
                     static_cast<std::uint32_t>(begin + window), step});
        std::vector<BrierScores> sums(windows, BrierScores{});
        for (const auto& [member, of] : origins) {
            CalmModel& model = steps.model(member);
            std::vector<float> states(windows * perWindow * static_cast<std::size_t>(model.facts().width));
            model.transformer().hiddenStates(batch, static_cast<int>(windows), patches, states);
            std::vector<std::int32_t> drawn(of.size() * each * chunk), firstFour(each * kOrders);
            ChunkDraws(model, request).draw(states, of, draws, drawn, stop);
            if (stop.stop_requested())
                return scores;
            for (std::size_t i = 0; i < of.size(); ++i) {
                for (std::size_t draw = 0; draw < each; ++draw)
                    std::copy_n(drawn.begin() + static_cast<std::ptrdiff_t>((i * each + draw) * chunk),
                                kOrders, firstFour.begin() + static_cast<std::ptrdiff_t>(draw * kOrders));
                // State p is that of patch p, and predicts patch p + 1.
                const BrierScores score =
                    brierFromDraws(firstFour, batch.subspan((of[i].state + 1) * chunk, kOrders));
                BrierScores& sum = sums[of[i].state / perWindow];
                for (std::size_t n = 0; n < kOrders; ++n)
                    sum[n] += score[n] / static_cast<double>(patches - 1);
            }
        }
        scores.insert(scores.end(), sums.begin(), sums.end());
        if (progress)
            progress(static_cast<double>(begin + windows) / static_cast<double>(count));
    }
    return scores;
}

} // namespace steploom
