// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/llama.h"

#include "engine/models/fixed_settings.h"

#include <fmt/format.h>

namespace steploom {
namespace {

/// Where configs written by transformers 5 keep the base, and the scaling that would change the frequencies.
double rotaryBase(const Checkpoint& checkpoint) {
    const auto& config = checkpoint.config();
    const auto parameters = config.find("rope_parameters");
    if (parameters == config.end() || !parameters->is_object())
        return checkpoint.positiveOr("rope_theta", 10000.0);
    const auto type = parameters->find("rope_type"), base = parameters->find("rope_theta");
    if (type != parameters->end() && *type != "default")
        refuseConfig(checkpoint, "unsupported rotary embedding",
                     "rope_parameters names a rope_type other than \"default\"",
                     "Use a checkpoint with unscaled rotary frequencies");
    if (base == parameters->end() || !base->is_number() || !(base->get<double>() > 0))
        refuseConfig(checkpoint, "unsupported rotary embedding",
                     "rope_parameters has no rope_theta above zero",
                     "Correct the config, or use the one that came with the weights");
    return base->get<double>();
}

/// Windows and layers of other kinds, listed one by one.
void requireFullAttention(const Checkpoint& checkpoint) {
    const auto types = checkpoint.config().find("layer_types");
    if (types == checkpoint.config().end() || !types->is_array())
        return;
    for (const auto& type : *types)
        if (type != "full_attention")
            refuseConfig(checkpoint, "unsupported attention",
                         "layer_types names layers other than \"full_attention\"",
                         "Use a checkpoint all of whose layers see the whole sequence");
}

} // namespace

ModelFacts describeLlama(const Checkpoint& checkpoint) {
    constexpr StackKeys kKeys{"num_hidden_layers", "hidden_size", "num_attention_heads"};
    ModelFacts facts = describeStack(checkpoint, kKeys);
    facts.kind = GenerationKind::Autoregressive;
    facts.keyValueHeads = checkpoint.sizeOr("num_key_value_heads", facts.heads);
    facts.vocabulary = checkpoint.size("vocab_size");
    facts.length = checkpoint.size("max_position_embeddings");
    requireHeads(checkpoint, facts, kKeys, "num_key_value_heads");
    countFlops(facts, checkpoint.size("intermediate_size"), 3);
    return facts;
}

StackLayout llamaLayout(const Checkpoint& checkpoint) {
    requireSettings(checkpoint, {{"hidden_act", "silu"},
                                 {"rope_scaling", nullptr}, // Llama 3.1's rescaled frequencies
                                 {"partial_rotary_factor", 1.0},
                                 {"use_sliding_window", false},
                                 {"clip_qkv", nullptr},
                                 {"attn_logit_softcapping", nullptr},
                                 {"final_logit_softcapping", nullptr},
                                 {"embedding_multiplier", 1.0},
                                 {"residual_multiplier", 1.0},
                                 {"attention_multiplier", nullptr},
                                 {"logits_scaling", 1.0},
                                 {"num_experts", nullptr},
                                 {"quantization_config", nullptr}});
    requireFullAttention(checkpoint);
    const int headSize = checkpoint.size("hidden_size") / checkpoint.size("num_attention_heads");
    if (checkpoint.integerOr("head_dim", headSize) != headSize)
        refuseConfig(checkpoint, "unsupported head size",
                     fmt::format("head_dim {} is not hidden_size / num_attention_heads = {}",
                                 checkpoint.integer("head_dim"), headSize),
                     "Use a checkpoint whose heads share the width");
    const bool biased = checkpoint.booleanOr("attention_bias", false);
    return {.tokens = "model.embed_tokens",
            .blocks = "model.layers.",
            .norm1 = "input_layernorm",
            .queryKeyValue = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"},
            .attentionOut = "self_attn.o_proj",
            .norm2 = "post_attention_layernorm",
            .up = {"mlp.gate_proj", "mlp.up_proj"},
            .down = "mlp.down_proj",
            .finalNorm = "model.norm",
            .head = "lm_head",
            .hidden = checkpoint.size("intermediate_size"),
            .tied = checkpoint.booleanOr("tie_word_embeddings", false),
            .epsilon = checkpoint.positiveOr("rms_norm_eps", 1e-6),
            .rotaryBase = rotaryBase(checkpoint),
            .biased = {.queryKeyValue = biased,
                       .attentionOut = biased,
                       .feedForward = checkpoint.booleanOr("mlp_bias", false)}};
}

std::unique_ptr<CausalModel> loadLlama(const Checkpoint& checkpoint, Precision precision,
                                       ComputeContext& context) {
    return std::make_unique<CausalTransformer>(
        buildStack(checkpoint, llamaLayout(checkpoint), describeLlama(checkpoint), precision, context),
        context);
}

} // namespace steploom
