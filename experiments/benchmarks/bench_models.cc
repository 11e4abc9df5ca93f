// SPDX-License-Identifier: GPL-3.0-or-later
// How close a forward pass comes to the matrix-product peak of the same run, and how threads scale.
#include "experiments/benchmarks/made_up_mdlm.h"
#include "experiments/benchmarks/matmul_peak.h"
#include "experiments/benchmarks/run_benchmarks.h"

#include "engine/checkpoint/checkpoint.h"
#include "engine/core/error.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>

using namespace steploom;

namespace {

struct Size {
    const char* name;
    MadeUpMdlm::Shape shape;
    int samples;
};
// mdlm-owt's shape, and the bundled pair's.
constexpr Size kSizes[] = {{"d768_12blocks_L1024_V50258", {768, 12, 12, 50258, 1024}, 1},
                           {"d192_12blocks_L128_V4097_batch16", {192, 3, 12, 4097, 128}, 16}};

/// A model of made-up weights with a call of all its rows, half of them masked.
class Forward {
public:
    Forward(const Size& size, Precision precision, int threads)
        : m_folder(size.shape), m_context(threads), m_samples(size.samples), m_length(size.shape.length),
          m_model(loadMaskedDiffusionModel(Checkpoint::open(m_folder.folder()), precision, m_context)) {
        const auto rows = static_cast<std::size_t>(m_samples * m_length);
        m_tokens.resize(rows);
        m_wanted.resize(rows);
        for (std::size_t i = 0; i < rows; ++i)
            m_tokens[i] = i % 2 ? m_model->maskToken() : static_cast<std::int32_t>(i * 31 % 4000);
        std::iota(m_wanted.begin(), m_wanted.end(), 0);
        m_logits.resize(rows * static_cast<std::size_t>(size.shape.vocabulary));
        run();
    }
    ComputeContext& context() { return m_context; }
    const ModelFacts& facts() const { return m_model->facts(); }
    double flops() const {
        return m_samples * (facts().blockFlops(m_length) + m_length * facts().headFlopsPerRow);
    }
    /// One call; its FLOPs by wall and by processor time.
    Rate run() {
        const auto begin = std::chrono::steady_clock::now();
        const double cpu = cpuSeconds();
        m_model->logits({m_tokens, {}, m_samples, m_length, m_wanted}, m_logits);
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return {flops() / seconds, flops() / (cpuSeconds() - cpu)};
    }

private:
    MadeUpMdlm m_folder;
    ComputeContext m_context;
    int m_samples;
    int m_length;
    std::unique_ptr<MaskedDiffusionModel> m_model;
    std::vector<std::int32_t> m_tokens, m_wanted;
    std::vector<float> m_logits;
};

/// Each call is held against a peak taken right before and right after it; the median of these shares is
/// reported, by the wall clock and by processor time (which what else runs on the machine disturbs less).
void forwardAllRows(benchmark::State& state, const Size& size, Precision precision) {
    Forward forward(size, precision, 0);
    if (forward.facts().effective != precision) {
        state.SkipWithError("this processor has no products in this precision");
        return;
    }
    const MatMulPeak peak(forward.context(), precision);
    std::vector<double> shares, cpuShares, rates, peaks;
    Rate before = peak.probe();
    for (auto _ : state) {
        const Rate call = forward.run();
        state.SetIterationTime(forward.flops() / call.perSecond);
        const Rate after = peak.probe();
        shares.push_back(2 * call.perSecond / (before.perSecond + after.perSecond));
        cpuShares.push_back(2 * call.perCpuSecond / (before.perCpuSecond + after.perCpuSecond));
        rates.push_back(call.perSecond);
        peaks.push_back(after.perSecond);
        before = after;
    }
    state.counters["GFLOP/s"] = median(rates) / 1e9;
    state.counters["peak_GFLOP/s"] = median(peaks) / 1e9;
    state.counters["of_peak"] = median(shares);
    state.counters["of_peak_cpu"] = median(cpuShares);
}

struct Variant {
    Precision precision;
    int threads; ///< 0: all
};

/// Calls of two variants of one model in turns: how many times faster the second one is.
void speedUp(benchmark::State& state, const Size& size, Variant first, Variant second) {
    Forward slow(size, first.precision, first.threads), fast(size, second.precision, second.threads);
    std::vector<double> ratios, cpuRatios;
    for (auto _ : state) {
        const Rate before = slow.run(), rate = fast.run(), after = slow.run();
        state.SetIterationTime(fast.flops() / rate.perSecond);
        ratios.push_back(2 * rate.perSecond / (before.perSecond + after.perSecond));
        cpuRatios.push_back(2 * rate.perCpuSecond / (before.perCpuSecond + after.perCpuSecond));
    }
    state.counters["times_faster"] = median(ratios);
    state.counters["times_faster_cpu"] = median(cpuRatios);
}

} // namespace

int main(int argc, char** argv) {
    for (const Size& size : kSizes)
        for (const Precision precision : {Precision::F32, Precision::BF16, Precision::Int8})
            benchmark::RegisterBenchmark(
                (std::string("forward/") + size.name + "/" + std::string(precisionName(precision))).c_str(),
                [&size, precision](benchmark::State& state) { forwardAllRows(state, size, precision); })
                ->UseManualTime()
                ->Unit(benchmark::kMillisecond)
                ->MinTime(4.0);
    for (const Size& size : kSizes) {
        const std::string name = size.name;
        benchmark::RegisterBenchmark(("int8_over_bf16/" + name).c_str(),
                                     [&size](benchmark::State& state) {
                                         speedUp(state, size, {Precision::BF16, 0}, {Precision::Int8, 0});
                                     })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->MinTime(3.0);
        benchmark::RegisterBenchmark(("two_threads_over_one/" + name).c_str(),
                                     [&size](benchmark::State& state) {
                                         speedUp(state, size, {Precision::F32, 1}, {Precision::F32, 2});
                                     })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->MinTime(3.0);
    }
    return runBenchmarks(argc, argv);
}
