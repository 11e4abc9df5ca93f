// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/correlation_study.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/analysis_progress.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/pool_options.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace steploom::cli {

namespace {

struct CorrelationOptions {
    CorrelationOrder order;
    std::vector<std::string> folders;
    std::string store;
    int threads = 0;
};

/// The checkpoints that a training left on its way (steps/NUMBER, in their order), and the last one; any
/// other folder is a checkpoint itself.
std::vector<std::string> checkpointsIn(const std::string& folder) {
    const std::filesystem::path path = absolutePath(folder);
    const std::filesystem::path onTheWay = path / "steps";
    if (!std::filesystem::is_directory(onTheWay))
        return {path.string()};
    std::vector<std::filesystem::path> steps;
    for (const auto& entry : std::filesystem::directory_iterator(onTheWay)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_directory() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; }))
            steps.push_back(entry.path());
    }
    std::ranges::sort(steps, {}, [](const std::filesystem::path& step) {
        // As numbers, also where they are not padded: longer is later.
        std::string digits = step.filename().string();
        digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
        return std::pair(digits.size(), digits);
    });
    std::vector<std::string> checkpoints;
    for (const std::filesystem::path& step : steps)
        checkpoints.push_back(step.string());
    if (std::filesystem::exists(path / "config.json")) // not while it is being trained
        checkpoints.push_back(path.string());
    return checkpoints;
}

std::string correlationText(const char* name, const Estimate& correlation) {
    return correlation.n < 3
               ? fmt::format("{}: not defined, it takes three checkpoints with both\n", name)
               : fmt::format("{} {:.3f} ({:.3f} to {:.3f}), {} checkpoints\n", name, correlation.value,
                             correlation.low, correlation.high, correlation.n);
}

std::string resultText(const CorrelationStudy& study) {
    Table table("lrr", {"checkpoint", "cross-entropy", "BrierLM"});
    for (const CorrelationPoint& point : study.points)
        table.add({point.name, estimateText(point.crossEntropy),
                   point.brierLm ? estimateText(*point.brierLm) : "not defined"});
    return table.text() + correlationText("Pearson", study.pearson) +
           correlationText("Spearman", study.spearman);
}

int correlation(const CorrelationOptions& options, const Console& console) {
    CorrelationOrder order = options.order;
    order.text = absolutePath(order.text);
    for (const std::string& folder : options.folders)
        for (std::string& checkpoint : checkpointsIn(folder))
            order.checkpoints.push_back(std::move(checkpoint));
    const Interruption interruption;
    RunStore store(options.store.empty() ? defaultStoreFile() : std::filesystem::path(options.store));
    ComputeContext context(options.threads);
    AnalysisProgress progress(console);
    const StoredAnalysis analysis =
        runAnalysis({}, order, {.store = &store}, context, progress, interruption.token());
    progress.clear();
    const auto study = analysis.result.get<CorrelationStudy>();
    if (console.json)
        console.printJson(analysis.result);
    else if (!study.points.empty())
        console.print(resultText(study));
    if (study.stopped)
        return stoppedNote(console, fmt::format("{} of {} checkpoints are measured", study.points.size(),
                                                order.checkpoints.size()));
    return kDone;
}

} // namespace

void addCorrelation(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "correlation",
        "BrierLM against cross-entropy over causal checkpoints of one model, on the same windows of a text");
    auto options = std::make_shared<CorrelationOptions>();
    command
        ->add_option("--checkpoint", options->folders,
                     "A causal checkpoint, or the output of a training: then all that it left in steps/, and "
                     "the last one")
        ->required()
        ->type_name("PATH");
    command->add_option("--text", options->order.text, "UTF-8 text, best one that the model does not know")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--windows", options->order.windows, "Windows of the text at most; they do not overlap")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        ->add_option("--context", options->order.context,
                     "Tokens given for BrierLM; default: half the first model's positions")
        ->check(CLI::PositiveNumber);
    command->add_option("--draws", options->order.draws, "BrierLM: continuations of each window")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--seed", options->order.seed, "Seed of the draws")->capture_default_str();
    command->add_option("--threads", options->threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command
        ->add_option(
            "--store", options->store,
            "Keeps the figures of every checkpoint, and takes from there what is known; default: the "
            "file of the window")
        ->type_name("FILE");
    command->add_flag("--json", console.json, "Print JSON");
    command->footer("Ctrl+C stops within one network call; the same command goes on from there, and one with "
                    "more checkpoints measures the new ones only.");
    command->callback([options, &console, &work] {
        work = [options, &console] { return correlation(*options, console); };
    });
}

} // namespace steploom::cli
