// SPDX-License-Identifier: GPL-3.0-or-later
// How close a forward pass comes to the matrix-product peak of the same run.
#include "experiments/benchmarks/made_up_mdlm.h"
#include "experiments/benchmarks/matmul_peak.h"
#include "experiments/benchmarks/run_benchmarks.h"

#include "engine/checkpoint/checkpoint.h"
#include "engine/core/error.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"

#include <algorithm>
#include <chrono>
#include <limits>
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

void forwardAllRows(benchmark::State& state, const Size& size, Precision precision) {
    const MadeUpMdlm folder(size.shape);
    ComputeContext context;
    const auto model = loadMaskedDiffusionModel(Checkpoint::open(folder.folder()), precision, context);
    if (model->facts().effective != precision) {
        state.SkipWithError("this processor has no bf16 products");
        return;
    }
    const int rows = size.samples * size.shape.length;
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(rows)), wanted(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i)
        tokens[i] = i % 2 ? model->maskToken() : static_cast<std::int32_t>(i * 31 % 4000);
    std::iota(wanted.begin(), wanted.end(), 0);
    std::vector<float> logits(tokens.size() * static_cast<std::size_t>(size.shape.vocabulary));
    const DenoisingCall call{tokens, {}, size.samples, size.shape.length, wanted};
    model->logits(call, logits);

    const double flops =
        size.samples * model->facts().blockFlops(size.shape.length) + rows * model->facts().headFlopsPerRow;
    // The machine's speed drifts: the peak is taken before and after, and each call is held against their
    // mean.
    const double before = matMulPeak(context, precision);
    double fastest = std::numeric_limits<double>::infinity(), total = 0;
    std::int64_t calls = 0;
    for (auto _ : state) {
        const auto begin = std::chrono::steady_clock::now();
        model->logits(call, logits);
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        state.SetIterationTime(seconds);
        fastest = std::min(fastest, seconds);
        total += seconds;
        ++calls;
    }
    const double peak = (before + matMulPeak(context, precision)) / 2;
    state.counters["GFLOP/s"] = flops * static_cast<double>(calls) / total / 1e9;
    state.counters["peak_GFLOP/s"] = peak / 1e9;
    state.counters["of_peak_mean"] = flops * static_cast<double>(calls) / total / peak;
    state.counters["of_peak_best"] = flops / fastest / peak;
}

} // namespace

int main(int argc, char** argv) {
    for (const Size& size : kSizes)
        for (const Precision precision : {Precision::F32, Precision::BF16})
            benchmark::RegisterBenchmark(
                (std::string("forward/") + size.name + "/" + std::string(precisionName(precision))).c_str(),
                [&size, precision](benchmark::State& state) { forwardAllRows(state, size, precision); })
                ->UseManualTime()
                ->Unit(benchmark::kMillisecond)
                ->MinTime(4.0);
    return runBenchmarks(argc, argv);
}
