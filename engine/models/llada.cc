// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/llada.h"

#include "engine/models/bidirectional_transformer.h"
#include "engine/models/stack_layout.h"

namespace steploom {
namespace {

/// mlp_ratio, in whole multiples of the width, counts where mlp_hidden_size is absent.
int hiddenWidth(const Checkpoint& checkpoint) {
    const int width = checkpoint.size("d_model");
    const int most = Checkpoint::kMostOfAnySize / width;
    return checkpoint.config().value("mlp_hidden_size", nlohmann::json()).is_null()
               ? width * checkpoint.sizeOr("mlp_ratio", 4, 1, most)
               : checkpoint.size("mlp_hidden_size");
}

/// What the configuration class of the published code has a switch for; an absent key stands for that class's
/// default, which is GPT-2's.
void requireLlamaBlocks(const Checkpoint& checkpoint) {
    requireSettings(checkpoint,
                    {{"num_experts", nullptr},
                     {"block_type", "llama", "sequential"},
                     {"activation_type", "silu", "swiglu"},
                     {"layer_norm_type", "rms", "default"},
                     {"layer_norm_with_affine", true},
                     {"rope", true, false},
                     {"rope_scaling", nullptr},
                     {"alibi", false},
                     {"attention_layer_norm", false},
                     {"block_group_size", 1}, // other tensor names
                     {"clip_qkv", nullptr},
                     {"input_emb_norm", false},
                     {"scale_logits", false},
                     {"quantization_config", nullptr},
                     // RMSNorm with a bias; absent, it follows include_bias
                     {"bias_for_layer_norm", false, checkpoint.booleanOr("include_bias", false)}});
}

} // namespace

ModelFacts describeLlada(const Checkpoint& checkpoint) {
    requireSettings(checkpoint, {{"num_experts", nullptr}}); // LLaDA-MoE, which goes by the same name
    constexpr StackKeys kKeys{"n_layers", "d_model", "n_heads"};
    ModelFacts facts = describeStack(checkpoint, kKeys);
    const bool shared = checkpoint.booleanOr("multi_query_attention", false);
    facts.keyValueHeads = checkpoint.sizeOr("n_kv_heads", shared ? 1 : facts.heads);
    facts.vocabulary = checkpoint.sizeOr("embedding_size", checkpoint.size("vocab_size"));
    facts.length = checkpoint.sizeOr("max_sequence_length", 1024);
    requireHeads(checkpoint, facts, kKeys, "n_kv_heads");
    countFlops(facts, hiddenWidth(checkpoint), 3);
    saveLastBlock(facts);
    return facts;
}

std::unique_ptr<MaskedDiffusionModel> loadLlada(const Checkpoint& checkpoint, Precision precision,
                                                ComputeContext& context) {
    requireLlamaBlocks(checkpoint);
    ModelFacts facts = describeLlada(checkpoint);
    const bool biased = checkpoint.booleanOr("include_bias", false);
    const StackLayout layout{
        .tokens = "model.transformer.wte",
        .blocks = "model.transformer.blocks.",
        .norm1 = "attn_norm",
        .queryKeyValue = {"q_proj", "k_proj", "v_proj"},
        .attentionOut = "attn_out",
        .norm2 = "ff_norm",
        .up = {"ff_proj", "up_proj"}, // gate first
        .down = "ff_out",
        .finalNorm = "model.transformer.ln_f",
        .head = "model.transformer.ff_out",
        .hidden = hiddenWidth(checkpoint),
        .tied = checkpoint.booleanOr("weight_tying", true),
        .epsilon = checkpoint.positiveOr("rms_norm_eps", 1e-5),
        .rotaryBase = checkpoint.positiveOr("rope_theta", 10000.0),
        .biased = {.queryKeyValue = biased || checkpoint.booleanOr("include_qkv_bias", false),
                   .attentionOut = biased,
                   .feedForward = biased,
                   .head = biased}};
    const int mask = checkpoint.size("mask_token_id", 0, facts.vocabulary - 1);
    return std::make_unique<BidirectionalTransformer>(
        buildStack(checkpoint, layout, std::move(facts), precision, context), mask, context);
}

} // namespace steploom
