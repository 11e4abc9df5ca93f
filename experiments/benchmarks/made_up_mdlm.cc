// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/benchmarks/made_up_mdlm.h"

#include "engine/checkpoint/safetensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <stdexcept>

namespace steploom {

MadeUpMdlm::MadeUpMdlm(const Shape& shape) {
    std::string pattern = (std::filesystem::temp_directory_path() / "steploom-bench-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
        throw std::runtime_error("cannot make a temporary folder");
    m_folder = pattern;
    std::ofstream(m_folder / "config.json") << nlohmann::json{
        {"model_type", "mdlm"},         {"hidden_dim", shape.width},   {"n_heads", shape.heads},
        {"n_blocks", shape.blocks},     {"cond_dim", shape.condition}, {"vocab_size", shape.vocabulary},
        {"model_length", shape.length}, {"time_conditioning", false}};
    std::deque<std::vector<std::byte>> storage;
    std::vector<TensorToWrite> tensors;
    std::uint32_t state = 1;
    const auto add = [&](const std::string& name, std::vector<std::int64_t> size, float centre = 0.0f) {
        const std::size_t count = elementCount(size);
        const DType type = shape.float32 ? DType::F32 : DType::BF16;
        std::vector<std::byte>& bytes = storage.emplace_back(count * dtypeSize(type));
        for (std::size_t i = 0; i < count; ++i) {
            state = state * 1664525u + 1013904223u;
            const float value = centre + 0.04f * (static_cast<float>(state >> 8) * 0x1p-23f - 1.0f);
            if (shape.float32)
                reinterpret_cast<float*>(bytes.data())[i] = value;
            else
                reinterpret_cast<bf16_t*>(bytes.data())[i] = toBf16(value);
        }
        tensors.push_back({name, type, std::move(size), bytes});
    };
    const std::int64_t d = shape.width, v = shape.vocabulary, c = shape.condition;
    add("backbone.vocab_embed.embedding", {v, d});
    add("backbone.sigma_map.mlp.0.weight", {c, 256});
    add("backbone.sigma_map.mlp.0.bias", {c});
    add("backbone.sigma_map.mlp.2.weight", {c, c});
    add("backbone.sigma_map.mlp.2.bias", {c});
    for (int block = 0; block < shape.blocks; ++block) {
        const std::string scope = fmt::format("backbone.blocks.{}.", block);
        add(scope + "norm1.weight", {d}, 1.0f);
        add(scope + "norm2.weight", {d}, 1.0f);
        add(scope + "attn_qkv.weight", {3 * d, d});
        add(scope + "attn_out.weight", {d, d});
        add(scope + "mlp.0.weight", {4 * d, d});
        add(scope + "mlp.0.bias", {4 * d});
        add(scope + "mlp.2.weight", {d, 4 * d});
        add(scope + "mlp.2.bias", {d});
        add(scope + "adaLN_modulation.weight", {6 * d, c});
        add(scope + "adaLN_modulation.bias", {6 * d}, 0.5f);
    }
    add("backbone.output_layer.norm_final.weight", {d}, 1.0f);
    add("backbone.output_layer.linear.weight", {v, d});
    add("backbone.output_layer.linear.bias", {v});
    add("backbone.output_layer.adaLN_modulation.weight", {2 * d, c});
    add("backbone.output_layer.adaLN_modulation.bias", {2 * d});
    writeSafetensors(m_folder / "model.safetensors", tensors);
}

MadeUpMdlm::~MadeUpMdlm() {
    std::error_code ignored;
    std::filesystem::remove_all(m_folder, ignored);
}

} // namespace steploom
