// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/analysis_settings.h"
#include "engine/analyses/kinds.h"
#include "engine/analyses/prediction_study.h"
#include "engine/core/error.h"
#include "engine/runs/run_json.h"
#include "engine/runs/run_store.h"
#include "engine/schedule/optimum_schedule.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/importance_options.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/stored_runs.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace steploom::cli {

namespace {

struct OptimiseOptions : ImportanceOptions {
    double budget = 0.25;
    int steps = 256;
    int mostSegments = 0;  ///< 0: any number
    bool measured = false; ///< hold the prediction against the store's search
};

struct Candidate {
    std::string name;
    StepSchedule schedule;
    double cost = 0;  ///< predicted, nats a token
    double saved = 0; ///< of the blocks' FLOPs
};

/// What schedules are expected to cost by the figures of a pool.
class Prediction {
public:
    explicit Prediction(const MeasuredImportance& measured) : m_measured(measured) {
        for (const ImportanceProfile::Member& member : measured.found.profile.members)
            m_importance[member.letter] = measured.found.profile.importanceOf(member.letter);
    }

    const std::vector<double>& importanceOf(char letter) const { return m_importance.at(letter); }
    Candidate of(std::string name, StepSchedule schedule) const {
        const char heavy = m_measured.found.profile.members[0].letter;
        Candidate candidate{std::move(name), std::move(schedule)};
        candidate.cost = predictedCost(candidate.schedule, 1, [&](char letter) {
            return letter == heavy ? std::span<const double>()
                                   : std::span<const double>(m_importance.at(letter));
        });
        double flops = 0, all = 0;
        const int length = m_measured.settings.length;
        const auto& members = m_measured.pool.members();
        for (const PoolMember& member : members) {
            flops += candidate.schedule.count(member.spec.letter) * member.model->facts().blockFlops(length);
            all = candidate.schedule.steps() * members[0].model->facts().blockFlops(length);
        }
        candidate.saved = 1 - flops / all;
        return candidate;
    }

private:
    const MeasuredImportance& m_measured;
    std::map<char, std::vector<double>> m_importance;
};

nlohmann::json candidateJson(const Candidate& candidate) {
    return {{"name", candidate.name},
            {"schedule", printSchedule(candidate.schedule)},
            {"predicted_nats_per_token", candidate.cost},
            {"blocks_only_saving", candidate.saved}};
}

std::string candidatesText(const std::vector<Candidate>& candidates) {
    Table table("lrrl", {"", "saved", "predicted", "schedule"});
    for (const Candidate& candidate : candidates)
        table.add({candidate.name, shareText(candidate.saved), numberText(candidate.cost),
                   shortened(printSchedule(candidate.schedule), 60)});
    return table.text();
}

/// The newest whole search of these models.
StoredAnalysis searchOf(const ModelPool& pool, const RunStore& store) {
    for (StoredAnalysis& search : store.listAnalyses(kSearchKind))
        if (search.settings.value("models", nlohmann::json()) == modelsJson(pool) &&
            !search.result.value("stopped", false))
            return std::move(search);
    throw Error(ErrorKind::Request,
                {"cannot hold the prediction against a measurement", store.file().string(),
                 "it has no whole search of these models in these precisions",
                 "Make one first: steploom-cli search with the same --model and --store"});
}

std::string correlationText(const char* name, const Estimate& correlation) {
    return std::isnan(correlation.value)
               ? fmt::format("{}: not defined for {} schedules\n", name, correlation.n)
               : fmt::format("{} {:.3f} ({:.3f} to {:.3f})\n", name, correlation.value, correlation.low,
                             correlation.high);
}

/// What the schedules of a search were expected to cost, beside what they did.
int compareWithSearch(const OptimiseOptions& options, const MeasuredImportance& measured,
                      const Console& console) {
    const StoredAnalysis search = searchOf(measured.pool, openStoredRuns(options.store));
    const auto result = search.result.get<SearchResult>();
    const PredictionStudy study = comparePrediction(result, measured.found.profile);
    if (console.json) {
        nlohmann::json points = nlohmann::json::array();
        for (const PredictionPoint& point : study.points)
            points.push_back({{"schedule", printSchedule(point.schedule)},
                              {"run", point.run},
                              {"predicted_nats_per_token", point.predicted},
                              {"measured_nats_per_token", point.measured}});
        console.printJson({{"search", search.settings},
                           {"baseline", result.baseline},
                           {"points", std::move(points)},
                           {"pearson", study.pearson},
                           {"spearman", study.spearman}});
        return kDone;
    }
    Table table("rlrr", {"run", "schedule", "predicted", "measured"});
    for (const PredictionPoint& point : study.points)
        table.add({std::to_string(point.run), shortened(printSchedule(point.schedule), 60),
                   numberText(point.predicted), estimateText(point.measured)});
    console.print(fmt::format("nats a token more than {} alone: predicted by KL over {} windows, measured by "
                              "the search of {} against run {}\n{}{}{}",
                              measured.found.profile.members[0].letter, measured.found.profile.windows,
                              search.created, result.baseline, table.text(),
                              correlationText("Pearson", study.pearson),
                              correlationText("Spearman", study.spearman)));
    const std::size_t dropped = result.entries.size() - study.points.size();
    if (dropped > 0)
        console.note(fmt::format("{} schedules were dropped from the search early and are not compared: "
                                 "steploom-cli search --no-early-stopping measures all",
                                 dropped));
    return kDone;
}

int optimise(const OptimiseOptions& options, const Console& console) {
    if (options.measured && options.store.empty())
        throw Error(ErrorKind::Request, {"cannot hold the prediction against a measurement", "--store",
                                         "no file is named that holds a search", "Name it: --store FILE"});
    const Interruption interruption;
    ComputeContext context(options.threads);
    const MeasuredImportance measured = measuredImportance(options, context, interruption.token());
    if (measured.found.stopped) {
        console.note("stopped before the importance of the steps was known");
        return kFailed;
    }
    if (measured.found.profile.members.size() < 2)
        throw Error(ErrorKind::Request, {"cannot optimise", "--model", "the pool has one model only",
                                         "Name a light one too: --model L=PATH"});
    if (options.measured)
        return compareWithSearch(options, measured, console);
    const Prediction prediction(measured);
    PresetOptions preset{.steps = options.steps, .lightShare = options.budget};
    preset.heavy = measured.found.profile.members[0].letter;
    preset.light = measured.found.profile.members[1].letter;
    const std::vector<double>& importance = prediction.importanceOf(preset.light);

    std::vector<Candidate> candidates;
    if (options.mostSegments > 0)
        candidates.push_back(prediction.of(fmt::format("optimum of {} segments", options.mostSegments),
                                           optimumOfSegments(importance, preset, options.mostSegments)));
    candidates.push_back(prediction.of("optimum", optimumSchedule(importance, preset)));
    for (const Preset shape :
         {Preset::Sandwich, Preset::Head, Preset::Tail, Preset::Middle, Preset::Alternating})
        candidates.push_back(prediction.of(std::string(presetName(shape)), makePreset(shape, preset)));
    // The whole front: what the best schedule of every budget is expected to lose.
    std::vector<Candidate> front;
    for (int percent = 0; percent <= 100; percent += 5) {
        preset.lightShare = percent / 100.0;
        front.push_back(
            prediction.of(fmt::format("{}% light", percent), optimumSchedule(importance, preset)));
    }
    if (console.json) {
        nlohmann::json json = {{"budget", options.budget}, {"windows", measured.found.profile.windows}};
        for (const Candidate& candidate : candidates)
            json["schedules"].push_back(candidateJson(candidate));
        for (const Candidate& candidate : front)
            json["front"].push_back(candidateJson(candidate));
        console.printJson(json);
        return kDone;
    }
    console.print(fmt::format(
        "{} of {} steps by {}; predicted: nats a token more than {} alone, by KL over {} windows\n"
        "saved: FLOPs of the blocks\n{}\nthe best for every budget\n{}",
        shareText(options.budget), options.steps, preset.light, preset.heavy, measured.found.profile.windows,
        candidatesText(candidates), candidatesText(front)));
    return kDone;
}

} // namespace

void addOptimise(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "optimise",
        "The schedule that is expected to lose least for a budget of light steps, from the importance "
        "of the steps, beside the usual shapes; and the best for every budget");
    auto options = std::make_shared<OptimiseOptions>();
    options->addTo(*command);
    command->add_option("--budget", options->budget, "Share of the steps that the second model does, 0 to 1")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_option("--steps", options->steps, "Denoising steps")
        ->check(CLI::Range(1, StepSchedule::kMaximumSteps))
        ->capture_default_str();
    command
        ->add_option("--max-segments", options->mostSegments,
                     "Also the best of at most so many runs of equal letters; (L32,H192,L32) has 3")
        ->check(CLI::PositiveNumber);
    command->add_flag("--measured", options->measured,
                      "Instead: hold the prediction against what the search in --store measured of these "
                      "models");
    command->add_flag("--json", console.json, "Print JSON");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return optimise(*options, console); }; });
}

} // namespace steploom::cli
