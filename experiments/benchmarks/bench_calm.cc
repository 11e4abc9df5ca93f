// SPDX-License-Identifier: GPL-3.0-or-later
// CALM of the size of CALM-M: a vector at a time against the memory's bandwidth, a prompt against the matrix
// products' peak, and what many candidates of a vector cost. Every share is that of a call against what was
// measured right before and after it.
#include "experiments/benchmarks/made_up_calm.h"
#include "experiments/benchmarks/matmul_peak.h"
#include "experiments/benchmarks/run_benchmarks.h"

#include "engine/core/thread_pool.h"
#include "engine/models/calm.h"
#include "engine/tensor/compute_context.h"

#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <string>

using namespace steploom;

namespace {

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

constexpr int kContextPatches = 256; ///< that a generated vector follows

CalmShape shapeOf(const std::string& name) {
    for (const PublishedCompute& row : publishedCompute())
        if (row.name == name)
            return row.calmShape;
    throw std::runtime_error("no published model is called " + name);
}

/// Bytes read and written a second when all threads copy, through as much memory as a step reads.
class CopyBandwidth {
public:
    CopyBandwidth(ComputeContext& context, double touched)
        : m_context(context), m_half(static_cast<std::size_t>(touched) / 2 / kPieces * kPieces),
          m_from(m_half), m_to(m_half) {
        std::memset(m_from.data(), 1, m_half);
        std::memset(m_to.data(), 2, m_half);
    }
    double probe() {
        const auto begin = Clock::now();
        m_context.threads().forEach(kPieces, [&](int piece, int) {
            const std::size_t size = m_half / kPieces, at = static_cast<std::size_t>(piece) * size;
            std::memcpy(m_to.data() + at, m_from.data() + at, size);
        });
        return 2 * static_cast<double>(m_half) / secondsSince(begin);
    }

private:
    static constexpr int kPieces = 32;
    ComputeContext& m_context;
    std::size_t m_half;
    Buffer m_from, m_to;
};

class MadeUpGeneration {
public:
    MadeUpGeneration(const CalmShape& shape, Precision precision)
        : m_shape(shape), m_folder(shape),
          m_calm(Calm::load(Checkpoint::open(m_folder.folder()), precision, m_context)),
          m_cache(m_calm.transformer.newCache(2 * shape.context)),
          m_hidden(static_cast<std::size_t>(shape.width)) {
        for (int i = 0; i < 2 * shape.context * shape.chunk; ++i)
            m_tokens.push_back(i * 31 % shape.vocabulary);
        for (int i = 0; i < kMostDraws * shape.noise; ++i)
            m_noise.push_back(static_cast<float>(i * 37 % 101) / 101.0f - 0.5f);
        m_latents.resize(static_cast<std::size_t>(kMostDraws * shape.latent));
        m_decoded.resize(static_cast<std::size_t>(kMostDraws * shape.chunk));
    }
    static constexpr int kMostDraws = 200;

    ComputeContext& context() { return m_context; }
    const CalmShape& shape() const { return m_shape; }
    Calm& calm() { return m_calm; }

    /// `patches` on top of a cache that was cut back to `past` of them.
    double extend(int past, int patches) {
        const int present = m_cache->length();
        if (present < past)
            m_calm.transformer.extend(*m_cache, tokens(past - present), m_hidden);
        m_cache->truncate(past);
        const auto begin = Clock::now();
        m_calm.transformer.extend(*m_cache, tokens(patches), m_hidden);
        return secondsSince(begin);
    }
    double draw(int draws) {
        const auto begin = Clock::now();
        m_calm.transformer.draw(m_hidden,
                                std::span(m_noise).first(static_cast<std::size_t>(draws * m_shape.noise)),
                                draws, m_latents);
        return secondsSince(begin);
    }
    double decode(int chunks) {
        const auto begin = Clock::now();
        m_calm.autoencoder.decodeTokens(
            std::span(m_latents).first(static_cast<std::size_t>(chunks * m_shape.latent)), m_decoded);
        return secondsSince(begin);
    }

    /// Of the weights that generating a vector multiplies with.
    double bytesOfAStep() const {
        const double d = m_shape.width, k = m_shape.chunk;
        const CalmShape::Autoencoder& ae = m_shape.autoencoder;
        const double blocks = m_shape.blocks * (4 * d * d + 3 * d * m_shape.hidden),
                     patch = 2 * k * d * d + 2 * d * d,
                     head = d * m_shape.noise + d * d + m_shape.headBlocks * 6.0 * d * d + d * d +
                            d * m_shape.latent,
                     decoder = static_cast<double>(ae.width) *
                               (m_shape.latent + ae.decoderLayers * 3.0 * ae.hidden + k * ae.width +
                                m_shape.vocabulary);
        return (blocks + patch + head + decoder) *
               static_cast<double>(elementSize(m_calm.transformer.facts().stack.effective));
    }
    double flopsOfPrefill(int patches) const {
        return m_calm.transformer.facts().stack.blockFlops(patches) +
               patches * m_calm.transformer.facts().embeddingFlops();
    }

private:
    std::span<const std::int32_t> tokens(int patches) const {
        return std::span(m_tokens).first(static_cast<std::size_t>(patches * m_shape.chunk));
    }
    CalmShape m_shape;
    MadeUpCalm m_folder;
    ComputeContext m_context;
    Calm m_calm;
    std::unique_ptr<KeyValueCache> m_cache;
    std::vector<float> m_hidden, m_noise, m_latents;
    std::vector<std::int32_t> m_tokens, m_decoded;
};

/// Extending by a patch, drawing a vector and decoding it, against the bandwidth of copying.
void vectorAtATime(benchmark::State& state, MadeUpGeneration& model) {
    CopyBandwidth copy(model.context(), model.bytesOfAStep());
    copy.probe();
    model.extend(kContextPatches, 1);
    std::vector<double> shares, extending, drawing, decoding, bandwidths;
    double before = copy.probe();
    for (auto _ : state) {
        const double extend = model.extend(kContextPatches, 1), draw = model.draw(1),
                     decode = model.decode(1), seconds = extend + draw + decode;
        state.SetIterationTime(seconds);
        const double after = copy.probe();
        shares.push_back(model.bytesOfAStep() / seconds / (0.5 * (before + after)));
        extending.push_back(1e3 * extend);
        drawing.push_back(1e3 * draw);
        decoding.push_back(1e3 * decode);
        bandwidths.push_back(after / 1e9);
        before = after;
    }
    state.counters["of_bandwidth"] = median(shares);
    state.counters["copy_GB/s"] = median(bandwidths);
    state.counters["step_MB"] = model.bytesOfAStep() / 1e6;
    state.counters["extend_ms"] = median(extending);
    state.counters["draw_ms"] = median(drawing);
    state.counters["decode_ms"] = median(decoding);
}

void prefill(benchmark::State& state, MadeUpGeneration& model, Precision precision, int patches) {
    const MatMulPeak peak(model.context(), precision);
    model.extend(0, patches);
    std::vector<double> shares, cpuShares, peaks;
    Rate before = peak.probe();
    const double flops = model.flopsOfPrefill(patches);
    for (auto _ : state) {
        const double cpu = cpuSeconds();
        const double seconds = model.extend(0, patches);
        const double cpuTime = cpuSeconds() - cpu;
        state.SetIterationTime(seconds);
        const Rate after = peak.probe();
        shares.push_back(2 * flops / seconds / (before.perSecond + after.perSecond));
        cpuShares.push_back(2 * flops / cpuTime / (before.perCpuSecond + after.perCpuSecond));
        peaks.push_back(after.perSecond / 1e9);
        before = after;
    }
    state.counters["of_peak"] = median(shares);
    state.counters["of_peak_cpu"] = median(cpuShares);
    state.counters["peak_GFLOP/s"] = median(peaks);
}

/// What 200 candidates of a vector cost over 1.5 times a step with one, the head's arithmetic at the peak
/// added; the same with the candidates decoded, whose arithmetic is added as well.
void candidates(benchmark::State& state, MadeUpGeneration& model, Precision precision) {
    constexpr int kDraws = MadeUpGeneration::kMostDraws;
    const MatMulPeak peak(model.context(), precision);
    model.extend(kContextPatches, 1);
    model.draw(kDraws);
    model.decode(kDraws);
    std::vector<double> shares, decodedShares, drawing, decoding, ones;
    const double headFlops = kDraws * model.calm().transformer.facts().head.drawFlops(),
                 decodeFlops = kDraws * model.calm().autoencoder.facts().decodeFlops();
    Rate before = peak.probe();
    for (auto _ : state) {
        const double one = model.extend(kContextPatches, 1) + model.draw(1) + model.decode(1);
        const double extend = model.extend(kContextPatches, 1), draw = model.draw(kDraws),
                     decodeOne = model.decode(1), decode = model.decode(kDraws);
        state.SetIterationTime(extend + draw + decodeOne);
        const Rate after = peak.probe();
        const double rate = 0.5 * (before.perSecond + after.perSecond);
        shares.push_back((extend + draw + decodeOne) / (1.5 * one + headFlops / rate));
        decodedShares.push_back((extend + draw + decode) / (1.5 * one + (headFlops + decodeFlops) / rate));
        ones.push_back(1e3 * one);
        drawing.push_back(1e3 * draw);
        decoding.push_back(1e3 * decode);
        before = after;
    }
    state.counters["of_allowed"] = median(shares);
    state.counters["of_allowed_decoded"] = median(decodedShares);
    state.counters["one_ms"] = median(ones);
    state.counters["draw_200_ms"] = median(drawing);
    state.counters["decode_200_ms"] = median(decoding);
}

/// Weights of one precision at a time: together they would not fit a small machine.
MadeUpGeneration& modelIn(Precision precision) {
    static std::unique_ptr<MadeUpGeneration> model;
    static Precision loaded{};
    if (!model || loaded != precision) {
        model.reset();
        model = std::make_unique<MadeUpGeneration>(shapeOf("CALM-M"), precision);
        loaded = precision;
    }
    return *model;
}

} // namespace

int main(int argc, char** argv) {
    for (const Precision precision : {Precision::BF16, Precision::F32}) {
        const std::string name = "/CALM-M/" + std::string(precisionName(precision));
        const auto add = [&](const std::string& what, auto body) {
            benchmark::RegisterBenchmark((what + name).c_str(), body)
                ->UseManualTime()
                ->Unit(benchmark::kMillisecond)
                ->MinTime(2.0);
        };
        add("vector_at_a_time",
            [precision](benchmark::State& state) { vectorAtATime(state, modelIn(precision)); });
        for (const int patches : {256, 512})
            add("prefill_" + std::to_string(patches), [precision, patches](benchmark::State& state) {
                prefill(state, modelIn(precision), precision, patches);
            });
        add("200_candidates",
            [precision](benchmark::State& state) { candidates(state, modelIn(precision), precision); });
    }
    return runBenchmarks(argc, argv);
}
