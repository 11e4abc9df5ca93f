// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/measure_frontier.h"

#include "engine/analyses/known_runs.h"
#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace steploom {

namespace {

void refuse(const std::string& where, const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::Request, {"cannot measure the frontier", where, why, remedy});
}

void requireMeasurable(std::span<const StepSchedule> schedules, std::span<const double> temperatures,
                       const GenerationMeans& means) {
    if (means.pool == nullptr || means.evaluator == nullptr || means.store == nullptr)
        refuse("", "it takes a pool, an evaluator that judges the samples and a store that keeps them",
               "Name all three");
    if (schedules.empty())
        refuse("schedules", "there is none", "Name at least one schedule");
    if (temperatures.empty())
        refuse("temperatures", "there is none", "Name some, such as 0.6, 0.8 and 1");
    for (const double temperature : temperatures)
        if (!(temperature > 0))
            refuse("temperatures", fmt::format("{} is not above 0", temperature), "Leave it out");
}

FrontierPoint pointOf(const Run& run, const Evaluator& evaluator) {
    std::vector<std::vector<std::int32_t>> tokens;
    for (const RunSample& sample : run.samples)
        tokens.push_back(sample.trace.tokens);
    return {.schedule = run.summary.request.schedule,
            .temperature = run.summary.request.temperature,
            .run = run.summary.id,
            .perplexity = generativePerplexity(scoresOf(run), evaluator).estimate,
            .entropy = unigramEntropy(tokens).estimate,
            .saved = run.summary.cost.executedSaving};
}

} // namespace

Frontier measureFrontier(const GenerationRequest& request, std::span<const StepSchedule> schedules,
                         std::span<const double> temperatures, const GenerationMeans& means,
                         FrontierObserver& observer, const std::stop_token& stop) {
    requireMeasurable(schedules, temperatures, means);
    std::vector<double> rising(temperatures.begin(), temperatures.end());
    std::ranges::sort(rising);
    rising.erase(std::ranges::unique(rising).begin(), rising.end());
    const int count = static_cast<int>(schedules.size() * rising.size());
    KnownRuns runs(request, means);
    Frontier frontier{.points = {}, .stopped = true};
    for (const StepSchedule& schedule : schedules)
        for (const double temperature : rising) {
            GenerationRequest variant = request;
            variant.schedule = schedule;
            variant.temperature = temperature;
            std::optional<Run> run = runs.find(variant, request.samples);
            if (!run && stop.stop_requested())
                return frontier;
            const int index = static_cast<int>(frontier.points.size());
            observer.beginning(index, count, schedule, temperature, run.has_value());
            if (!run) {
                CallProgress progress([&](double made) { observer.advanced((index + made) / count); });
                run = runs.make(variant, request.samples, progress, stop);
            }
            if (!run)
                return frontier;
            frontier.points.push_back(pointOf(*run, *means.evaluator));
            observer.advanced(static_cast<double>(index + 1) / count);
            observer.measured(frontier);
        }
    frontier.stopped = false;
    return frontier;
}

} // namespace steploom
