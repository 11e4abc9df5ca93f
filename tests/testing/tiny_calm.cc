// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testing/tiny_calm.h"

#include "engine/models/calm_autoencoder.h"
#include "engine/models/energy_head.h"
#include "tests/testing/paths.h"
#include "tests/testing/random_tensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace steploom::testing {

namespace {

void addAll(RandomTensors& tensors, const std::vector<ExpectedTensor>& expected) {
    for (const ExpectedTensor& tensor : expected) {
        const bool norm = tensor.shape.size() == 1 && tensor.name.ends_with(".weight");
        tensors.add(tensor.name, tensor.shape, norm ? 1.0 : 0.0);
    }
}

nlohmann::json sharedConfig(const TinyCalm& shape) {
    return {{"patch_size", shape.chunk},
            {"latent_size", shape.latent},
            {"vocab_size", shape.vocabulary},
            {"hidden_size", shape.width},
            {"rms_norm_eps", 1e-6},
            {"hidden_act", "silu"},
            {"mlp_bias", false},
            {"intermediate_size", shape.feedForward},
            {"pad_token_id", 0}};
}

} // namespace

std::filesystem::path writeTinyAutoencoder(const std::filesystem::path& folder, const TinyCalm& shape) {
    nlohmann::json config = sharedConfig(shape);
    config.update({{"model_type", "autoencoder"},
                   {"num_encoder_layers", 2},
                   {"num_decoder_layers", 2},
                   {"tie_word_embeddings", true}});
    writeText(folder / "config.json", config.dump(1));
    AutoencoderFacts facts;
    facts.chunk = shape.chunk;
    facts.latent = shape.latent;
    facts.vocabulary = shape.vocabulary;
    facts.width = shape.width;
    facts.hidden = shape.feedForward;
    facts.encoderLayers = facts.decoderLayers = 2;
    RandomTensors tensors(shape.seed, DType::F32);
    addAll(tensors, autoencoderTensors(facts, ""));
    tensors.write(folder / "model.safetensors");
    return folder;
}

std::filesystem::path writeTinyCalm(const std::filesystem::path& folder, const TinyCalm& shape) {
    nlohmann::json config = sharedConfig(shape);
    config.update({{"model_type", "energy"},
                   {"ae_path", "autoencoder"},
                   {"noise_size", shape.noise},
                   {"num_mlp_layers", shape.headBlocks},
                   {"num_hidden_layers", shape.blocks},
                   {"num_attention_heads", shape.heads},
                   {"num_key_value_heads", shape.heads},
                   {"max_position_embeddings", shape.patches},
                   {"rope_theta", 10000.0},
                   {"attention_bias", false},
                   {"tie_word_embeddings", false}});
    writeText(folder / "config.json", config.dump(1));
    const std::int64_t d = shape.width, k = shape.chunk;
    RandomTensors tensors(shape.seed + 1, DType::F32);
    tensors.add("transformer.embed_tokens.weight", {shape.vocabulary, d});
    for (int block = 0; block < shape.blocks; ++block) {
        const std::string scope = fmt::format("transformer.layers.{}.", block);
        tensors.addNorm(scope + "input_layernorm.weight", d);
        tensors.addNorm(scope + "post_attention_layernorm.weight", d);
        for (const char* each : {"q_proj", "k_proj", "v_proj", "o_proj"})
            tensors.add(scope + "self_attn." + each + ".weight", {d, d});
        tensors.add(scope + "mlp.gate_proj.weight", {shape.feedForward, d});
        tensors.add(scope + "mlp.up_proj.weight", {shape.feedForward, d});
        tensors.add(scope + "mlp.down_proj.weight", {d, shape.feedForward});
    }
    tensors.addNorm("transformer.norm.weight", d);
    tensors.addLinear("embed_proj.0", {2 * d, k * d});
    tensors.addLinear("embed_proj.2", {d, 2 * d});
    tensors.addNorm("embed_proj.3.weight", d);
    tensors.add("embed_proj.3.bias", {d});
    addAll(
        tensors,
        EnergyHead::tensors(
            {.width = shape.width, .noise = shape.noise, .latent = shape.latent, .blocks = shape.headBlocks},
            "mlp_generator."));
    tensors.write(folder / "model.safetensors");
    return folder;
}

} // namespace steploom::testing
