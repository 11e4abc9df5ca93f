// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/step_importance.h"

#include "engine/core/error.h"
#include "engine/measures/masked_windows.h"
#include "engine/sampling/model_pool.h"

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

ImportanceProfile profileOf(const MaskedWindows& windows, const std::vector<double>& times,
                            const ModelPool& pool) {
    ImportanceProfile profile;
    const int complete = windows.complete();
    profile.windows = complete;
    if (complete == 0)
        return profile;
    profile.times = times;
    const auto size = static_cast<std::size_t>(complete);
    std::vector<double> masked(size), crossEntropy(size), diverged(size);
    for (std::size_t member = 0; member < pool.members().size(); ++member) {
        ImportanceProfile::Member& figures = profile.members.emplace_back();
        figures.letter = pool.members()[member].spec.letter;
        for (std::size_t time = 0; time < times.size(); ++time) {
            for (std::size_t window = 0; window < size; ++window) {
                const MaskedWindows::Sums& sums =
                    windows.sums(static_cast<int>(window), static_cast<int>(time));
                masked[window] = sums.masked;
                crossEntropy[window] = sums.crossEntropy[member];
                diverged[window] = sums.divergence[member];
            }
            figures.crossEntropy.push_back(ratioWithInterval(crossEntropy, masked));
            figures.divergence.push_back(ratioWithInterval(diverged, masked));
        }
    }
    return profile;
}

} // namespace

std::vector<double> ImportanceProfile::importanceOf(char letter) const {
    const auto member = std::ranges::find(members, letter, &Member::letter);
    if (member == members.end())
        throw Error(ErrorKind::Schedule, {"cannot say how much the steps matter", std::string(1, letter),
                                          "no member of this letter was measured",
                                          "Measure the importance of the steps with this pool"});
    std::vector<double> values;
    for (const Estimate& estimate : member->divergence)
        values.push_back(std::isfinite(estimate.value) ? std::max(0.0, estimate.value) : 0.0);
    return values;
}

ImportanceProfile measureImportance(const ModelPool& pool, std::span<const std::int32_t> text,
                                    const ImportanceSettings& settings, ThreadPool& threads,
                                    const ImportanceProgress& progress, std::stop_token stop) {
    // From the run's start, where all is masked, to its end.
    std::vector<double> times;
    for (int part = 0; part < settings.times; ++part)
        times.push_back(1 - (part + 0.5) / settings.times);
    MaskedWindows windows(pool, text,
                          {.windows = settings.windows,
                           .length = settings.length,
                           .maskings = settings.times,
                           .time = [&](int, int part) { return times[static_cast<std::size_t>(part)]; },
                           .nested = true,
                           .seed = settings.seed},
                          threads, "cannot measure the importance of the steps");
    while (!stop.stop_requested() && windows.advance())
        if (progress)
            progress(windows.share(), profileOf(windows, times, pool));
    return profileOf(windows, times, pool);
}

} // namespace steploom
