// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/gpt2.h"

#include "engine/core/error.h"
#include "engine/models/causal_transformer.h"
#include "engine/tensor/compute_context.h"

#include <fmt/format.h>

namespace steploom {
namespace {

int innerWidth(const Checkpoint& checkpoint, int width) { return checkpoint.sizeOr("n_inner", 4 * width); }

/// Attention masks that published files carry along, and the head, which is tied to the embedding.
bool isCarriedAlong(const std::string& name) {
    return name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias") || name == "lm_head.weight";
}

Activation activationOf(const Checkpoint& checkpoint) {
    const std::string name = checkpoint.textOr("activation_function", "gelu_new");
    if (name == "gelu_new" || name == "gelu_pytorch_tanh")
        return Activation::GeluTanh;
    if (name == "gelu")
        return Activation::GeluErf;
    throw Error(ErrorKind::Config,
                {"unknown activation", (checkpoint.folder() / "config.json").string(),
                 fmt::format("activation_function is \"{}\"", name), "Supported are gelu_new and gelu"});
}

} // namespace

ModelFacts describeGpt2(const Checkpoint& checkpoint) {
    ModelFacts facts;
    facts.architecture = "gpt2";
    facts.parameters = checkpoint.parameters();
    facts.blocks = checkpoint.size("n_layer", 1, Checkpoint::kMostBlocks);
    facts.width = checkpoint.size("n_embd");
    facts.heads = checkpoint.size("n_head");
    facts.keyValueHeads = facts.heads;
    facts.vocabulary = checkpoint.size("vocab_size");
    facts.length = checkpoint.sizeOr("n_positions", checkpoint.sizeOr("n_ctx", 1024));
    facts.stored = checkpoint.storedType();
    if (facts.width % facts.heads != 0)
        throw Error(ErrorKind::Config,
                    {"cannot divide the width among the heads",
                     (checkpoint.folder() / "config.json").string(),
                     fmt::format("n_embd {} is not a multiple of n_head {}", facts.width, facts.heads),
                     "Correct the config, or use the one that came with the weights"});
    const double d = facts.width;
    facts.weightFlopsPerRow = facts.blocks * (8.0 * d * d + 4.0 * d * innerWidth(checkpoint, facts.width));
    facts.headFlopsPerRow = 2.0 * d * facts.vocabulary;
    return facts;
}

std::unique_ptr<CausalModel> loadGpt2(const Checkpoint& checkpoint, Precision precision,
                                      ComputeContext& context) {
    CausalParts parts;
    ModelFacts& facts = parts.facts = describeGpt2(checkpoint);
    facts.requested = precision;
    facts.effective = effectivePrecision(precision);
    const Activation activation = activationOf(checkpoint);
    const auto epsilon = static_cast<float>(checkpoint.positiveOr("layer_norm_epsilon", 1e-5));
    const std::string prefix = checkpoint.has("wte.weight") ? "" : "transformer.";
    const std::int64_t d = facts.width, inner = innerWidth(checkpoint, facts.width);
    const auto name = [&](int block, const char* part) {
        return fmt::format("{}h.{}.{}", prefix, block, part);
    };

    std::vector<ExpectedTensor> expected{{prefix + "wte.weight", {facts.vocabulary, d}},
                                         {prefix + "wpe.weight", {facts.length, d}},
                                         {prefix + "ln_f.weight", {d}},
                                         {prefix + "ln_f.bias", {d}}};
    for (int block = 0; block < facts.blocks; ++block) {
        const auto add = [&](const char* part, std::vector<std::int64_t> shape) {
            expected.push_back({name(block, part), std::move(shape)});
        };
        for (const char* norm : {"ln_1", "ln_2"}) {
            add(fmt::format("{}.weight", norm).c_str(), {d});
            add(fmt::format("{}.bias", norm).c_str(), {d});
        }
        add("attn.c_attn.weight", {d, 3 * d});
        add("attn.c_attn.bias", {3 * d});
        add("attn.c_proj.weight", {d, d});
        add("attn.c_proj.bias", {d});
        add("mlp.c_fc.weight", {d, inner});
        add("mlp.c_fc.bias", {inner});
        add("mlp.c_proj.weight", {inner, d});
        add("mlp.c_proj.bias", {d});
    }
    requireTensors(checkpoint, expected, isCarriedAlong);

    parts.tokens = Embedding(checkpoint, prefix + "wte.weight", facts.effective);
    parts.positions = Embedding(checkpoint, prefix + "wpe.weight", facts.effective);
    for (int index = 0; index < facts.blocks; ++index) {
        const auto linear = [&](const char* scope, LinearSpec spec) {
            spec.weights = {name(index, fmt::format("{}.weight", scope).c_str())};
            spec.biases = {name(index, fmt::format("{}.bias", scope).c_str())};
            spec.storedTransposed = true;
            spec.precision = facts.effective;
            return Linear(checkpoint, spec, context);
        };
        const auto norm = [&](const char* scope) {
            return Norm(checkpoint, Norm::Kind::Layer, epsilon,
                        name(index, fmt::format("{}.weight", scope).c_str()),
                        name(index, fmt::format("{}.bias", scope).c_str()));
        };
        CausalParts::Block block;
        block.norm1 = norm("ln_1");
        block.norm2 = norm("ln_2");
        block.queryKeyValue = linear("attn.c_attn", {});
        block.attentionOut = linear("attn.c_proj", {.accumulate = true});
        block.feedForward = FeedForward(
            FeedForward::Kind::Gelu,
            linear("mlp.c_fc", {.result = activationPrecision(facts.effective), .activation = activation}),
            linear("mlp.c_proj", {.accumulate = true}), activationPrecision(facts.effective));
        parts.blocks.push_back(std::move(block));
    }
    parts.finalNorm =
        Norm(checkpoint, Norm::Kind::Layer, epsilon, prefix + "ln_f.weight", prefix + "ln_f.bias");
    parts.head =
        Linear(checkpoint, {.weights = {prefix + "wte.weight"}, .precision = facts.effective}, context);
    return std::make_unique<CausalTransformer>(std::move(parts), context);
}

} // namespace steploom
