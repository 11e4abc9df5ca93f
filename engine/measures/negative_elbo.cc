// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/negative_elbo.h"

#include "engine/measures/masked_windows.h"
#include "engine/sampling/model_pool.h"
#include "engine/schedule/noise.h"

#include <algorithm>

namespace steploom {

std::map<char, Measure> measureNelbo(const ModelPool& pool, std::span<const std::int32_t> text,
                                     const NelboSettings& settings, ThreadPool& threads,
                                     const Progress& progress, const std::stop_token& stop) {
    const CounterRandom random(settings.seed);
    const auto time = [&](int window, int draw) {
        const double shift =
            random.uniform(Purpose::ImportanceTime, static_cast<std::uint32_t>(window), 0, 0);
        return std::max(kNoiseEpsilon, (draw + shift) / settings.draws);
    };
    MaskedWindows windows(pool, text,
                          {.windows = settings.windows,
                           .length = settings.length,
                           .maskings = settings.draws,
                           .time = time,
                           .seed = settings.seed},
                          threads, "cannot measure the NELBO");
    while (!stop.stop_requested() && windows.advance())
        if (progress)
            progress(windows.share());

    std::map<char, Measure> measures;
    for (std::size_t member = 0; member < pool.members().size() && windows.complete() > 0; ++member) {
        std::vector<double> nats;
        for (int window = 0; window < windows.complete(); ++window) {
            double sum = 0;
            for (int draw = 0; draw < settings.draws; ++draw) {
                const MaskedWindows::Sums& sums = windows.sums(window, draw);
                sum += sums.crossEntropy[member] / sums.time;
            }
            nats.push_back(sum / settings.draws / settings.length);
        }
        const PoolMember& measured = pool.members()[member];
        measures[measured.spec.letter] = {
            .name = "nelbo",
            .estimate = meanWithInterval(nats),
            .unit = "nats/token",
            .estimator = "mean over windows of (1/t) Σ masked −log p(x₀) / L, low-discrepancy t, t interval",
            .settings = {{"length", settings.length},
                         {"draws", settings.draws},
                         {"seed", settings.seed},
                         {"level", 0.95},
                         {"model", measured.spec.name},
                         {"model_sha256", measured.spec.sha256},
                         {"precision", precisionName(measured.spec.precision)}}};
    }
    return measures;
}

} // namespace steploom
