// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/frontier.h"
#include "experiments/cli/analysis_progress.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/request_options.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <optional>

namespace steploom::cli {

namespace {

struct FrontierOptions : RequestOptions {
    EvaluatorOptions evaluator;
    std::vector<std::string> schedules;
    std::vector<double> temperatures{0.6, 0.7, 0.8, 0.9, 1};
    std::string store;
};

std::string resultText(const Frontier& frontier) {
    Table table("rlrrrr", {"run", "schedule", "saved", "temperature", "perplexity", "entropy"});
    for (const FrontierPoint& point : frontier.points)
        table.add({std::to_string(point.run), shortened(printSchedule(point.schedule), 44),
                   shareText(point.saved), numberText(point.temperature), estimateText(point.perplexity),
                   estimateText(point.entropy)});
    return table.text();
}

int frontier(const FrontierOptions& options, const Console& console) {
    // Everything is looked at before anything is loaded.
    FrontierOrder order{.schedules = {}, .temperatures = options.temperatures};
    GenerationRequest request;
    for (const std::string& schedule : options.schedules) {
        RequestOptions each = options;
        each.pool.schedule = schedule;
        request = each.request();
        order.schedules.push_back(request.schedule);
    }
    AnalysisMeans means(request, options.evaluator, options.store, options.pool.threads);
    const StoredAnalysis analysis = means.run(request, order, console);
    const auto result = analysis.result.get<Frontier>();
    if (console.json)
        console.printJson(analysis.result);
    else if (!result.points.empty())
        console.print(fmt::format("{} samples each, judged by {}; entropy: unigram, nats; 95% intervals\n{}",
                                  request.samples, means.evaluator->name(), resultText(result)));
    if (result.stopped)
        return stoppedNote(console, fmt::format("{} of {} runs are measured", result.points.size(),
                                                order.schedules.size() * order.temperatures.size()));
    return kDone;
}

} // namespace

void addFrontier(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "frontier",
        "Entropy against generative perplexity over temperatures, schedule by schedule: whether one is "
        "better, or only less varied");
    auto options = std::make_shared<FrontierOptions>();
    options->addTo(*command);
    for (const char* other : {"--schedule", "--temperature"}) // several of them
        command->remove_option(command->get_option(other));
    command->add_option("--schedule", options->schedules, "As of generate; once for each")
        ->required()
        ->allow_extra_args(false)
        ->type_name("S");
    command->add_option("--temperatures", options->temperatures, "Each above 0, as 0.6,0.8,1")
        ->delimiter(',')
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    options->evaluator.addTo(*command);
    command->get_option("--evaluator")->required();
    command
        ->add_option("--store", options->store,
                     "Keeps the runs and the result, and what is there is taken from it; default: the file "
                     "of the window")
        ->type_name("FILE");
    command->add_flag("--json", console.json, "Print JSON");
    command->footer("Ctrl+C stops within one network call; the same command goes on from there.");
    command->callback([options, &console, &work] {
        options->pool.store = options->store;
        work = [options, &console] { return frontier(*options, console); };
    });
}

} // namespace steploom::cli
