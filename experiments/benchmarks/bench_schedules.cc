// SPDX-License-Identifier: GPL-3.0-or-later
// Whether measured seconds follow executed FLOPs: a sandwich against all-heavy, in turns, on the bundled
// pair.
#include "experiments/benchmarks/run_benchmarks.h"

#include "engine/core/error.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/schedule/presets.h"
#include "engine/tensor/compute_context.h"

#include <algorithm>
#include <vector>

using namespace steploom;

namespace {

GenerationRequest requestFor(Preset preset, double share) {
    const std::string checkpoints = std::string(STEPLOOM_RESOURCES) + "/checkpoints/";
    GenerationRequest request;
    request.pool = {{'H', "heavy", checkpoints + "heavy", Precision::F32, ""},
                    {'L', "light", checkpoints + "light", Precision::F32, ""}};
    request.schedule = makePreset(preset, {.steps = 256, .lightShare = share});
    request.samples = 8;
    request.batch = 8;
    return request;
}

void secondsFollowFlops(benchmark::State& state, Preset preset, double share) {
    ComputeContext context;
    const GenerationRequest heavy = requestFor(Preset::AllHeavy, 0), mixed = requestFor(preset, share);
    ModelPool pool = ModelPool::load(heavy.pool, {}, context);
    MaskedDiffusionGenerator generator(pool);
    GenerationObserver nobody;
    generator.run(heavy, nobody, {});
    std::vector<double> secondsRatio;
    double flopsRatio = 0;
    // In pairs: what the machine does in between hits both.
    for (auto _ : state) {
        const Trace first = generator.run(heavy, nobody, {}), second = generator.run(mixed, nobody, {});
        state.SetIterationTime(first.seconds + second.seconds);
        secondsRatio.push_back(second.seconds / first.seconds);
        flopsRatio = second.flops / first.flops;
    }
    state.counters["executed_flops_ratio"] = flopsRatio;
    state.counters["seconds_ratio_median"] = median(secondsRatio);
    state.counters["seconds_over_flops"] = median(secondsRatio) / flopsRatio;
}

} // namespace

int main(int argc, char** argv) {
    for (const auto& [preset, share] : {std::pair{Preset::Sandwich, 0.25},
                                        {Preset::Middle, 0.25},
                                        {Preset::Sandwich, 0.5},
                                        {Preset::AllLight, 1.0}})
        benchmark::RegisterBenchmark(
            ("seconds_follow_flops/" + std::string(presetName(preset)) + "/" + std::to_string(share)).c_str(),
            [preset, share](benchmark::State& state) { secondsFollowFlops(state, preset, share); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(7);
    return runBenchmarks(argc, argv);
}
