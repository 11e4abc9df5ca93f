// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: d width, h heads, h_kv key heads, D = d/h, V vocabulary.
#include "engine/models/stack_layout.h"

#include "engine/models/fixed_settings.h"
#include "engine/tensor/compute_context.h"

#include <fmt/format.h>

namespace steploom {
namespace {

/// Buffers that published files carry along, and a tied head stored all the same.
bool isCarriedAlong(const std::string& name) {
    return name.ends_with("rotary_emb.inv_freq") || name.ends_with(".attn.bias") ||
           name.ends_with(".attn.masked_bias") || name.ends_with("lm_head_weight") ||
           name == "lm_head.weight" || name == "model.transformer.ff_out.weight";
}

std::string blockScope(const StackLayout& layout, int block) {
    return fmt::format("{}{}.", layout.blocks, block);
}

std::vector<ExpectedTensor> expectedTensors(const StackLayout& layout, const ModelFacts& facts) {
    const std::int64_t d = facts.width, v = facts.vocabulary, hidden = layout.hidden;
    const std::int64_t keys = d / facts.heads * facts.keyValueHeads;
    std::vector<ExpectedTensor> tensors;
    const auto linear = [&](const std::string& scope, std::int64_t outputs, std::int64_t inputs, bool biased,
                            bool transposed) {
        tensors.push_back(
            {scope + ".weight", transposed ? std::vector{inputs, outputs} : std::vector{outputs, inputs}});
        if (biased)
            tensors.push_back({scope + ".bias", {outputs}});
    };
    const auto norm = [&](const std::string& scope) {
        tensors.push_back({scope + ".weight", {d}});
        if (layout.biased.norms)
            tensors.push_back({scope + ".bias", {d}});
    };
    linear(layout.tokens, v, d, false, false);
    if (!layout.positions.empty())
        linear(layout.positions, facts.length, d, false, false);
    norm(layout.finalNorm);
    if (!layout.tied && !layout.head.empty())
        linear(layout.head, v, d, layout.biased.head, false);
    for (int block = 0; block < facts.blocks; ++block) {
        const std::string scope = blockScope(layout, block);
        const auto inBlock = [&](const std::string& name, std::int64_t outputs, std::int64_t inputs,
                                 bool biased) {
            linear(scope + name, outputs, inputs, biased, layout.storedTransposed);
        };
        norm(scope + layout.norm1);
        norm(scope + layout.norm2);
        const bool fused = layout.queryKeyValue.size() == 1;
        for (std::size_t i = 0; i < layout.queryKeyValue.size(); ++i)
            inBlock(layout.queryKeyValue[i],
                    fused    ? d + 2 * keys
                    : i == 0 ? d
                             : keys,
                    d, layout.biased.queryKeyValue);
        inBlock(layout.attentionOut, d, d, layout.biased.attentionOut);
        for (const std::string& up : layout.up)
            inBlock(up, hidden, d, layout.biased.feedForward);
        inBlock(layout.down, d, hidden, layout.biased.feedForward);
    }
    tensors.insert(tensors.end(), layout.beside.begin(), layout.beside.end());
    return tensors;
}

} // namespace

namespace {

/// Configs name a special token by its id, by null, or not at all; some by a list, which says nothing here.
std::int32_t namedToken(const Checkpoint& checkpoint, const char* key) {
    const auto found = checkpoint.config().find(key);
    if (found == checkpoint.config().end() || !found->is_number_integer())
        return -1;
    const auto id = found->get<std::int64_t>();
    return id >= 0 && id < Checkpoint::kMostOfAnySize ? static_cast<std::int32_t>(id) : -1;
}

} // namespace

ModelFacts describeStack(const Checkpoint& checkpoint, const StackKeys& keys) {
    ModelFacts facts;
    facts.architecture = checkpoint.text("model_type");
    facts.parameters = checkpoint.parameters();
    facts.blocks = checkpoint.size(keys.blocks, 1, Checkpoint::kMostBlocks);
    facts.width = checkpoint.size(keys.width);
    facts.heads = checkpoint.size(keys.heads);
    facts.keyValueHeads = facts.heads;
    facts.stored = checkpoint.storedType();
    facts.startToken = namedToken(checkpoint, "bos_token_id");
    facts.padToken = namedToken(checkpoint, "pad_token_id");
    return facts;
}

void requireHeads(const Checkpoint& checkpoint, const ModelFacts& facts, const StackKeys& keys,
                  const char* keyValueHeads) {
    const char* const remedy = "Correct the config, or use the one that came with the weights";
    const bool rotary = keyValueHeads != nullptr;
    if (facts.width % ((rotary ? 2 : 1) * facts.heads) != 0)
        refuseConfig(checkpoint, "cannot divide the width among the heads",
                     fmt::format("{} {} is not {} multiple of {} {}", keys.width, facts.width,
                                 rotary ? "an even" : "a", keys.heads, facts.heads),
                     remedy);
    if (facts.heads % facts.keyValueHeads != 0)
        refuseConfig(checkpoint, "cannot share key heads among query heads",
                     fmt::format("{} {} is not a multiple of {} {}", keys.heads, facts.heads, keyValueHeads,
                                 facts.keyValueHeads),
                     remedy);
}

void countFlops(ModelFacts& facts, int hidden, int matrices) {
    const double d = facts.width, keys = d / facts.heads * facts.keyValueHeads;
    facts.weightFlopsPerRow =
        facts.blocks * 2.0 * (2 * d * d + 2 * d * keys + matrices * d * static_cast<double>(hidden));
    facts.headFlopsPerRow = 2.0 * d * facts.vocabulary;
}

void saveLastBlock(ModelFacts& facts) {
    const double d = facts.width, keys = d / facts.heads * facts.keyValueHeads;
    facts.lastBlockFlopsPerRow = facts.weightFlopsPerRow / facts.blocks - 4.0 * d * keys;
}

CausalParts buildStack(const Checkpoint& checkpoint, const StackLayout& layout, ModelFacts facts,
                       Precision precision, ComputeContext& context) {
    facts.requested = precision;
    facts.effective = effectivePrecision(precision);
    const Precision activations = activationPrecision(facts.effective);
    requireTensors(checkpoint, expectedTensors(layout, facts), isCarriedAlong);

    const auto norm = [&](const std::string& scope) {
        return Norm(checkpoint, layout.norm, static_cast<float>(layout.epsilon), scope + ".weight",
                    layout.biased.norms ? scope + ".bias" : std::string());
    };
    CausalParts parts;
    parts.tokens = Embedding(checkpoint, layout.tokens + ".weight", facts.effective);
    parts.useRotary = layout.positions.empty();
    if (parts.useRotary)
        parts.rotary = RotaryTable(facts.width / facts.heads, layout.rotaryBase);
    else
        parts.positions = Embedding(checkpoint, layout.positions + ".weight", facts.effective);
    for (int index = 0; index < facts.blocks; ++index) {
        const std::string scope = blockScope(layout, index);
        const auto linear = [&](const std::vector<std::string>& names, bool biased, LinearSpec spec) {
            for (const std::string& name : names) {
                spec.weights.push_back(scope + name + ".weight");
                if (biased)
                    spec.biases.push_back(scope + name + ".bias");
            }
            spec.storedTransposed = layout.storedTransposed;
            spec.precision = facts.effective;
            return Linear(checkpoint, spec, context);
        };
        const bool gated = layout.up.size() == 2;
        CausalParts::Block block;
        block.norm1 = norm(scope + layout.norm1);
        block.norm2 = norm(scope + layout.norm2);
        const auto project = [&](int firstOutput, int outputs) {
            return linear(layout.queryKeyValue, layout.biased.queryKeyValue,
                          {.firstOutput = firstOutput, .outputs = outputs});
        };
        if (index + 1 < facts.blocks || facts.lastBlockFlopsPerRow == 0) {
            block.queryKeyValue = project(0, 0);
        } else {
            block.query = project(0, facts.width);
            block.keyValue = project(facts.width, 0);
        }
        block.attentionOut = linear({layout.attentionOut}, layout.biased.attentionOut, {.accumulate = true});
        // SwiGLU multiplies gate and up in f32; a GELU network's hidden values go straight into the next
        // product.
        Linear up = linear(layout.up, layout.biased.feedForward,
                           {.result = gated ? Precision::F32 : activations, .activation = layout.activation});
        Linear down = linear({layout.down}, layout.biased.feedForward, {.accumulate = true});
        block.feedForward = FeedForward(gated ? FeedForward::Kind::SwiGlu : FeedForward::Kind::Gelu,
                                        std::move(up), std::move(down), activations);
        parts.blocks.push_back(std::move(block));
    }
    parts.finalNorm = norm(layout.finalNorm);
    if (layout.tied || !layout.head.empty()) {
        LinearSpec head{.weights = {(layout.tied ? layout.tokens : layout.head) + ".weight"},
                        .precision = facts.effective};
        if (layout.biased.head && !layout.tied)
            head.biases = {layout.head + ".bias"};
        parts.head = Linear(checkpoint, head, context);
    }
    parts.facts = std::move(facts);
    return parts;
}

} // namespace steploom
