// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testing/tiny_checkpoint.h"

#include "engine/checkpoint/safetensors.h"
#include "tests/testing/paths.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstring>
#include <numbers>
#include <random>
#include <stdexcept>
#include <vector>

namespace steploom::testing {
namespace {

/// Rounds to the nearest half-precision number; for the small magnitudes that weights have (no infinity, no
/// NaN).
std::uint16_t toF16(float value) {
    const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
    const float magnitude = std::fabs(value);
    if (magnitude < 0x1p-14f) // subnormal: steps of 2^-24
        return static_cast<std::uint16_t>(sign | static_cast<int>(std::nearbyint(magnitude * 0x1p24f)));
    int exponent = 0;
    const float fraction = std::frexp(magnitude, &exponent);                // [0.5, 1)
    const int steps = static_cast<int>(std::nearbyint(fraction * 2048.0f)); // [1024, 2048]
    return static_cast<std::uint16_t>(sign | ((exponent + 13) * 1024 + steps));
}

/// Collects tensors of seeded normal numbers. The generator is the standard's mt19937 and the normal numbers
/// are made here, so that a seed gives the same checkpoint with every standard library.
class RandomTensors {
public:
    RandomTensors(std::uint32_t seed, DType stored) : m_random(seed), m_stored(stored) {}

    /// Weights and biases: mean 0, deviation 0.1. Norm weights: mean 1.
    void add(std::string name, std::vector<std::int64_t> shape, double mean = 0.0) {
        std::vector<std::byte> bytes(elementCount(shape) * dtypeSize(m_stored));
        for (std::size_t at = 0; at < bytes.size(); at += dtypeSize(m_stored))
            store(static_cast<float>(mean + 0.1 * normal()), bytes.data() + at);
        m_tensors.push_back({std::move(name), std::move(shape), std::move(bytes)});
    }
    void addNorm(std::string name, std::int64_t width) { add(std::move(name), {width}, 1.0); }
    /// A weight and a bias under one scope; `shape[biasAxis]` is the number of outputs.
    void addLinear(const std::string& scope, std::vector<std::int64_t> shape, std::size_t biasAxis = 0) {
        const std::int64_t outputs = shape[biasAxis];
        add(scope + ".weight", std::move(shape));
        add(scope + ".bias", {outputs});
    }

    void write(const std::filesystem::path& file) const {
        std::vector<TensorToWrite> tensors;
        for (const Tensor& tensor : m_tensors)
            tensors.push_back({tensor.name, m_stored, tensor.shape, tensor.bytes});
        writeSafetensors(file, tensors);
    }

private:
    struct Tensor {
        std::string name;
        std::vector<std::int64_t> shape;
        std::vector<std::byte> bytes;
    };

    double normal() { // Box and Muller, 1958
        const double radius = std::sqrt(-2.0 * std::log((m_random() + 0.5) * 0x1p-32));
        return radius * std::cos(2.0 * std::numbers::pi * (m_random() * 0x1p-32));
    }

    void store(float value, std::byte* to) const {
        const std::uint16_t half = m_stored == DType::F16 ? toF16(value) : toBf16(value);
        if (m_stored == DType::F32)
            std::memcpy(to, &value, sizeof value);
        else if (m_stored == DType::F16 || m_stored == DType::BF16)
            std::memcpy(to, &half, sizeof half);
        else
            throw std::invalid_argument("tiny checkpoints are stored in F32, F16 or BF16");
    }

    std::mt19937 m_random;
    DType m_stored;
    std::vector<Tensor> m_tensors;
};

void addGpt2(RandomTensors& tensors, const TinyCausal& shape) {
    const std::int64_t d = shape.width;
    tensors.add("transformer.wte.weight", {shape.vocabulary, d});
    tensors.add("transformer.wpe.weight", {shape.length, d});
    for (int block = 0; block < shape.blocks; ++block) {
        const std::string scope = fmt::format("transformer.h.{}.", block);
        for (const char* norm : {"ln_1", "ln_2"}) {
            tensors.addNorm(scope + norm + ".weight", d);
            tensors.add(scope + norm + ".bias", {d});
        }
        // Stored [in, out]: the transpose of Linear.
        tensors.addLinear(scope + "attn.c_attn", {d, 3 * d}, 1);
        tensors.addLinear(scope + "attn.c_proj", {d, d}, 1);
        tensors.addLinear(scope + "mlp.c_fc", {d, 4 * d}, 1);
        tensors.addLinear(scope + "mlp.c_proj", {4 * d, d}, 1);
    }
    tensors.addNorm("transformer.ln_f.weight", d);
    tensors.add("transformer.ln_f.bias", {d});
}

void addLlama(RandomTensors& tensors, const TinyCausal& shape) {
    const std::int64_t d = shape.width;
    const std::int64_t keyWidth = d / shape.heads * shape.keyValueHeads;
    tensors.add("model.embed_tokens.weight", {shape.vocabulary, d});
    for (int block = 0; block < shape.blocks; ++block) {
        const std::string scope = fmt::format("model.layers.{}.", block);
        tensors.addNorm(scope + "input_layernorm.weight", d);
        tensors.addNorm(scope + "post_attention_layernorm.weight", d);
        tensors.add(scope + "self_attn.q_proj.weight", {d, d});
        tensors.add(scope + "self_attn.k_proj.weight", {keyWidth, d});
        tensors.add(scope + "self_attn.v_proj.weight", {keyWidth, d});
        tensors.add(scope + "self_attn.o_proj.weight", {d, d});
        tensors.add(scope + "mlp.gate_proj.weight", {shape.feedForward, d});
        tensors.add(scope + "mlp.up_proj.weight", {shape.feedForward, d});
        tensors.add(scope + "mlp.down_proj.weight", {d, shape.feedForward});
    }
    tensors.addNorm("model.norm.weight", d);
    tensors.add("lm_head.weight", {shape.vocabulary, d});
}

nlohmann::json gpt2Config(const TinyCausal& shape) {
    return {{"model_type", "gpt2"},        {"vocab_size", shape.vocabulary},
            {"n_positions", shape.length}, {"n_ctx", shape.length},
            {"n_embd", shape.width},       {"n_layer", shape.blocks},
            {"n_head", shape.heads},       {"activation_function", "gelu_new"},
            {"layer_norm_epsilon", 1e-5},  {"tie_word_embeddings", true}};
}

nlohmann::json llamaConfig(const TinyCausal& shape) {
    return {{"model_type", "llama"},
            {"hidden_size", shape.width},
            {"intermediate_size", shape.feedForward},
            {"num_hidden_layers", shape.blocks},
            {"num_attention_heads", shape.heads},
            {"num_key_value_heads", shape.keyValueHeads},
            {"vocab_size", shape.vocabulary},
            {"max_position_embeddings", shape.length},
            {"rms_norm_eps", 1e-5},
            {"rope_theta", 10000.0},
            {"hidden_act", "silu"},
            {"tie_word_embeddings", false},
            {"attention_bias", false}};
}

std::string utf8(unsigned character) { // the alphabet below ends at U+0143
    if (character < 0x80)
        return {static_cast<char>(character)};
    return {static_cast<char>(0xC0 | character >> 6), static_cast<char>(0x80 | (character & 0x3F))};
}

} // namespace

std::filesystem::path writeTinyMdlm(const std::filesystem::path& folder, const TinyMdlm& shape) {
    const nlohmann::json config = {{"model_type", "mdlm"},
                                   {"hidden_dim", shape.width},
                                   {"n_heads", shape.heads},
                                   {"n_blocks", shape.blocks},
                                   {"cond_dim", shape.condition},
                                   {"vocab_size", shape.vocabulary},
                                   {"model_length", shape.length},
                                   {"time_conditioning", shape.timeConditioning},
                                   {"dropout", 0.1}};
    writeText(folder / "config.json", config.dump(1));

    const std::int64_t d = shape.width, cond = shape.condition;
    RandomTensors tensors(shape.seed, shape.stored);
    tensors.add("backbone.vocab_embed.embedding", {shape.vocabulary, d});
    tensors.addLinear("backbone.sigma_map.mlp.0", {cond, 256});
    tensors.addLinear("backbone.sigma_map.mlp.2", {cond, cond});
    for (int block = 0; block < shape.blocks; ++block) {
        const std::string scope = fmt::format("backbone.blocks.{}.", block);
        tensors.addNorm(scope + "norm1.weight", d);
        tensors.addNorm(scope + "norm2.weight", d);
        tensors.add(scope + "attn_qkv.weight", {3 * d, d});
        tensors.add(scope + "attn_out.weight", {d, d});
        tensors.addLinear(scope + "mlp.0", {4 * d, d});
        tensors.addLinear(scope + "mlp.2", {d, 4 * d});
        tensors.addLinear(scope + "adaLN_modulation", {6 * d, cond});
    }
    tensors.addNorm("backbone.output_layer.norm_final.weight", d);
    tensors.addLinear("backbone.output_layer.linear", {shape.vocabulary, d});
    tensors.addLinear("backbone.output_layer.adaLN_modulation", {2 * d, cond});
    tensors.write(folder / "model.safetensors");
    return folder;
}

std::filesystem::path writeTinyCausal(const std::filesystem::path& folder, const TinyCausal& shape) {
    RandomTensors tensors(shape.seed, DType::F32);
    if (shape.modelType == "gpt2") {
        writeText(folder / "config.json", gpt2Config(shape).dump(1));
        addGpt2(tensors, shape);
    } else if (shape.modelType == "llama") {
        writeText(folder / "config.json", llamaConfig(shape).dump(1));
        addLlama(tensors, shape);
    } else {
        throw std::invalid_argument("tiny causal checkpoints are gpt2 or llama, not " + shape.modelType);
    }
    tensors.write(folder / "model.safetensors");
    return folder;
}

std::filesystem::path writeByteTokenizer(const std::filesystem::path& folder, bool maskToken) {
    // GPT-2's order of the bytes: the printable ones first, each as itself; then the others, as U+0100 and
    // on.
    const auto printable = [](unsigned byte) {
        return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    };
    nlohmann::json pieces;
    int id = 0;
    for (unsigned byte = 0; byte < 256; ++byte)
        if (printable(byte))
            pieces[utf8(byte)] = id++;
    for (unsigned byte = 0, other = 0x100; byte < 256; ++byte)
        if (!printable(byte))
            pieces[utf8(other++)] = id++;

    nlohmann::json added = nlohmann::json::array();
    const auto addSpecial = [&](const char* content) {
        added.push_back({{"id", id++},
                         {"content", content},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false},
                         {"special", true}});
    };
    addSpecial("<|endoftext|>");
    if (maskToken)
        addSpecial("<mask>");

    const nlohmann::json byteLevel = {
        {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
    const nlohmann::json tokenizer = {
        {"version", "1.0"},
        {"added_tokens", added},
        {"normalizer", nullptr},
        {"pre_tokenizer", byteLevel},
        {"post_processor", byteLevel},
        {"decoder", byteLevel},
        {"model", {{"type", "BPE"}, {"vocab", pieces}, {"merges", nlohmann::json::array()}}}};
    writeText(folder / "tokenizer.json", tokenizer.dump(1));
    return folder;
}

} // namespace steploom::testing
