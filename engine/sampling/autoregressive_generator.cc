// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/autoregressive_generator.h"

#include "engine/sampling/token_draw.h"

namespace steploom {

namespace {

class TokenWriter final : public ChunkWriter {
public:
    TokenWriter(CausalModel& model, const GenerationRequest& request, int drawable)
        : m_model(model), m_random(request.seed), m_drawable(static_cast<std::size_t>(drawable)),
          m_likeliest(static_cast<std::size_t>(request.topTokens)), m_options{.temperature =
                                                                                  request.temperature,
                                                                              .topP = request.topP,
                                                                              .float32Gumbel =
                                                                                  request.float32Gumbel,
                                                                              .topK = request.topK},
          m_cache(model.newCache(request.length)),
          m_logits(static_cast<std::size_t>(model.facts().vocabulary)) {
        m_draw.reserve(m_logits.size());
    }

    void begin(std::uint32_t noise) override {
        m_noise = noise;
        m_cache->clear();
    }
    int held() const noexcept override { return m_cache->length(); }
    void read(std::span<const std::int32_t> tokens) override { m_model.extend(*m_cache, tokens, m_logits); }

    void write(int step, WrittenChunk& out) override {
        const double uniform = m_random.uniform(Purpose::Token, m_noise, static_cast<std::uint32_t>(step), 0);
        const auto logits = std::span<const float>(m_logits).first(m_drawable);
        out.revealed.assign(1, m_draw.draw(logits, m_options, uniform));
        out.likely.resize(m_likeliest);
        TokenDraw::likeliest(logits, m_options, m_draw.drawnFrom(), out.likely);
    }

private:
    CausalModel& m_model;
    const CounterRandom m_random;
    const std::size_t m_drawable, m_likeliest;
    const DrawOptions m_options;
    std::unique_ptr<KeyValueCache> m_cache;
    std::vector<float> m_logits; ///< [V], of the token that follows what is cached
    TokenDraw m_draw;
    std::uint32_t m_noise = 0;
};

} // namespace

std::unique_ptr<ChunkWriter> makeTokenWriter(CausalModel& model, const GenerationRequest& request,
                                             int drawable) {
    return std::make_unique<TokenWriter>(model, request, drawable);
}

Trace AutoregressiveGenerator::run(const GenerationRequest& request, GenerationObserver& observer,
                                   std::stop_token stop) {
    const PlannedWork work = planWork(request, m_pool, m_finished);
    const auto writerOf = [&](std::size_t member) {
        return makeTokenWriter(m_pool.members()[member].causal(), request, m_pool.drawableTokens());
    };
    return runSequential(request, m_pool, work, m_finished, writerOf, observer, std::move(stop));
}

} // namespace steploom
