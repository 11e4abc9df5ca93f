// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/optimum_schedule.h"

#include "engine/core/error.h"
#include "engine/schedule/noise.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <vector>

namespace steploom {

double importanceAt(std::span<const double> importance, int step, int steps) {
    const std::int64_t parts = static_cast<std::int64_t>(importance.size());
    return importance[static_cast<std::size_t>((2 * std::int64_t{step} + 1) * parts /
                                               (2 * std::int64_t{steps}))];
}

double predictedCost(const StepSchedule& schedule, int masked,
                     const std::function<std::span<const double>(char)>& importanceOf) {
    const int steps = schedule.steps();
    std::map<char, std::span<const double>> known;
    double cost = 0;
    for (int step = 0; step < steps; ++step) {
        const char letter = schedule.at(step);
        const auto [found, isNew] = known.try_emplace(letter);
        if (isNew)
            found->second = importanceOf(letter);
        if (found->second.empty())
            continue;
        const double revealed = (1 - kNoiseEpsilon) / steps + (step == steps - 1 ? kNoiseEpsilon : 0);
        cost += masked * revealed * importanceAt(found->second, step, steps);
    }
    return cost;
}

StepSchedule optimumSchedule(std::span<const double> importance, const PresetOptions& options) {
    const StepSchedule heavy = makePreset(Preset::AllHeavy, options); // refuses steps and shares out of range
    if (importance.empty() ||
        !std::ranges::all_of(importance, [](double value) { return std::isfinite(value); }))
        throw Error(ErrorKind::Schedule, {"cannot make the optimum schedule", "step importance",
                                          importance.empty() ? "it is not known" : "a value is not finite",
                                          "Measure the importance of the steps first"});
    std::vector<int> order(static_cast<std::size_t>(options.steps));
    std::iota(order.rbegin(), order.rend(), 0); // later steps first among equals
    std::ranges::stable_sort(order, {},
                             [&](int step) { return importanceAt(importance, step, options.steps); });
    const auto light = static_cast<std::size_t>(std::lround(options.lightShare * options.steps));
    std::string letters = heavy.letters();
    for (std::size_t k = 0; k < light; ++k)
        letters[static_cast<std::size_t>(order[k])] = options.light;
    return StepSchedule(std::move(letters));
}

} // namespace steploom
