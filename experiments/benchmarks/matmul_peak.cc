// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/benchmarks/matmul_peak.h"

#include "engine/core/thread_pool.h"
#include "engine/tensor/buffer.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/matmul.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace steploom {
namespace {

double flopsPerSecond(ComputeContext& context, Precision precision, int inputs, int outputs) {
    using Clock = std::chrono::steady_clock;
    constexpr int kRows = 1024, kRepeats = 4;
    const std::size_t size = precision == Precision::F32 ? 4 : 2;
    const auto product =
        context.matMuls().get({.inputs = inputs, .outputs = outputs, .precision = precision});
    const std::vector<float> weights(static_cast<std::size_t>(inputs) * static_cast<std::size_t>(outputs),
                                     0.01f);
    const PackedWeights packed = product->pack(weights);
    const int workers = context.threads().workers();
    std::vector<Buffer> src, dst;
    for (int worker = 0; worker < workers; ++worker) {
        src.emplace_back(static_cast<std::size_t>(kRows) * static_cast<std::size_t>(inputs) * size);
        dst.emplace_back(static_cast<std::size_t>(kRows) * static_cast<std::size_t>(outputs) * sizeof(float));
    }
    double best = 0;
    for (int round = 0; round < 12; ++round) {
        const auto begin = Clock::now();
        context.threads().forEach(workers, [&](int index, int worker) {
            for (int repeat = 0; repeat < kRepeats; ++repeat)
                product->run(worker, src[static_cast<std::size_t>(index)].data(), packed, nullptr,
                             dst[static_cast<std::size_t>(index)].data(), kRows);
        });
        const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        best = std::max(best, 2.0 * kRepeats * kRows * inputs * outputs * workers / seconds);
    }
    return best;
}

} // namespace

double matMulPeak(ComputeContext& context, Precision precision) {
    double best = 0;
    for (const auto& [inputs, outputs] : {std::pair{512, 512}, {768, 768}, {1024, 512}, {768, 3072}})
        best = std::max(best, flopsPerSecond(context, precision, inputs, outputs));
    return best;
}

} // namespace steploom
