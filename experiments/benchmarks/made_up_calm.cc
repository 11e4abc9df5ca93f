// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/benchmarks/made_up_calm.h"

#include "engine/checkpoint/safetensors.h"
#include "engine/models/calm_autoencoder.h"
#include "engine/models/energy_head.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace steploom {

namespace {

/// Uniform bf16 weights, those of norms around 1.
class MadeUpTensors {
public:
    void add(const std::string& name, std::vector<std::int64_t> size) {
        const std::size_t count = elementCount(size);
        std::vector<std::byte>& bytes = m_storage.emplace_back(count * sizeof(bf16_t));
        const bool isNorm = size.size() == 1 && name.ends_with(".weight");
        auto* const values = reinterpret_cast<bf16_t*>(bytes.data());
        for (std::size_t i = 0; i < count; ++i) {
            m_state = m_state * 1664525u + 1013904223u;
            values[i] =
                toBf16((isNorm ? 1.0f : 0.0f) + 0.04f * (static_cast<float>(m_state >> 8) * 0x1p-23f - 1.0f));
        }
        m_tensors.push_back({name, DType::BF16, std::move(size), bytes});
    }
    void add(const std::vector<ExpectedTensor>& expected) {
        for (const ExpectedTensor& tensor : expected)
            add(tensor.name, tensor.shape);
    }
    void write(const std::filesystem::path& folder, const nlohmann::json& config) const {
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "config.json") << config;
        writeSafetensors(folder / "model.safetensors", m_tensors);
    }

private:
    std::deque<std::vector<std::byte>> m_storage;
    std::vector<TensorToWrite> m_tensors;
    std::uint32_t m_state = 1;
};

void writeAutoencoder(const std::filesystem::path& folder, const CalmShape& shape) {
    const CalmShape::Autoencoder& ae = shape.autoencoder;
    MadeUpTensors tensors;
    tensors.add(autoencoderTensors({.chunk = shape.chunk,
                                    .latent = shape.latent,
                                    .vocabulary = shape.vocabulary,
                                    .width = ae.width,
                                    .hidden = ae.hidden,
                                    .encoderLayers = ae.decoderLayers,
                                    .decoderLayers = ae.decoderLayers},
                                   {}));
    tensors.write(folder, {{"model_type", "autoencoder"},
                           {"patch_size", shape.chunk},
                           {"latent_size", shape.latent},
                           {"vocab_size", shape.vocabulary},
                           {"hidden_size", ae.width},
                           {"intermediate_size", ae.hidden},
                           {"num_encoder_layers", ae.decoderLayers},
                           {"num_decoder_layers", ae.decoderLayers},
                           {"hidden_act", "silu"},
                           {"mlp_bias", false},
                           {"tie_word_embeddings", true}});
}

} // namespace

MadeUpCalm::MadeUpCalm(const CalmShape& shape) {
    std::string pattern = (std::filesystem::temp_directory_path() / "steploom-bench-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
        throw std::runtime_error("cannot make a temporary folder");
    m_folder = pattern;
    writeAutoencoder(m_folder / "autoencoder", shape);

    const std::int64_t d = shape.width, f = shape.hidden, k = shape.chunk;
    MadeUpTensors tensors;
    tensors.add("transformer.embed_tokens.weight", {shape.vocabulary, d});
    for (int block = 0; block < shape.blocks; ++block) {
        const std::string scope = fmt::format("transformer.layers.{}.", block);
        for (const char* name : {"input_layernorm", "post_attention_layernorm"})
            tensors.add(scope + name + ".weight", {d});
        for (const char* name : {"q_proj", "k_proj", "v_proj", "o_proj"})
            tensors.add(scope + "self_attn." + name + ".weight", {d, d});
        tensors.add(scope + "mlp.gate_proj.weight", {f, d});
        tensors.add(scope + "mlp.up_proj.weight", {f, d});
        tensors.add(scope + "mlp.down_proj.weight", {d, f});
    }
    tensors.add("transformer.norm.weight", {d});
    tensors.add("embed_proj.0.weight", {2 * d, k * d});
    tensors.add("embed_proj.0.bias", {2 * d});
    tensors.add("embed_proj.2.weight", {d, 2 * d});
    tensors.add("embed_proj.2.bias", {d});
    tensors.add("embed_proj.3.weight", {d});
    tensors.add("embed_proj.3.bias", {d});
    tensors.add(EnergyHead::tensors(
        {.width = shape.width, .noise = shape.noise, .latent = shape.latent, .blocks = shape.headBlocks},
        "mlp_generator."));
    constexpr int kHeadSize = 64;
    tensors.write(folder(), {{"model_type", "energy"},
                             {"ae_path", "autoencoder"},
                             {"patch_size", shape.chunk},
                             {"num_mlp_layers", shape.headBlocks},
                             {"noise_size", shape.noise},
                             {"latent_size", shape.latent},
                             {"vocab_size", shape.vocabulary},
                             {"hidden_size", shape.width},
                             {"intermediate_size", shape.hidden},
                             {"num_hidden_layers", shape.blocks},
                             {"num_attention_heads", shape.width / kHeadSize},
                             {"num_key_value_heads", shape.width / kHeadSize},
                             {"hidden_act", "silu"},
                             {"max_position_embeddings", 2 * shape.context},
                             {"rms_norm_eps", 1e-6},
                             {"rope_theta", 10000.0},
                             {"attention_bias", false},
                             {"mlp_bias", false},
                             {"tie_word_embeddings", false}});
}

MadeUpCalm::~MadeUpCalm() {
    std::error_code ignored;
    std::filesystem::remove_all(m_folder, ignored);
}

} // namespace steploom
