// SPDX-License-Identifier: GPL-3.0-or-later
// How long a checkpoint of mdlm-owt's size takes from a warm page cache until it can compute, and how much
// memory that costs at most.
#include "experiments/benchmarks/made_up_mdlm.h"
#include "experiments/benchmarks/run_benchmarks.h"

#include "engine/checkpoint/checkpoint.h"
#include "engine/core/memory.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <vector>

using namespace steploom;

namespace {

struct Loading {
    double seconds = 0;
    double peakBytes = 0;
};

Loading load(const std::filesystem::path& folder, Precision precision) {
    const auto begin = std::chrono::steady_clock::now();
    ComputeContext context;
    const Checkpoint checkpoint = Checkpoint::open(folder);
    // As ModelPool::load does: the hash for the record of the runs is computed beside the loading.
    auto hashing = std::async(std::launch::async, [&checkpoint] { checkpoint.sha256(); });
    const auto model = loadMaskedDiffusionModel(checkpoint, precision, context);
    hashing.get();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    // One step of generation on a whole canvas: memory for activations and logits of one row.
    const int length = model->facts().length;
    const std::vector<std::int32_t> tokens(static_cast<std::size_t>(length), model->maskToken()), rows{0};
    std::vector<float> logits(static_cast<std::size_t>(model->facts().vocabulary));
    model->logits({tokens, {}, 1, length, rows}, logits);
    return {seconds, static_cast<double>(peakMemory())};
}

/// In a process of its own, whose peak of memory is nobody else's.
std::optional<Loading> loadApart(const std::filesystem::path& folder, Precision precision) {
    int ends[2];
    if (pipe(ends) != 0)
        return {};
    const pid_t child = fork();
    if (child == 0) {
        try {
            const Loading loading = load(folder, precision);
            _exit(write(ends[1], &loading, sizeof loading) == sizeof loading ? 0 : 1);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
            _exit(1);
        }
    }
    close(ends[1]);
    Loading loading;
    const bool whole = read(ends[0], &loading, sizeof loading) == sizeof loading;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return whole && status == 0 ? std::optional(loading) : std::nullopt;
}

void loadFromWarmCache(benchmark::State& state, const MadeUpMdlm& folder, Precision precision) {
    double peak = 0;
    loadApart(folder.folder(), precision);
    for (auto _ : state) {
        const auto loading = loadApart(folder.folder(), precision);
        if (!loading) {
            state.SkipWithError("loading failed");
            return;
        }
        state.SetIterationTime(loading->seconds);
        peak = std::max(peak, loading->peakBytes);
    }
    const auto facts = describe(Checkpoint::open(folder.folder()));
    const double weights =
        static_cast<double>(facts.parameters) * static_cast<double>(elementSize(precision));
    state.counters["file_MB"] = static_cast<double>(facts.parameters) * 4e-6;
    state.counters["weights_MB"] = weights / 1e6;
    state.counters["peak_MB"] = peak / 1e6;
    state.counters["allowed_MB"] = 1.25 * weights / 1e6 + 300;
}

} // namespace

int main(int argc, char** argv) {
    const MadeUpMdlm folder({768, 12, 12, 50258, 1024, 128, true});
    for (const Precision precision : {Precision::F32, Precision::BF16, Precision::Int8})
        benchmark::RegisterBenchmark(
            ("load/d768_12blocks_V50258_f32/" + std::string(precisionName(precision))).c_str(),
            [&folder, precision](benchmark::State& state) { loadFromWarmCache(state, folder, precision); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(5);
    return runBenchmarks(argc, argv);
}
