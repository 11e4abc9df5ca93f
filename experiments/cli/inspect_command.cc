// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/shown_name.h"
#include "engine/checkpoint/tensor_statistics.h"
#include "engine/core/near_names.h"
#include "engine/core/utf8.h"
#include "engine/models/calm.h"
#include "engine/models/precision_text.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"
#include "engine/text/tokenizer.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace steploom::cli {

namespace {

/// "not finite" as people say it: "3 NaN, 1 infinite"; empty when all is well.
std::string faultText(const TensorStatistics& statistics) {
    std::string text;
    if (statistics.nan)
        text = fmt::format("{} NaN", statistics.nan);
    if (statistics.infinite)
        text += fmt::format("{}{} infinite", text.empty() ? "" : ", ", statistics.infinite);
    return text;
}

std::string rangeText(const TensorStatistics& statistics, double value) {
    return statistics.finite ? numberText(value) : "–";
}

/// Every tensor with its range: works for models that nothing here could load, too.
int inspectTensors(const Checkpoint& checkpoint, const Console& console) {
    nlohmann::json json = nlohmann::json::array();
    Table table("lllrrrl", {"tensor", "type", "shape", "least", "greatest", "mean", "not finite"});
    for (const auto& [name, tensor] : checkpoint.tensors()) {
        const TensorStatistics statistics = statisticsOf(tensor);
        if (console.json) {
            nlohmann::json entry = {{"name", replaceInvalidUtf8(name)},
                                    {"dtype", lowerCase(dtypeName(tensor.dtype))},
                                    {"shape", tensor.shape},
                                    {"min", nullptr},
                                    {"max", nullptr},
                                    {"mean", nullptr},
                                    {"nan", statistics.nan},
                                    {"infinite", statistics.infinite}};
            if (statistics.finite) {
                entry["min"] = statistics.least;
                entry["max"] = statistics.greatest;
                entry["mean"] = statistics.mean;
            }
            json.push_back(std::move(entry));
        } else {
            table.add({shownName(name), lowerCase(dtypeName(tensor.dtype)), shapeText(tensor.shape),
                       rangeText(statistics, statistics.least), rangeText(statistics, statistics.greatest),
                       rangeText(statistics, statistics.mean), faultText(statistics)});
        }
    }
    if (console.json)
        console.printJson({{"weights", weightSetName(checkpoint.weights())}, {"tensors", std::move(json)}});
    else
        console.print(table.text());
    return kDone;
}

/// Which of a training checkpoint's weights, in words.
std::string weightsText(const Checkpoint& checkpoint) {
    return checkpoint.weights() == WeightSet::Ema ? "averaged over training (EMA; PATH@raw for the raw ones)"
                                                  : "raw, as the optimiser left them";
}

constexpr std::array kPrecisions{Precision::F32, Precision::BF16, Precision::Int8};

/// What a member asked for in each precision computes in on this processor.
nlohmann::json effectiveJson() {
    nlohmann::json json;
    for (const Precision precision : kPrecisions)
        json[std::string(precisionName(precision))] = precisionName(effectivePrecision(precision));
    return json;
}

std::string computesIn(ModelFacts facts) {
    std::string text;
    for (const Precision precision : kPrecisions) {
        facts.requested = precision;
        facts.effective = effectivePrecision(precision);
        text += (text.empty() ? "" : "; ") + computedPrecision(facts);
    }
    return text;
}

/// CALM's autoencoder generates nothing by itself: what it makes of K tokens, and what that costs.
int inspectAutoencoder(const Checkpoint& checkpoint, const Console& console) {
    const AutoencoderFacts facts = CalmAutoencoder::describe(checkpoint);
    const std::string stored = lowerCase(dtypeName(facts.stored));
    if (console.json) {
        console.printJson(
            {{"architecture", "autoencoder"},
             {"parameters", facts.parameters},
             {"chunk", facts.chunk},
             {"latent", facts.latent},
             {"vocabulary", facts.vocabulary},
             {"width", facts.width},
             {"encoder_layers", facts.encoderLayers},
             {"decoder_layers", facts.decoderLayers},
             {"precision_stored", stored},
             {"flops_per_vector", {{"encode", facts.encodeFlops()}, {"decode", facts.decodeFlops()}}},
             {"sha256", checkpoint.sha256()}});
        return kDone;
    }
    Table table("ll", {});
    table.add({"architecture", "autoencoder of CALM"});
    table.add({"parameters",
               fmt::format("{} ({})", countText(static_cast<double>(facts.parameters)), facts.parameters)});
    table.add({"K, tokens a vector", std::to_string(facts.chunk)});
    table.add({"numbers a vector", std::to_string(facts.latent)});
    table.add({"vocabulary", std::to_string(facts.vocabulary)});
    table.add({"width", std::to_string(facts.width)});
    table.add({"layers", fmt::format("{} of the encoder, {} of the decoder", facts.encoderLayers,
                                     facts.decoderLayers)});
    table.add({"stored as", stored});
    table.add({"encoding a vector", flopsText(facts.encodeFlops())});
    table.add({"decoding a vector", flopsText(facts.decodeFlops())});
    table.add({"SHA-256", checkpoint.sha256()});
    console.print(table.text());
    return kDone;
}

/// What CALM has beside a transformer over patches.
struct CalmParts {
    EnergyFacts transformer;
    AutoencoderPlace place;
};
nlohmann::json calmJson(const CalmParts& parts, const ModelFacts& facts) {
    return {{"chunk", facts.chunk},
            {"latent", parts.transformer.latent()},
            {"noise", parts.transformer.head.noise},
            {"head_blocks", parts.transformer.head.blocks},
            {"transformer_parameters", parts.transformer.stack.parameters},
            {"autoencoder", parts.place.folder.string()},
            {"flops_per_step",
             {{"patch", facts.inputFlopsPerRow + facts.weightFlopsPerRow},
              {"condition", facts.conditionFlops},
              {"draw", facts.drawFlops}}}};
}
void addCalm(Table& table, const CalmParts& parts, const ModelFacts& facts) {
    table.add({"K, tokens a vector", std::to_string(facts.chunk)});
    table.add({"numbers a vector", fmt::format("{}, drawn from {} of noise", parts.transformer.latent(),
                                               parts.transformer.head.noise)});
    table.add(
        {"autoencoder",
         fmt::format("{} ({} of the parameters)", parts.place.folder.string(),
                     countText(static_cast<double>(facts.parameters - parts.transformer.stack.parameters)))});
    table.add({"a step, patch", flopsText(facts.inputFlopsPerRow + facts.weightFlopsPerRow)});
    table.add({"a step, head and decoder", flopsText(facts.conditionFlops + facts.drawFlops)});
}

int inspect(const std::string& path, bool tensors, const Console& console) {
    const Checkpoint checkpoint = Checkpoint::open(path);
    if (tensors)
        return inspectTensors(checkpoint, console);
    const std::filesystem::path& folder = checkpoint.folder();
    if (checkpoint.textOr("model_type", "") == "autoencoder")
        return inspectAutoencoder(checkpoint, console);
    const ModelFacts facts = describe(checkpoint);
    std::optional<CalmParts> calm;
    if (facts.kind == GenerationKind::Calm)
        calm = {EnergyTransformer::describe(checkpoint), findAutoencoder(checkpoint)};
    // A tokenizer that cannot be read is a fact about the folder, not a reason to say nothing of the model.
    std::string tokenizer, tokenizerError;
    if (Tokenizer::isPresentIn(folder)) {
        try {
            tokenizer = Tokenizer::load(folder)->description();
        } catch (const Error& error) {
            tokenizerError = error.what();
        }
    }
    const double blockFlops = facts.blockFlops(facts.length / facts.chunk);
    const double headFlops = facts.headFlopsPerRow * facts.length;
    const std::string stored = lowerCase(dtypeName(facts.stored));

    if (console.json) {
        nlohmann::json json = {{"architecture", facts.architecture},
                               {"parameters", facts.parameters},
                               {"blocks", facts.blocks},
                               {"width", facts.width},
                               {"heads", facts.heads},
                               {"key_value_heads", facts.keyValueHeads},
                               {"vocabulary", facts.vocabulary},
                               {"length", facts.length},
                               {"logits_shifted", facts.logitsShifted},
                               {"precision_stored", stored},
                               {"precision_effective", effectiveJson()},
                               {"weights", weightSetName(checkpoint.weights())},
                               {"tokenizer", nullptr},
                               {"flops_per_call", {{"blocks", blockFlops}, {"head", headFlops}}},
                               {"sha256", checkpoint.sha256()}};
        json["kind"] = generationKindName(facts.kind);
        if (calm)
            json["calm"] = calmJson(*calm, facts);
        if (!tokenizer.empty())
            json["tokenizer"] = tokenizer;
        if (!tokenizerError.empty())
            json["tokenizer_error"] = tokenizerError;
        console.printJson(json);
        return kDone;
    }
    Table table("ll", {});
    table.add({"architecture", facts.architecture});
    table.add({"parameters",
               fmt::format("{} ({})", countText(static_cast<double>(facts.parameters)), facts.parameters)});
    table.add({"blocks", std::to_string(facts.blocks)});
    table.add({"width", std::to_string(facts.width)});
    table.add({"heads", facts.keyValueHeads == facts.heads
                            ? std::to_string(facts.heads)
                            : fmt::format("{}, {} of keys and values", facts.heads, facts.keyValueHeads)});
    table.add({"vocabulary", std::to_string(facts.vocabulary)});
    table.add({"length", std::to_string(facts.length)});
    if (facts.logitsShifted)
        table.add({"logits", "shifted by one: a position is predicted in the row before it"});
    table.add({"stored as", stored});
    table.add({"computes here in", computesIn(facts)});
    if (checkpoint.weights() != WeightSet::Only)
        table.add({"weights", weightsText(checkpoint)});
    table.add({"tokenizer", !tokenizer.empty()        ? tokenizer
                            : !tokenizerError.empty() ? "cannot be read: " + tokenizerError
                                                      : "none in this folder (name one with --tokenizer)"});
    table.add({"a call, blocks", flopsText(blockFlops)});
    if (calm)
        addCalm(table, *calm, facts);
    else
        table.add({"a call, output layer", flopsText(headFlops)});
    table.add({"SHA-256", checkpoint.sha256()});
    console.print(table.text());
    return kDone;
}

} // namespace

void addInspect(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand("inspect", "What a checkpoint holds");
    auto path = std::make_shared<std::string>();
    auto tensors = std::make_shared<bool>(false);
    command
        ->add_option(
            "PATH", *path,
            "Folder with config.json beside safetensors or pytorch_model.bin, or a .ckpt, .pt or .pth; "
            "PATH@raw: the raw weights of a training checkpoint instead of the averaged ones")
        ->required();
    command->add_flag("--tensors", *tensors, "List all tensors: type, shape, range, NaN and infinity");
    command->add_flag("--json", console.json, "Print JSON");
    command->callback(
        [=, &console, &work] { work = [=, &console] { return inspect(*path, *tensors, console); }; });
}

} // namespace steploom::cli
