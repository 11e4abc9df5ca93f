// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/llama.h"

#include "engine/core/error.h"
#include "engine/models/causal_transformer.h"
#include "engine/tensor/compute_context.h"

#include <fmt/format.h>

namespace steploom {
namespace {

bool isTied(const Checkpoint& checkpoint) { return checkpoint.booleanOr("tie_word_embeddings", false); }

bool isBuffer(const std::string& name) { return name.ends_with("rotary_emb.inv_freq"); }
/// A tied head may be stored all the same.
bool isBufferOrHead(const std::string& name) { return isBuffer(name) || name == "lm_head.weight"; }

void refuse(const Checkpoint& checkpoint, const std::string& what, const std::string& why,
            const std::string& remedy) {
    throw Error(ErrorKind::Config, {what, (checkpoint.folder() / "config.json").string(), why, remedy});
}

} // namespace

ModelFacts describeLlama(const Checkpoint& checkpoint) {
    ModelFacts facts;
    facts.architecture = "llama";
    facts.parameters = checkpoint.parameters();
    facts.blocks = checkpoint.size("num_hidden_layers", 1, Checkpoint::kMostBlocks);
    facts.width = checkpoint.size("hidden_size");
    facts.heads = checkpoint.size("num_attention_heads");
    facts.keyValueHeads = checkpoint.sizeOr("num_key_value_heads", facts.heads);
    facts.vocabulary = checkpoint.size("vocab_size");
    facts.length = checkpoint.size("max_position_embeddings");
    facts.stored = checkpoint.storedType();
    if (facts.width % (2 * facts.heads) != 0)
        refuse(checkpoint, "cannot divide the width among the heads",
               fmt::format("hidden_size {} is not an even multiple of num_attention_heads {}", facts.width,
                           facts.heads),
               "Correct the config, or use the one that came with the weights");
    if (facts.keyValueHeads < 1 || facts.heads % facts.keyValueHeads != 0)
        refuse(checkpoint, "cannot share key heads among query heads",
               fmt::format("num_attention_heads {} is not a multiple of num_key_value_heads {}", facts.heads,
                           facts.keyValueHeads),
               "Correct the config, or use the one that came with the weights");
    const double d = facts.width, hidden = static_cast<double>(checkpoint.size("intermediate_size"));
    const double keyWidth = d / facts.heads * facts.keyValueHeads;
    facts.weightFlopsPerRow = facts.blocks * 2.0 * (2 * d * d + 2 * d * keyWidth + 3 * d * hidden);
    facts.headFlopsPerRow = 2.0 * d * facts.vocabulary;
    return facts;
}

std::unique_ptr<CausalModel> loadLlama(const Checkpoint& checkpoint, Precision precision,
                                       ComputeContext& context) {
    CausalParts parts;
    ModelFacts& facts = parts.facts = describeLlama(checkpoint);
    facts.requested = precision;
    facts.effective = effectivePrecision(precision);
    const std::int64_t d = facts.width, hidden = checkpoint.size("intermediate_size");
    const std::int64_t headSize = d / facts.heads, keyWidth = headSize * facts.keyValueHeads;
    const bool biased = checkpoint.booleanOr("attention_bias", false);
    if (checkpoint.textOr("hidden_act", "silu") != "silu")
        refuse(checkpoint, "unknown activation",
               fmt::format("hidden_act is \"{}\"", checkpoint.text("hidden_act")), "Supported is silu");
    // Rescaled rotary frequencies (Llama 3.1) would silently give other logits.
    if (checkpoint.config().contains("rope_scaling") && !checkpoint.config()["rope_scaling"].is_null())
        refuse(checkpoint, "unsupported rotary embedding", "rope_scaling is set",
               "Use a checkpoint without rope_scaling");
    if (checkpoint.integerOr("head_dim", headSize) != headSize)
        refuse(checkpoint, "unsupported head size",
               fmt::format("head_dim {} is not hidden_size / num_attention_heads = {}",
                           checkpoint.integer("head_dim"), headSize),
               "Use a checkpoint whose heads share the width");
    const auto name = [](int block, const char* part) {
        return fmt::format("model.layers.{}.{}", block, part);
    };

    std::vector<ExpectedTensor> expected{{"model.embed_tokens.weight", {facts.vocabulary, d}},
                                         {"model.norm.weight", {d}}};
    if (!isTied(checkpoint))
        expected.push_back({"lm_head.weight", {facts.vocabulary, d}});
    for (int block = 0; block < facts.blocks; ++block) {
        const auto add = [&](const char* part, std::vector<std::int64_t> shape) {
            expected.push_back({name(block, part), std::move(shape)});
        };
        add("input_layernorm.weight", {d});
        add("post_attention_layernorm.weight", {d});
        add("self_attn.q_proj.weight", {d, d});
        add("self_attn.k_proj.weight", {keyWidth, d});
        add("self_attn.v_proj.weight", {keyWidth, d});
        add("self_attn.o_proj.weight", {d, d});
        if (biased) {
            add("self_attn.q_proj.bias", {d});
            add("self_attn.k_proj.bias", {keyWidth});
            add("self_attn.v_proj.bias", {keyWidth});
            add("self_attn.o_proj.bias", {d});
        }
        add("mlp.gate_proj.weight", {hidden, d});
        add("mlp.up_proj.weight", {hidden, d});
        add("mlp.down_proj.weight", {d, hidden});
    }
    requireTensors(checkpoint, expected, isTied(checkpoint) ? isBufferOrHead : isBuffer);

    const auto epsilon = static_cast<float>(checkpoint.positiveOr("rms_norm_eps", 1e-6));
    parts.tokens = Embedding(checkpoint, "model.embed_tokens.weight", facts.effective);
    parts.useRotary = true;
    parts.rotary = RotaryTable(static_cast<int>(headSize), checkpoint.positiveOr("rope_theta", 10000.0));
    for (int index = 0; index < facts.blocks; ++index) {
        const auto linear = [&](std::vector<const char*> scopes, bool bias, bool accumulate) {
            LinearSpec spec{.precision = facts.effective, .accumulate = accumulate};
            for (const char* scope : scopes) {
                spec.weights.push_back(name(index, fmt::format("{}.weight", scope).c_str()));
                if (bias)
                    spec.biases.push_back(name(index, fmt::format("{}.bias", scope).c_str()));
            }
            return Linear(checkpoint, spec, context);
        };
        CausalParts::Block block;
        block.norm1 = Norm(checkpoint, Norm::Kind::Rms, epsilon, name(index, "input_layernorm.weight"));
        block.norm2 =
            Norm(checkpoint, Norm::Kind::Rms, epsilon, name(index, "post_attention_layernorm.weight"));
        block.queryKeyValue =
            linear({"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"}, biased, false);
        block.attentionOut = linear({"self_attn.o_proj"}, biased, true);
        block.feedForward =
            FeedForward(FeedForward::Kind::SwiGlu, linear({"mlp.gate_proj", "mlp.up_proj"}, false, false),
                        linear({"mlp.down_proj"}, false, true), activationPrecision(facts.effective));
        parts.blocks.push_back(std::move(block));
    }
    parts.finalNorm = Norm(checkpoint, Norm::Kind::Rms, epsilon, "model.norm.weight");
    parts.head = Linear(checkpoint,
                        {.weights = {isTied(checkpoint) ? "model.embed_tokens.weight" : "lm_head.weight"},
                         .precision = facts.effective},
                        context);
    return std::make_unique<CausalTransformer>(std::move(parts), context);
}

} // namespace steploom
