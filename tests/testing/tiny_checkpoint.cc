// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testing/tiny_checkpoint.h"

#include "tests/testing/paths.h"
#include "tests/testing/random_tensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <vector>

namespace steploom::testing {
namespace {

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

/// Llama's tensors; with `biased` queries, keys and values Qwen2's.
void addLlama(RandomTensors& tensors, const TinyCausal& shape, bool biased) {
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
        if (biased) {
            tensors.add(scope + "self_attn.q_proj.bias", {d});
            tensors.add(scope + "self_attn.k_proj.bias", {keyWidth});
            tensors.add(scope + "self_attn.v_proj.bias", {keyWidth});
        }
        tensors.add(scope + "self_attn.o_proj.weight", {d, d});
        tensors.add(scope + "mlp.gate_proj.weight", {shape.feedForward, d});
        tensors.add(scope + "mlp.up_proj.weight", {shape.feedForward, d});
        tensors.add(scope + "mlp.down_proj.weight", {d, shape.feedForward});
    }
    tensors.addNorm("model.norm.weight", d);
    if (!shape.tied)
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
    return {{"model_type", shape.modelType},
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
            {"tie_word_embeddings", shape.tied},
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
    } else if (shape.modelType == "llama" || shape.modelType == "qwen2") {
        writeText(folder / "config.json", llamaConfig(shape).dump(1));
        addLlama(tensors, shape, shape.modelType == "qwen2");
    } else {
        throw std::invalid_argument("tiny causal checkpoints are gpt2, llama or qwen2, not " +
                                    shape.modelType);
    }
    tensors.write(folder / "model.safetensors");
    return folder;
}

std::filesystem::path writeTinyDream(const std::filesystem::path& folder, const TinyDream& shape) {
    // The config published with Dream-v0-Base-7B, sizes aside.
    const nlohmann::json config = {{"model_type", "Dream"},
                                   {"architectures", {"DreamModel"}},
                                   {"attention_dropout", 0.0},
                                   {"hidden_act", "silu"},
                                   {"hidden_size", shape.width},
                                   {"initializer_range", 0.02},
                                   {"intermediate_size", shape.feedForward},
                                   {"mask_token_id", shape.maskToken},
                                   {"max_position_embeddings", shape.length},
                                   {"max_window_layers", shape.blocks},
                                   {"num_attention_heads", shape.heads},
                                   {"num_hidden_layers", shape.blocks},
                                   {"num_key_value_heads", shape.keyValueHeads},
                                   {"rms_norm_eps", 1e-6},
                                   {"rope_scaling", nullptr},
                                   {"rope_theta", 1000000.0},
                                   {"sliding_window", nullptr},
                                   {"tie_word_embeddings", shape.tied},
                                   {"use_cache", false},
                                   {"use_mrope", false},
                                   {"use_sliding_window", false},
                                   {"vocab_size", shape.vocabulary}};
    writeText(folder / "config.json", config.dump(1));
    RandomTensors tensors(shape.seed, DType::F32);
    addLlama(tensors,
             {.width = shape.width,
              .heads = shape.heads,
              .keyValueHeads = shape.keyValueHeads,
              .blocks = shape.blocks,
              .feedForward = shape.feedForward,
              .vocabulary = shape.vocabulary,
              .tied = shape.tied},
             true);
    tensors.write(folder / "model.safetensors");
    return folder;
}

std::filesystem::path writeTinyLlada(const std::filesystem::path& folder, const TinyLlada& shape) {
    // The config published with LLaDA-8B-Base, sizes and biases aside.
    const nlohmann::json config = {{"model_type", "llada"},
                                   {"architectures", {"LLaDAModelLM"}},
                                   {"activation_type", "silu"},
                                   {"alibi", false},
                                   {"alibi_bias_max", 8.0},
                                   {"attention_dropout", 0.0},
                                   {"attention_layer_norm", false},
                                   {"attention_layer_norm_with_affine", true},
                                   {"bias_for_layer_norm", false},
                                   {"block_group_size", 1},
                                   {"block_type", "llama"},
                                   {"d_model", shape.width},
                                   {"embedding_size", shape.vocabulary},
                                   {"flash_attention", false},
                                   {"include_bias", shape.bias},
                                   {"include_qkv_bias", shape.queryKeyValueBias},
                                   {"init_device", "meta"},
                                   {"input_emb_norm", false},
                                   {"layer_norm_type", "rms"},
                                   {"layer_norm_with_affine", true},
                                   {"mask_token_id", shape.maskToken},
                                   {"max_sequence_length", shape.length},
                                   {"mlp_hidden_size", shape.feedForward},
                                   {"mlp_ratio", 4},
                                   {"multi_query_attention", nullptr},
                                   {"n_heads", shape.heads},
                                   {"n_kv_heads", shape.keyValueHeads},
                                   {"n_layers", shape.blocks},
                                   {"rms_norm_eps", 1e-5},
                                   {"rope", true},
                                   {"rope_full_precision", true},
                                   {"rope_theta", 500000.0},
                                   {"scale_logits", false},
                                   {"use_cache", false},
                                   {"vocab_size", shape.vocabulary},
                                   {"weight_tying", shape.tied}};
    writeText(folder / "config.json", config.dump(1));
    const std::int64_t d = shape.width, keyWidth = d / shape.heads * shape.keyValueHeads;
    RandomTensors tensors(shape.seed, DType::F32);
    const auto linear = [&](const std::string& scope, std::int64_t outputs, std::int64_t inputs, bool bias) {
        tensors.add(scope + ".weight", {outputs, inputs});
        if (bias)
            tensors.add(scope + ".bias", {outputs});
    };
    linear("model.transformer.wte", shape.vocabulary, d, false);
    for (int block = 0; block < shape.blocks; ++block) {
        const std::string scope = fmt::format("model.transformer.blocks.{}.", block);
        const bool fusedBias = shape.bias || shape.queryKeyValueBias;
        tensors.addNorm(scope + "attn_norm.weight", d);
        tensors.addNorm(scope + "ff_norm.weight", d);
        linear(scope + "q_proj", d, d, fusedBias);
        linear(scope + "k_proj", keyWidth, d, fusedBias);
        linear(scope + "v_proj", keyWidth, d, fusedBias);
        linear(scope + "attn_out", d, d, shape.bias);
        linear(scope + "ff_proj", shape.feedForward, d, shape.bias);
        linear(scope + "up_proj", shape.feedForward, d, shape.bias);
        linear(scope + "ff_out", d, shape.feedForward, shape.bias);
    }
    tensors.addNorm("model.transformer.ln_f.weight", d);
    if (!shape.tied)
        linear("model.transformer.ff_out", shape.vocabulary, d, shape.bias);
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
