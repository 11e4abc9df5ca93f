// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/optimum_schedule.h"

#include "engine/core/error.h"
#include "engine/schedule/noise.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace steploom {

namespace {

void requireKnown(std::span<const double> importance) {
    if (importance.empty() ||
        !std::ranges::all_of(importance, [](double value) { return std::isfinite(value); }))
        throw Error(ErrorKind::Schedule, {"cannot make the optimum schedule", "step importance",
                                          importance.empty() ? "it is not known" : "a value is not finite",
                                          "Measure the importance of the steps first"});
}

} // namespace

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
    requireKnown(importance);
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

StepSchedule optimumOfSegments(std::span<const double> importance, const PresetOptions& options,
                               int mostSegments) {
    const StepSchedule heavy = makePreset(Preset::AllHeavy, options); // refuses steps and shares out of range
    requireKnown(importance);
    const auto refuse = [](const std::string& where, const std::string& why, const std::string& remedy) {
        throw Error(ErrorKind::Schedule, {"cannot make the optimum schedule", where, why, remedy});
    };
    const auto steps = static_cast<std::size_t>(options.steps);
    const auto light = static_cast<std::size_t>(std::lround(options.lightShare * options.steps));
    if (mostSegments < 1 || (mostSegments == 1 && light > 0 && light < steps))
        refuse("segments", std::to_string(mostSegments) + " cannot hold both models",
               "Allow at least 2 segments");
    const std::size_t segments = std::min(static_cast<std::size_t>(mostSegments), steps);
    // Cheapest way to have done the steps so far with s segments, the last one heavy (0) or light (1), and k
    // light steps: by [(s − 1) · 2 + model][k].
    const std::size_t width = light + 1, states = segments * 2 * width;
    if (static_cast<std::int64_t>(steps * states) > kMostOptimumStates)
        refuse("segments", "there are too many ways for so many steps and segments",
               "Allow fewer segments, or leave their number open");
    constexpr double kNever = std::numeric_limits<double>::infinity();
    std::vector<double> before(states, kNever), now(states, kNever);
    std::vector<bool> changed(steps * states); ///< whether this step began its segment
    before[0] = 0;
    if (light > 0)
        before[width + 1] = importanceAt(importance, 0, options.steps);
    for (std::size_t step = 1; step < steps; ++step) {
        const double cost = importanceAt(importance, static_cast<int>(step), options.steps);
        for (std::size_t state = 0; state < states; ++state) {
            const std::size_t row = state / width, k = state % width, model = row % 2;
            now[state] = kNever;
            if (k < model)
                continue;
            const double stay = before[row * width + k - model];
            const double change = row < 2 ? kNever : before[(row - 2 + 1 - 2 * model) * width + k - model];
            changed[step * states + state] = change < stay;
            now[state] = std::min(stay, change) + (model == 1 ? cost : 0);
        }
        std::swap(before, now);
    }
    std::size_t row = 0;
    for (std::size_t last = 0; last < segments * 2; ++last)
        if (before[last * width + light] < before[row * width + light])
            row = last;
    std::string letters = heavy.letters();
    std::size_t k = light;
    for (std::size_t step = steps; step-- > 0;) {
        const std::size_t model = row % 2;
        if (model == 1)
            letters[step] = options.light;
        const bool begins = changed[step * states + row * width + k];
        k -= model;
        if (begins)
            row = row - 2 + 1 - 2 * model;
    }
    return StepSchedule(std::move(letters));
}

} // namespace steploom
