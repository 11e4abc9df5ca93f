// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/benchmarks/matmul_peak.h"

#include "engine/core/thread_pool.h"
#include "engine/tensor/buffer.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/matmul.h"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace steploom {

double cpuSeconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct MatMulPeak::Product {
    std::shared_ptr<const MatMul> product;
    PackedWeights weights;
    std::vector<Buffer> src, dst; ///< by worker
};

MatMulPeak::MatMulPeak(ComputeContext& context, Precision precision) : m_context(context) {
    constexpr int kRows = MatMul::kLargestTile;
    for (const auto& [inputs, outputs] : {std::pair{512, 512}, {768, 768}, {1024, 512}, {768, 3072}}) {
        auto entry = std::make_unique<Product>();
        entry->product =
            context.matMuls().get({.inputs = inputs, .outputs = outputs, .precision = precision});
        const auto count = static_cast<std::size_t>(inputs) * static_cast<std::size_t>(outputs);
        std::vector<float> weights(count);
        std::vector<std::int8_t> bytes(count);
        for (std::size_t i = 0; i < count; ++i) {
            bytes[i] = static_cast<std::int8_t>(static_cast<int>(i * 37 % 255) - 127);
            weights[i] = 0.001f * static_cast<float>(bytes[i]);
        }
        entry->weights = precision == Precision::Int8
                             ? entry->product->pack(std::span<const std::int8_t>(bytes))
                             : entry->product->pack(std::span<const float>(weights));
        for (int worker = 0; worker < context.threads().workers(); ++worker) {
            Buffer& src = entry->src.emplace_back(static_cast<std::size_t>(kRows * inputs) * sizeof(float));
            for (std::size_t i = 0; i < src.bytes(); ++i)
                src.data()[i] =
                    static_cast<std::byte>(0x30 + i * 11 % 13); // plain numbers in every precision
            entry->dst.emplace_back(static_cast<std::size_t>(kRows * outputs) * sizeof(float));
        }
        m_products.push_back(std::move(entry));
    }
}

MatMulPeak::~MatMulPeak() = default;

Rate MatMulPeak::probe() const {
    using Clock = std::chrono::steady_clock;
    constexpr int kRows = MatMul::kLargestTile;
    constexpr double kFlopsEach = 6e9; // of a worker
    Rate best;
    for (const auto& entry : m_products) {
        const double flops = 2.0 * kRows * entry->product->spec().inputs * entry->product->spec().outputs;
        const int repeats = std::max(1, static_cast<int>(kFlopsEach / flops));
        const int workers = m_context.threads().workers();
        const auto begin = Clock::now();
        const double cpu = cpuSeconds();
        m_context.threads().forEach(workers, [&](int index, int worker) {
            const auto at = static_cast<std::size_t>(index);
            for (int repeat = 0; repeat < repeats; ++repeat)
                entry->product->run(worker, entry->src[at].data(), entry->weights, nullptr,
                                    entry->dst[at].data(), kRows);
        });
        const double total = flops * repeats * workers;
        const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        best.perSecond = std::max(best.perSecond, total / seconds);
        best.perCpuSecond = std::max(best.perCpuSecond, total / (cpuSeconds() - cpu));
    }
    return best;
}

} // namespace steploom
