// SPDX-License-Identifier: GPL-3.0-or-later
// How close training comes to the matrix-product peak of the same run: 6 × parameters × tokens as FLOPs.
#include "experiments/benchmarks/matmul_peak.h"
#include "experiments/benchmarks/run_benchmarks.h"

#include "engine/core/thread_pool.h"
#include "engine/tensor/compute_context.h"
#include "experiments/training/trainer.h"

#include <algorithm>
#include <chrono>
#include <vector>

using namespace steploom;

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kSteps = 14, kUncounted = 2; // the first steps build oneDNN's primitives

/// Holds each step against a peak taken right before and right after it, as bench_models does a call.
class StepTimer : public TrainingObserver {
public:
    explicit StepTimer(const MatMulPeak& peak) : m_peak(peak) {}
    void note(const std::string&) override {}
    void preparing(double) override {}
    void point(const TrainingPoint& point, double, double) override {
        const double seconds = std::chrono::duration<double>(Clock::now() - m_begin).count(),
                     cpu = cpuSeconds() - m_cpuBegin;
        const Rate after = m_peak.probe();
        if (point.step > kUncounted) {
            const double flops = point.flops - m_flops;
            rates.push_back(flops / seconds);
            tokens.push_back(static_cast<double>(point.tokens - m_tokens) / seconds);
            peaks.push_back(after.perSecond);
            shares.push_back(2 * flops / seconds / (m_before.perSecond + after.perSecond));
            cpuShares.push_back(2 * flops / cpu / (m_before.perCpuSecond + after.perCpuSecond));
        }
        m_flops = point.flops;
        m_tokens = point.tokens;
        m_before = after;
        m_cpuBegin = cpuSeconds();
        m_begin = Clock::now();
    }
    std::vector<double> shares, cpuShares, rates, peaks, tokens;

private:
    const MatMulPeak& m_peak;
    Rate m_before;
    double m_flops = 0;
    std::int64_t m_tokens = 0;
    double m_cpuBegin = 0;
    Clock::time_point m_begin;
};

void train(benchmark::State& state, NetworkShape shape) {
    ComputeContext context;
    const MatMulPeak peak(context, Precision::BF16);
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / "steploom-bench-training";
    for (auto _ : state) {
        std::filesystem::remove_all(folder);
        TrainingJob job;
        job.texts = {STEPLOOM_RESOURCES "/texts/the-lamplighters-geese.txt"};
        job.tokenizer = STEPLOOM_RESOURCES "/checkpoints/light";
        job.out = folder;
        job.config.network = shape;
        job.config.batch = 32;
        job.config.steps = kSteps;
        job.config.logEvery = 1;
        job.config.saveEvery = job.config.validateEvery = 1000;
        job.config.validationWindows = 1;
        job.config.phases = {{1.0, 0.0, 1.0, true}};
        StepTimer timer(peak);
        steploom::train(job, nullptr, timer, {});
        state.SetIterationTime(4096 / median(timer.tokens));
        state.counters["of_peak"] = median(timer.shares);
        state.counters["of_peak_cpu"] = median(timer.cpuShares);
        state.counters["GFLOP/s"] = median(timer.rates) / 1e9;
        state.counters["peak_GFLOP/s"] = median(timer.peaks) / 1e9;
        state.counters["tokens/s"] = median(timer.tokens);
    }
    std::filesystem::remove_all(folder);
}

} // namespace

int main(int argc, char** argv) {
    const auto add = [](const char* name, int width, int blocks, int heads) {
        NetworkShape shape;
        shape.width = width;
        shape.blocks = blocks;
        shape.heads = heads;
        benchmark::RegisterBenchmark(name, [shape](benchmark::State& state) { train(state, shape); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(1);
    };
    add("mdlm_4096_tokens_a_step/d384_8blocks", 384, 8, 6);
    add("mdlm_4096_tokens_a_step/d192_12blocks", 192, 12, 3);
    return runBenchmarks(argc, argv);
}
