// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/json_text.h"
#include "engine/runs/run_store.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/stored_runs.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace steploom::cli {

namespace {

/// Rows that show prints to people; --json has every point.
constexpr std::size_t kMostRows = 24;

struct TrainingsOptions {
    std::string store;
    std::int64_t id = 0;
};

nlohmann::json orNull(const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json pointJson(const TrainingPoint& point) {
    return {{"step", point.step},
            {"tokens", point.tokens},
            {"seconds", point.seconds},
            {"flops", point.flops},
            {"learning_rate", point.learningRate},
            {"loss", point.loss},
            {"validation", orNull(point.validation)}};
}

nlohmann::json summaryJson(const TrainingSummary& training) {
    return {{"id", training.id},
            {"key", training.key},
            {"name", training.name},
            {"kind", training.kind},
            {"state", trainingStateName(training.state)},
            {"started", training.started},
            {"folder", training.folder},
            {"planned_steps", training.plannedSteps > 0 ? nlohmann::json(training.plannedSteps) : nullptr},
            {"validation_measure", training.validation},
            {"last_validation", orNull(training.lastValidation)},
            {"last", training.last ? pointJson(*training.last) : nlohmann::json()},
            {"note", training.note}};
}

std::string stepsText(const TrainingSummary& training) {
    const std::string done = std::to_string(training.last ? training.last->step : 0);
    return training.plannedSteps > 0 ? fmt::format("{} of {}", done, training.plannedSteps) : done;
}

std::string nameOr(const std::string& name, const char* otherwise) { return name.empty() ? otherwise : name; }

int listTrainings(const TrainingsOptions& options, const Console& console) {
    const std::vector<TrainingSummary> trainings = openStoredRuns(options.store).listTrainings();
    if (console.json) {
        nlohmann::json list = nlohmann::json::array();
        for (const TrainingSummary& training : trainings)
            list.push_back(summaryJson(training));
        console.printJson({{"trainings", std::move(list)}});
        return kDone;
    }
    if (trainings.empty()) {
        console.note("no training runs yet: steploom-train writes them");
        return kDone;
    }
    Table table("rlllrrrrr",
                {"id", "state", "kind", "name", "steps", "tokens", "loss", "validation", "time"});
    for (const TrainingSummary& training : trainings) {
        const std::optional<TrainingPoint>& last = training.last;
        table.add({std::to_string(training.id), std::string(trainingStateName(training.state)), training.kind,
                   shortened(training.name, 32), stepsText(training),
                   last ? countText(static_cast<double>(last->tokens)) : "–",
                   last ? numberText(last->loss) : "–",
                   training.lastValidation ? numberText(*training.lastValidation) : "–",
                   last ? durationText(last->seconds) : "–"});
    }
    console.print(table.text());
    return kDone;
}

/// Of a long curve so many points that they fit on a screen, the last and those with a validation before
/// others.
std::vector<TrainingPoint> shownPoints(const std::vector<TrainingPoint>& points) {
    std::vector<TrainingPoint> validated;
    std::ranges::copy_if(points, std::back_inserter(validated),
                         [](const TrainingPoint& point) { return point.validation.has_value(); });
    const std::vector<TrainingPoint>& chosen = validated.empty() ? points : validated;
    std::vector<TrainingPoint> shown;
    const std::size_t stride = std::max<std::size_t>(1, (chosen.size() + kMostRows - 1) / kMostRows);
    for (std::size_t i = (chosen.size() + stride - 1) % stride; i < chosen.size(); i += stride)
        shown.push_back(chosen[i]);
    if (!points.empty() && (shown.empty() || shown.back().step != points.back().step))
        shown.push_back(points.back());
    return shown;
}

int showTraining(const TrainingsOptions& options, const Console& console) {
    const TrainingRun run = openStoredRuns(options.store).loadTraining(options.id);
    const TrainingSummary& summary = run.summary;
    if (console.json) {
        const Error::Parts parts{"cannot read a stored training run", options.store, {}, "Remove it"};
        nlohmann::json json = summaryJson(summary);
        json["config"] = parseJson(run.config, ErrorKind::Store, parts);
        json["provenance"] = parseJson(run.provenance, ErrorKind::Store, parts);
        json["points"] = nlohmann::json::array();
        for (const TrainingPoint& point : run.points)
            json["points"].push_back(pointJson(point));
        console.printJson(json);
        return kDone;
    }
    std::string text = fmt::format("training run {}, {}, started {}\n{} ({}) to {}\n", summary.id,
                                   trainingStateName(summary.state), summary.started, summary.name,
                                   summary.kind, summary.folder);
    if (!summary.note.empty())
        text += summary.note + "\n";
    text += fmt::format("steps {}, {} points; loss and {}{}\n\n", stepsText(summary), run.points.size(),
                        nameOr(summary.validation, "validation"),
                        summary.kind.starts_with("calm") ? ""
                                                         : " in nats per token"); // CALM's losses are its own
    Table table("rrrrrrr", {"step", "tokens", "FLOPs", "time", "learning rate", "loss",
                            nameOr(summary.validation, "validation")});
    for (const TrainingPoint& point : shownPoints(run.points))
        table.add({std::to_string(point.step), countText(static_cast<double>(point.tokens)),
                   flopsText(point.flops), durationText(point.seconds),
                   fmt::format("{:.3g}", point.learningRate), numberText(point.loss),
                   point.validation ? numberText(*point.validation) : "–"});
    text += table.text();
    text += fmt::format("\nconfig {}\nmade by {}\n", run.config, run.provenance);
    console.print(text);
    return kDone;
}

int removeTraining(const TrainingsOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const TrainingSummary summary = store.loadTraining(options.id).summary;
    if (summary.state == TrainingState::Running)
        throw Error(ErrorKind::Store, {.what = fmt::format("cannot remove training run {}", options.id),
                                       .where = store.file().string(),
                                       .why = "it is running",
                                       .remedy = "Stop the training first"});
    store.removeTraining(options.id);
    if (console.json)
        console.printJson({{"removed", options.id}});
    else
        console.print(fmt::format("removed training run {}, {}; its checkpoint was not touched\n", options.id,
                                  summary.name));
    return kDone;
}

} // namespace

void addTrainings(CLI::App& app, Console& console, Work& work) {
    CLI::App* trainings = app.add_subcommand("trainings", "The training runs that were kept");
    trainings->require_subcommand(1);
    auto options = std::make_shared<TrainingsOptions>();
    addStoreVerb(*trainings, "list", "One line a training run, newest first", listTrainings, options, console,
                 work);
    addStoreVerb(*trainings, "show", "All of a training run: config, provenance, curve", showTraining,
                 options, console, work)
        ->add_option("ID", options->id, "Number of the training run")
        ->required();
    addStoreVerb(*trainings, "remove", "Forget a training run and its curve; the checkpoint stays",
                 removeTraining, options, console, work)
        ->add_option("ID", options->id, "Number of the training run")
        ->required();
}

} // namespace steploom::cli
