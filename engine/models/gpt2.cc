// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/gpt2.h"

#include "engine/models/fixed_settings.h"
#include "engine/models/stack_layout.h"

#include <fmt/format.h>

namespace steploom {
namespace {

int innerWidth(const Checkpoint& checkpoint, int width) { return checkpoint.sizeOr("n_inner", 4 * width); }

Activation activationOf(const Checkpoint& checkpoint) {
    const std::string name = checkpoint.textOr("activation_function", "gelu_new");
    if (name == "gelu_new" || name == "gelu_pytorch_tanh")
        return Activation::GeluTanh;
    if (name == "gelu")
        return Activation::GeluErf;
    refuseConfig(checkpoint, "unknown activation", fmt::format("activation_function is \"{}\"", name),
                 "Supported are gelu_new and gelu");
}

} // namespace

ModelFacts describeGpt2(const Checkpoint& checkpoint) {
    constexpr StackKeys kKeys{"n_layer", "n_embd", "n_head"};
    ModelFacts facts = describeStack(checkpoint, kKeys);
    facts.kind = GenerationKind::Autoregressive;
    facts.vocabulary = checkpoint.size("vocab_size");
    facts.length = checkpoint.sizeOr("n_positions", checkpoint.sizeOr("n_ctx", 1024));
    requireHeads(checkpoint, facts, kKeys, nullptr);
    countFlops(facts, innerWidth(checkpoint, facts.width), 2);
    return facts;
}

std::unique_ptr<CausalModel> loadGpt2(const Checkpoint& checkpoint, Precision precision,
                                      ComputeContext& context) {
    // What transformers' configuration of GPT-2 has a switch for, beyond what the first files had.
    requireSettings(checkpoint, {{"scale_attn_weights", true},
                                 {"scale_attn_by_inverse_layer_idx", false},
                                 {"add_cross_attention", false}});
    const ModelFacts facts = describeGpt2(checkpoint);
    const std::string prefix = checkpoint.has("wte.weight") ? "" : "transformer.";
    const StackLayout layout{
        .tokens = prefix + "wte",
        .positions = prefix + "wpe",
        .blocks = prefix + "h.",
        .norm1 = "ln_1",
        .queryKeyValue = {"attn.c_attn"},
        .attentionOut = "attn.c_proj",
        .norm2 = "ln_2",
        .up = {"mlp.c_fc"},
        .down = "mlp.c_proj",
        .finalNorm = prefix + "ln_f",
        .head = "lm_head",
        .hidden = innerWidth(checkpoint, facts.width),
        .tied = checkpoint.booleanOr("tie_word_embeddings", true),
        .norm = Norm::Kind::Layer,
        .epsilon = checkpoint.positiveOr("layer_norm_epsilon", 1e-5),
        .activation = activationOf(checkpoint),
        .storedTransposed = true,
        .biased = {.norms = true, .queryKeyValue = true, .attentionOut = true, .feedForward = true}};
    return std::make_unique<CausalTransformer>(buildStack(checkpoint, layout, facts, precision, context),
                                               context);
}

} // namespace steploom
