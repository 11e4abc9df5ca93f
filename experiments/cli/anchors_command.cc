// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/measure_anchors.h"
#include "engine/measures/generative_perplexity.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/request_options.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

namespace steploom::cli {

namespace {

struct AnchorOptions {
    EvaluatorOptions evaluator;
    AnchorSettings settings;
    std::string text, store;
    int threads = 0;
};

int anchors(const AnchorOptions& options, const Console& console) {
    const Interruption interruption;
    const StudyText text = readStudyText(options.text);
    RunStore store(options.store.empty() ? defaultStoreFile() : std::filesystem::path(options.store));
    ComputeContext context(options.threads);
    const std::optional<Evaluator> evaluator = options.evaluator.load(context);
    ProgressBar bar("anchors   ");
    const KnownAnchors found = findOrMeasureAnchors(
        &store, text, *evaluator, options.settings, [&](double share) { bar.advance(share); },
        interruption.token());
    bar.clear();
    if (found.stopped) {
        console.note("stopped: what was being measured is not kept");
        return kFailed;
    }
    const PerplexityAnchors& measured = found.anchors;
    if (console.json) {
        nlohmann::json json = measured;
        json["known"] = found.known;
        console.printJson(json);
        return kDone;
    }
    Table table("lrrr", {"", "perplexity", "entropy", "n"});
    table.add({"real text", estimateText(measured.real.perplexity), estimateText(measured.real.entropy),
               std::to_string(measured.real.perplexity.n)});
    table.add({"words shuffled", estimateText(measured.shuffled.perplexity),
               estimateText(measured.shuffled.entropy), std::to_string(measured.shuffled.perplexity.n)});
    console.print(fmt::format("{} judges pieces of {} of its tokens from {}; entropy: unigram, nats; 95% "
                              "intervals\n{}",
                              measured.evaluator, measured.length, measured.text, table.text()));
    if (measured.length > evaluator->facts().length)
        console.note(
            fmt::format("pieces are longer than the {} positions that {} sees: a sliding window, stride {}",
                        evaluator->facts().length, evaluator->name(), evaluator->stride()));
    return kDone;
}

} // namespace

void addAnchors(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "anchors",
        "The ends of the scale that generative perplexity is read on: an evaluator on real text, and on the "
        "same text with its words shuffled");
    auto options = std::make_shared<AnchorOptions>();
    options->evaluator.addTo(*command);
    command->get_option("--evaluator")->required();
    command->add_option("--text", options->text, "UTF-8 text, best one that the evaluator does not know")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--length", options->settings.length,
                     "The evaluator's tokens of a piece; best as long as the samples")
        ->check(CLI::Range(2, 1'000'000))
        ->capture_default_str();
    command->add_option("--pieces", options->settings.pieces, "Pieces at most, spread over the text")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--seed", options->settings.seed, "Seed of the words' order")->capture_default_str();
    command->add_option("--threads", options->threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command
        ->add_option("--store", options->store,
                     "Keeps the figures, and takes them from there when they are known; default: the file of "
                     "the window")
        ->type_name("FILE");
    command->add_flag("--json", console.json, "Print JSON");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return anchors(*options, console); }; });
}

} // namespace steploom::cli
