// SPDX-License-Identifier: GPL-3.0-or-later
// What the measures cost on the bundled checkpoints: step importance, BrierLM of masked diffusion with its
// share of the matrix product's peak, BrierLM of the causal reader, and the bootstrap.
#include "experiments/benchmarks/matmul_peak.h"
#include "experiments/benchmarks/run_benchmarks.h"

#include "engine/core/random.h"
#include "engine/core/read_file.h"
#include "engine/core/thread_pool.h"
#include "engine/measures/brier_models.h"
#include "engine/measures/step_importance.h"
#include "engine/models/registry.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/tensor/compute_context.h"

#include <chrono>
#include <stop_token>
#include <string>

using namespace steploom;

namespace {

using Clock = std::chrono::steady_clock;

const std::string kResources = STEPLOOM_RESOURCES;

std::vector<PoolMemberSpec> membersOf(const std::string& letters, Precision precision) {
    std::vector<PoolMemberSpec> members;
    for (const char letter : letters) {
        const std::string name = letter == 'H' ? "heavy" : "light";
        members.push_back({letter, name, kResources + "/checkpoints/" + name, precision, ""});
    }
    return members;
}

/// The bundled text has some 134 windows of 128 tokens: over again, until it holds enough.
std::vector<std::int32_t> textOf(const Tokenizer& tokenizer, int tokens) {
    const std::vector<std::int32_t> once = tokenizer.encode(
        readFile(kResources + "/texts/the-lamplighters-geese.txt", ErrorKind::File, "cannot read the text"));
    std::vector<std::int32_t> text;
    while (static_cast<int>(text.size()) < tokens)
        text.insert(text.end(), once.begin(), once.end());
    return text;
}

/// 20 times × 256 windows of 128 tokens, both members.
void importance(benchmark::State& state, Precision precision) {
    ComputeContext context;
    const ModelPool pool = ModelPool::load(membersOf("HL", precision), {}, context);
    const std::vector<std::int32_t> text = textOf(*pool.tokenizer(), 256 * 128);
    for (auto _ : state)
        benchmark::DoNotOptimize(measureImportance(pool, text, {}, context.threads()));
}

/// FLOPs that the windows take: those of the same samples under a generator that counts them.
double flopsOf(const ModelPool& pool, GenerationRequest request, const BrierWindows& windows, int draws) {
    std::vector<std::int32_t> canvases;
    for (int window = 0; window < windows.count(); ++window) {
        const auto context = windows.contextOf(window);
        canvases.insert(canvases.end(), context.begin(), context.end());
        canvases.resize(static_cast<std::size_t>(window + 1) * static_cast<std::size_t>(request.length),
                        pool.maskToken());
    }
    std::vector<std::int32_t> next;
    for (int i = 0; i < kBrierOrders; ++i)
        next.push_back(windows.context + i);
    GenerationObserver nobody;
    return MaskedDiffusionGenerator(pool)
        .runFrom(canvases, draws, std::move(request), nobody, {}, next)
        .flops;
}

/// `slices` of 100 windows × 4 draws, heavy alone, 64 steps, 64 tokens given of 128; the peak is measured
/// right before and after each.
void brierOfDiffusion(benchmark::State& state, Precision precision, int slices) {
    constexpr int kWindows = 100, kDraws = 4, kContext = 64;
    ComputeContext context;
    ModelPool pool = ModelPool::load(membersOf("H", precision), {}, context);
    GenerationRequest request{.pool = membersOf("H", precision), .schedule = StepSchedule::all('H', 64)};
    request.samples = kWindows * kDraws;
    request.batch = requestedBatch(request, pool);
    const std::vector<std::int32_t> text =
        textOf(*pool.tokenizer(), slices * kWindows * (kContext + kBrierOrders));
    const MatMulPeak peak(context, pool.members()[0].model->facts().effective);
    std::vector<double> perSecond, shares, cpuShares;
    double flops = 0;
    for (auto _ : state) {
        double total = 0;
        for (int slice = 0; slice < slices; ++slice) {
            const std::size_t tokens = kWindows * (kContext + kBrierOrders);
            const BrierWindows windows =
                brierWindows(std::span(text).subspan(static_cast<std::size_t>(slice) * tokens, tokens),
                             kContext, kWindows);
            // The reveal plan is the samples' own, whatever they are continued from: every slice takes as
            // much.
            if (flops == 0)
                flops = flopsOf(pool, request, windows, kDraws);
            const Rate before = peak.probe();
            const double cpu = cpuSeconds();
            const auto begin = Clock::now();
            benchmark::DoNotOptimize(brierOfMaskedDiffusion(pool, request, windows, kDraws));
            const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
            const double cpuTime = cpuSeconds() - cpu;
            const Rate after = peak.probe();
            perSecond.push_back(kWindows / seconds);
            shares.push_back(flops / seconds / (0.5 * (before.perSecond + after.perSecond)));
            cpuShares.push_back(flops / cpuTime / (0.5 * (before.perCpuSecond + after.perCpuSecond)));
            total += seconds;
        }
        state.SetIterationTime(total);
    }
    state.counters["windows_per_second"] = median(perSecond);
    state.counters["share_of_peak"] = median(shares);
    state.counters["share_of_peak_cpu"] = median(cpuShares);
}

/// 200 windows × 4 draws of the bundled reader, 64 tokens given.
void brierOfReader(benchmark::State& state) {
    ComputeContext context;
    const Checkpoint checkpoint = Checkpoint::open(kResources + "/checkpoints/reader");
    const auto tokenizer = Tokenizer::load(checkpoint.folder());
    const auto model = loadCausalModel(checkpoint, Precision::F32, context);
    const BrierWindows windows = brierWindows(textOf(*tokenizer, 200 * 68), 64, 200);
    double seconds = 0;
    for (auto _ : state) {
        const auto begin = Clock::now();
        benchmark::DoNotOptimize(brierOfCausal(*model, tokenizer->size(), windows, 4, 1));
        seconds += std::chrono::duration<double>(Clock::now() - begin).count();
    }
    state.counters["windows_per_second"] =
        windows.count() * static_cast<double>(state.iterations()) / seconds;
}

/// 10,000 resamples over 10,000 windows of four orders, as for BrierLM.
void bootstrap(benchmark::State& state) {
    ComputeContext context;
    const CounterRandom random(1);
    std::vector<BrierScores> windows(10000);
    for (std::size_t window = 0; window < windows.size(); ++window)
        for (std::size_t order = 0; order < kBrierOrders; ++order)
            windows[window][order] = random.uniform(Purpose::Token, static_cast<std::uint32_t>(window),
                                                    static_cast<std::uint32_t>(order), 0) -
                                     0.2;
    for (auto _ : state)
        benchmark::DoNotOptimize(brierLmOf(windows, 4, BrierEstimator::Draws, {}, &context.threads()));
}

} // namespace

int main(int argc, char** argv) {
    for (const Precision precision : {Precision::F32, Precision::BF16}) {
        const std::string name(precisionName(precision));
        benchmark::RegisterBenchmark(("importance/20x256/" + name).c_str(),
                                     [precision](benchmark::State& state) { importance(state, precision); })
            ->Iterations(1)
            ->UseRealTime()
            ->Unit(benchmark::kSecond);
        for (const int slices : {1, 10})
            benchmark::RegisterBenchmark(
                ("brier_diffusion/" + std::to_string(100 * slices) + "x4/" + name).c_str(),
                [precision, slices](benchmark::State& state) { brierOfDiffusion(state, precision, slices); })
                ->Iterations(1)
                ->UseManualTime()
                ->Unit(benchmark::kSecond);
    }
    benchmark::RegisterBenchmark("brier_causal/200x4", brierOfReader)
        ->Iterations(1)
        ->UseRealTime()
        ->Unit(benchmark::kSecond);
    benchmark::RegisterBenchmark("bootstrap/10000x10000", bootstrap)
        ->Iterations(3)
        ->UseRealTime()
        ->Unit(benchmark::kSecond);
    return runBenchmarks(argc, argv);
}
