// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/compute_calculator.h"
#include "engine/reports/value_text.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <functional>
#include <memory>

namespace steploom::cli {

namespace {

struct ComputeOptions {
    AutoregressiveShape autoregressive;
    CalmShape calm;
    MaskedDiffusionShape maskedDiffusion;
    double trainingTokens = kPublishedTrainingTokens;
};

/// How far a figure is from the published one: "+1.2%".
std::string distanceText(double found, double published) {
    return fmt::format("{:+.1f}%", 100 * (found / published - 1));
}

int showPublished(const Console& console) {
    nlohmann::json rows = nlohmann::json::array();
    Table table("lrrrrrrr", {"model", "parameters", "paper", "training", "paper", "per token", "paper",
                             "BrierLM (paper)"});
    for (const PublishedCompute& row : publishedCompute()) {
        const ComputeEstimate found = computeOf(row);
        const double training = found.trainingFlops() * kPublishedTrainingTokens;
        rows.push_back({{"model", row.name},
                        {"parameters", found.parameters()},
                        {"training_flops", training},
                        {"inference_flops", found.inferenceFlops()},
                        {"published",
                         {{"parameters", row.parameters},
                          {"training_flops", row.trainingFlops},
                          {"inference_flops", row.inferenceFlops},
                          {"brierlm", row.brierLm}}}});
        table.add({row.name, countText(found.parameters()), distanceText(found.parameters(), row.parameters),
                   flopsText(training), distanceText(training, row.trainingFlops),
                   flopsText(found.inferenceFlops()),
                   distanceText(found.inferenceFlops(), row.inferenceFlops), fmt::format("{}", row.brierLm)});
    }
    if (console.json)
        console.printJson({{"rows", std::move(rows)}, {"training_tokens", kPublishedTrainingTokens}});
    else
        console.print(table.text() +
                      "\npaper: how far these are from the figures of arXiv 2510.27688, table 1\n");
    return kDone;
}

int showEstimate(const ComputeEstimate& estimate, double trainingTokens, const Console& console) {
    if (console.json) {
        nlohmann::json terms = nlohmann::json::array();
        for (const ComputeTerm& term : estimate.terms)
            terms.push_back({{"name", term.name},
                             {"formula", term.formula},
                             {"parameters", term.parameters},
                             {"inference_flops", term.inferenceFlops},
                             {"training_flops", term.trainingFlops}});
        console.printJson({{"terms", std::move(terms)},
                           {"parameters", estimate.parameters()},
                           {"inference_flops", estimate.inferenceFlops()},
                           {"training_flops_per_token", estimate.trainingFlops()},
                           {"training_tokens", trainingTokens},
                           {"training_flops", estimate.trainingFlops() * trainingTokens}});
        return kDone;
    }
    Table table("lrrrl", {"term", "parameters", "per token", "training, per token", "FLOPs per token"});
    for (const ComputeTerm& term : estimate.terms)
        table.add({term.name, countText(term.parameters), flopsText(term.inferenceFlops),
                   flopsText(term.trainingFlops), term.formula});
    table.add({"all", countText(estimate.parameters()), flopsText(estimate.inferenceFlops()),
               flopsText(estimate.trainingFlops()), ""});
    console.print(table.text() + fmt::format("\ntraining on {} tokens: {}\n", countText(trainingTokens),
                                             flopsText(estimate.trainingFlops() * trainingTokens)));
    return kDone;
}

void addSize(CLI::App& command, const char* name, int& value, const char* says) {
    constexpr int kMost = 1 << 24;
    command.add_option(name, value, says)->check(CLI::Range(1, kMost))->capture_default_str()->type_name("N");
}

} // namespace

void addCompute(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "compute",
        "Parameters and FLOPs of a model's shape, term by term; without a kind: the CALM paper's table");
    auto options = std::make_shared<ComputeOptions>();
    command->add_flag("--json", console.json, "Print JSON");
    command->require_subcommand(0, 1);
    const auto kind = [&](const char* name, const char* says, std::function<ComputeEstimate()> estimate) {
        CLI::App* added = command->add_subcommand(name, says);
        added->add_option("--training-tokens", options->trainingTokens, "Tokens that it is trained on")
            ->check(CLI::PositiveNumber)
            ->capture_default_str()
            ->type_name("N");
        added->add_flag("--json", console.json, "Print JSON");
        added->callback([options, estimate, &console, &work] {
            work = [options, estimate, &console] {
                return showEstimate(estimate(), options->trainingTokens, console);
            };
        });
        return added;
    };
    AutoregressiveShape& ar = options->autoregressive;
    CLI::App* added = kind("autoregressive", "A transformer that writes token by token (Llama)",
                           [options] { return computeOf(options->autoregressive); });
    addSize(*added, "--blocks", ar.blocks, "n");
    addSize(*added, "--width", ar.width, "d");
    addSize(*added, "--hidden", ar.hidden, "Width of the feed-forward network");
    addSize(*added, "--vocabulary", ar.vocabulary, "V");
    addSize(*added, "--context", ar.context, "Tokens that a new one attends to");
    added->add_flag("--tied", ar.tied, "Output layer and embeddings share their weights");

    CalmShape& calm = options->calm;
    added = kind("calm", "A transformer that writes vectors of K tokens (CALM)",
                 [options] { return computeOf(options->calm); });
    addSize(*added, "--blocks", calm.blocks, "n");
    addSize(*added, "--width", calm.width, "d");
    addSize(*added, "--hidden", calm.hidden, "Width of the feed-forward network");
    addSize(*added, "--vocabulary", calm.vocabulary, "V");
    addSize(*added, "--context", calm.context, "Patches that a new one attends to");
    addSize(*added, "--chunk", calm.chunk, "K, tokens of a patch");
    addSize(*added, "--latent", calm.latent, "Numbers of a vector");
    addSize(*added, "--noise", calm.noise, "Numbers of the head's noise");
    addSize(*added, "--head-blocks", calm.headBlocks, "Blocks of the head; the paper's have a quarter of n");
    addSize(*added, "--head-draws", calm.headDraws, "N, vectors drawn for the energy loss");
    addSize(*added, "--autoencoder-width", calm.autoencoder.width, "Of the autoencoder");
    addSize(*added, "--autoencoder-hidden", calm.autoencoder.hidden, "Of its feed-forward networks");
    addSize(*added, "--decoder-layers", calm.autoencoder.decoderLayers, "Of its decoder");

    MaskedDiffusionShape& diffusion = options->maskedDiffusion;
    added = kind("masked-diffusion", "A transformer that denoises all positions in steps (MDLM)",
                 [options] { return computeOf(options->maskedDiffusion); });
    addSize(*added, "--blocks", diffusion.blocks, "n");
    addSize(*added, "--width", diffusion.width, "d");
    addSize(*added, "--condition", diffusion.condition, "Width of the noise level's embedding");
    addSize(*added, "--vocabulary", diffusion.vocabulary, "V");
    addSize(*added, "--length", diffusion.length, "Positions");
    addSize(*added, "--steps", diffusion.steps, "Denoising steps");

    command->callback([command, &console, &work] {
        if (command->get_subcommands().empty())
            work = [&console] { return showPublished(console); };
    });
}

} // namespace steploom::cli
