// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/autoencoder_analysis.h"
#include "engine/analyses/brier_study.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/analysis_progress.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/pool_options.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <filesystem>

namespace steploom::cli {

namespace {

struct BrierStudyOptions {
    BrierStudyOrder order;
    AutoencoderOrder autoencoder; ///< its folder empty: not asked for
    std::string precision = "bf16", store;
    int threads = 0;
};

std::string pointText(const BrierStudyPoint& point) {
    std::string text = point.model;
    if (!point.schedule.empty())
        text += " " + point.schedule;
    if (point.temperature != 1)
        text += fmt::format(", T = {:.3g}, N = {}", point.temperature, point.candidates);
    return text;
}

std::string resultText(const BrierStudy& study) {
    Table table("llrrrl", {"model", "kind", "FLOPs/token", "training FLOPs", "BrierLM", "how"});
    for (const BrierStudyPoint& point : study.points)
        table.add({pointText(point), std::string(generationKindName(point.kind)),
                   fmt::format("{:.3g}", point.inferenceFlops),
                   point.trainingFlops ? fmt::format("{:.3g}", *point.trainingFlops) : "–",
                   point.brier.score ? estimateText(*point.brier.score) : "not defined", point.estimator});
    return table.text();
}

std::string resultText(const AutoencoderQuality& quality) {
    Table table("lrr", {"autoencoder", "value ± 95%", "n"});
    for (const Measure& measure : autoencoderMeasures(quality, {}))
        table.add({measure.name, estimateText(measure.estimate), std::to_string(measure.estimate.n)});
    return table.text();
}

int study(const BrierStudyOptions& options, const Console& console) {
    BrierStudyOrder order = options.order;
    order.precision = parsePrecision(options.precision);
    order.text = absolutePath(order.text);
    for (std::string& folder : order.checkpoints)
        folder = absolutePath(folder);
    const Interruption interruption;
    RunStore store(options.store.empty() ? defaultStoreFile() : std::filesystem::path(options.store));
    ComputeContext context(options.threads);
    AnalysisProgress progress(console);
    const auto run = [&](const AnalysisOrder& wanted) {
        return runAnalysis({}, wanted, {.store = &store}, context, progress, interruption.token());
    };
    nlohmann::json results = nlohmann::json::object();
    std::string text;
    bool stopped = false;
    if (!options.autoencoder.autoencoder.empty()) {
        AutoencoderOrder wanted = options.autoencoder;
        wanted.autoencoder = absolutePath(wanted.autoencoder);
        wanted.text = order.text;
        wanted.settings.seed = order.seed;
        results["autoencoder"] = run(wanted).result;
        const auto quality = results["autoencoder"].get<AutoencoderQuality>();
        text += resultText(quality) + "\n";
        stopped = quality.stopped;
    }
    if (!stopped) {
        results["study"] = run(order).result;
        const auto found = results["study"].get<BrierStudy>();
        text += resultText(found);
        stopped = found.stopped;
    }
    progress.clear();
    if (console.json)
        console.printJson(results);
    else
        console.print(text);
    return stopped ? stoppedNote(console, "what is measured is kept") : kDone;
}

} // namespace

void addBrierStudy(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "brier-study",
        "BrierLM over inference and training compute, for checkpoints of all three kinds and for "
        "schedules of CALM ones, on one text");
    auto options = std::make_shared<BrierStudyOptions>();
    BrierStudyOrder& order = options->order;
    command
        ->add_option("--checkpoint", order.checkpoints,
                     "Autoregressive, CALM or masked diffusion, with its tokenizer in its folder")
        ->required()
        ->type_name("PATH");
    command->add_option(
        "--schedule", order.schedules,
        "Of the CALM checkpoints, which are H, L, C, D … in their order: notation or a preset "
        "(\"sandwich:0.25\")");
    command->add_option("--temperature", order.temperatures, "Of each CALM checkpoint: 1, 1/2, 1/3 …")
        ->delimiter(',')
        ->capture_default_str();
    command
        ->add_option("--candidates", order.candidates,
                     "Draws of a vector at every temperature below 1: one point each")
        ->delimiter(',')
        ->capture_default_str();
    command->add_option("--text", order.text, "UTF-8 text, best one that no model knows")
        ->required()
        ->type_name("FILE");
    command->add_option("--windows", order.windows, "Windows of the text at most; they do not overlap")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--context", order.context, "Tokens given; whole chunks of CALM")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--length", order.length, "Tokens of the canvas that cost and schedules are for")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--steps", order.steps, "Denoising steps of masked diffusion")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--draws", order.draws, "Continuations of each window, or of each chunk")
        ->check(CLI::Range(2, 1000))
        ->capture_default_str();
    command
        ->add_option("--precision", options->precision, "Of CALM and masked diffusion; autoregressive: f32")
        ->check(CLI::IsMember({"f32", "bf16", "int8"}))
        ->capture_default_str();
    command
        ->add_option("--autoencoder", options->autoencoder.autoencoder,
                     "A CALM autoencoder, or a CALM checkpoint that names one: how well it rebuilds the text")
        ->type_name("PATH");
    command
        ->add_option("--chunks", options->autoencoder.settings.chunks, "Chunks of the text at most, for it")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--seed", order.seed, "Seed of the draws")->capture_default_str();
    command->add_option("--threads", options->threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command
        ->add_option(
            "--store", options->store,
            "Keeps the figures of every point, and takes from there what is known; default: the file "
            "of the window")
        ->type_name("FILE");
    command->add_flag("--json", console.json, "Print JSON");
    command->footer("Ctrl+C stops within one network call; the same command goes on from there, and one with "
                    "more points measures the new ones only.");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return study(*options, console); }; });
}

} // namespace steploom::cli
