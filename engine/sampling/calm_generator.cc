// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/calm_generator.h"

#include "engine/core/error.h"
#include "engine/sampling/chunk_temperature.h"
#include "engine/sampling/stopped_writing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace steploom {

namespace {

/// Draws are computed in blocks of at most so many: what lies beyond the last one looked at is work for
/// nothing, and single ones leave threads idle.
constexpr int kLargestBlock = 256;

class CalmWriter final : public ChunkWriter {
public:
    CalmWriter(CalmModel& model, const GenerationRequest& request, std::stop_token stop)
        : m_model(model), m_request(request), m_random(request.seed), m_stop(std::move(stop)),
          m_chunk(static_cast<std::size_t>(model.facts().chunk)),
          m_cache(model.transformer().newCache(request.length / model.facts().chunk)),
          m_hidden(static_cast<std::size_t>(model.facts().width)) {}

    void begin(std::uint32_t noise) override {
        m_noise = noise;
        m_cache->clear();
    }
    int held() const noexcept override { return m_cache->length(); }
    void read(std::span<const std::int32_t> tokens) override {
        m_model.transformer().extend(*m_cache, tokens, m_hidden);
    }

    void write(int step, WrittenChunk& out) override {
        m_step = step;
        m_drawn.clear();
        m_used = m_uniforms = 0;
        const TemperedChunk chosen = choose(out);
        out.drawn = static_cast<int>(m_drawn.size());
        out.counted = static_cast<int>(m_used);
        out.attempts = chosen.attempts;
        tell(chosen.chunk, out);
    }

private:
    TemperedChunk choose(WrittenChunk& out) {
        out.fellBack = false;
        const ChunkSource source{[this](std::span<TokenChunk> chunks) { give(chunks); },
                                 [this] { return uniform(); }};
        if (m_request.temperature == 1)
            return drawFromCounts(1, 1, source);
        if (m_request.temperatureMethod == TemperatureMethod::Batch)
            return drawFromCounts(nearestWhole(m_request.temperature), m_request.candidates, source);
        TemperedChunk chosen =
            drawAtTemperature(inverseTemperature(m_request.temperature), m_request.mostDraws, source);
        if (chosen.drawn)
            return chosen;
        if (!m_request.fallBack)
            throw Error(ErrorKind::Request,
                        {"the exact temperature found no vector",
                         fmt::format("step {}, temperature {}", m_step + 1, m_request.temperature),
                         fmt::format("{} draws came to their limit: {} beginnings, none of which agreed",
                                     m_request.mostDraws, chosen.attempts),
                         "Allow it to fall back to the batch approximation (--fall-back) or more draws "
                         "(--most-draws), or choose a temperature nearer to 1"});
        out.fellBack = true;
        const std::int64_t attempts = chosen.attempts;
        const auto made = m_used;
        m_used = 0; // the same draws once more, by their counts
        chosen = drawFromCounts(nearestWhole(m_request.temperature), static_cast<int>(made), source);
        chosen.attempts = attempts;
        return chosen;
    }

    void give(std::span<TokenChunk> chunks) {
        for (std::size_t left = chunks.size(); m_used + left > m_drawn.size();)
            draw(static_cast<int>(m_used + left - m_drawn.size()));
        for (TokenChunk& chunk : chunks)
            chunk = m_drawn[m_used++];
    }

    /// The next block: what is wanted, or as much again as there is.
    void draw(int wanted) {
        if (m_stop.stop_requested())
            throw StoppedWriting{};
        const auto limit =
            m_request.temperature < 1 && m_request.temperatureMethod == TemperatureMethod::Exact
                ? m_request.mostDraws - static_cast<std::int64_t>(m_drawn.size())
                : std::int64_t{wanted};
        const auto again = std::max<std::int64_t>(wanted, static_cast<std::int64_t>(m_drawn.size()));
        const int count = static_cast<int>(std::min({again, limit, std::int64_t{kLargestBlock}}));
        const EnergyHead::Shape& head = m_model.transformer().facts().head;
        m_noiseValues.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(head.noise));
        m_latents.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(head.latent));
        m_tokens.resize(static_cast<std::size_t>(count) * m_chunk);
        vectorNoise(m_random, m_noise, m_step, static_cast<std::uint32_t>(m_drawn.size()), head.noise,
                    m_noiseValues);
        m_model.transformer().draw(m_hidden, m_noiseValues, count, m_latents);
        m_model.autoencoder().decodeTokens(m_latents, m_tokens);
        for (auto from = m_tokens.begin(); from != m_tokens.end();
             from += static_cast<std::ptrdiff_t>(m_chunk))
            m_drawn.emplace_back(from, from + static_cast<std::ptrdiff_t>(m_chunk));
    }

    double uniform() {
        return m_random.uniform(Purpose::ChunkChoice, m_noise, static_cast<std::uint32_t>(m_step),
                                m_uniforms++);
    }

    /// The chunk taken, with the share of the draws that gave it, and the commonest beside it.
    void tell(const TokenChunk& taken, WrittenChunk& out) {
        m_counts.clear();
        for (std::size_t i = 0; i < m_used; ++i)
            ++m_counts[m_drawn[i]];
        std::vector<std::pair<const TokenChunk*, int>> ranked;
        for (const auto& [chunk, count] : m_counts)
            ranked.emplace_back(&chunk, count);
        const auto k = static_cast<std::size_t>(m_request.topTokens);
        const std::size_t shown = std::min(k, ranked.size());
        // Equal ones in the order of their ids.
        std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(shown), ranked.end(),
                          [](const auto& a, const auto& b) {
                              return a.second != b.second ? a.second > b.second : *a.first < *b.first;
                          });
        const auto logShare = [&](int count) {
            return static_cast<float>(std::log(static_cast<double>(count) / static_cast<double>(m_used)));
        };
        const auto found = m_counts.find(taken);
        const float own = found == m_counts.end() ? 0 : logShare(found->second);
        out.revealed.resize(m_chunk);
        out.likely.assign(m_chunk * k, {});
        for (std::size_t i = 0; i < m_chunk; ++i) {
            out.revealed[i] = {.token = taken[i], .logProbability = own};
            for (std::size_t j = 0; j < shown; ++j)
                out.likely[i * k + j] = {(*ranked[j].first)[i], logShare(ranked[j].second)};
        }
    }

    CalmModel& m_model;
    const GenerationRequest& m_request;
    const CounterRandom m_random;
    const std::stop_token m_stop;
    const std::size_t m_chunk;
    std::unique_ptr<KeyValueCache> m_cache;
    std::vector<float> m_hidden; ///< [d], of the last chunk read
    std::uint32_t m_noise = 0;

    int m_step = 0;
    std::vector<TokenChunk> m_drawn; ///< of this step
    std::size_t m_used = 0;          ///< of them, handed out
    std::uint32_t m_uniforms = 0;
    std::map<TokenChunk, int> m_counts;
    std::vector<float> m_noiseValues;   ///< [block, noise]
    std::vector<float> m_latents;       ///< [block, l]
    std::vector<std::int32_t> m_tokens; ///< [block, K]
};

} // namespace

void vectorNoise(const CounterRandom& random, std::uint32_t sample, int step, std::uint32_t first, int size,
                 std::span<float> out) {
    constexpr int kWords = 4; // of one place of the counter
    const int blocks = (size + kWords - 1) / kWords;
    const std::size_t draws = out.size() / static_cast<std::size_t>(size);
    float* to = out.data();
    for (std::size_t draw = 0; draw < draws; ++draw)
        for (int block = 0; block < blocks; ++block) {
            const auto words =
                random.words(Purpose::VectorNoise, sample, first + static_cast<std::uint32_t>(draw),
                             static_cast<std::uint32_t>(step * blocks + block));
            for (int i = 0; i < std::min(kWords, size - block * kWords); ++i)
                *to++ = static_cast<float>((words[static_cast<std::size_t>(i)] + 0.5) * 0x1p-32 - 0.5);
        }
}

std::unique_ptr<ChunkWriter> makeCalmWriter(CalmModel& model, const GenerationRequest& request,
                                            std::stop_token stop) {
    return std::make_unique<CalmWriter>(model, request, std::move(stop));
}

Trace CalmGenerator::run(const GenerationRequest& request, GenerationObserver& observer,
                         std::stop_token stop) {
    const PlannedWork work = planWork(request, m_pool, m_finished);
    const auto writerOf = [&](std::size_t member) {
        return makeCalmWriter(m_pool.members()[member].calm(), request, stop);
    };
    return runSequential(request, m_pool, work, m_finished, writerOf, observer, stop);
}

} // namespace steploom
