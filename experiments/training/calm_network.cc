// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/calm_network.h"

#include "experiments/training/llama_blocks.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <cmath>
#include <tuple>

namespace steploom {

using torch::Tensor;

namespace {

constexpr double kNormEpsilon = 1e-6; // of the energy transformer's layer norms

/// x Wᵀ + b in x's precision.
Tensor linear(const Parameters& p, const std::string& name, const Tensor& x) {
    return torch::linear(x, p[name + ".weight"].to(x.scalar_type()), p[name + ".bias"].to(x.scalar_type()));
}

/// SiLU(x Wᵀ + b) likewise.
Tensor silued(const Parameters& p, const std::string& name, const Tensor& x) {
    return biasedSilu(product(x, p[name + ".weight"]), p[name + ".bias"]);
}

void addLinear(std::vector<Parameter>& table, const std::string& name, std::int64_t outputs,
               std::int64_t inputs) {
    table.push_back({name + ".weight", {outputs, inputs}, linearDeviation(inputs)});
    table.push_back({name + ".bias", {outputs}, 0, 0});
}

void addNorm(std::vector<Parameter>& table, const std::string& name, std::int64_t width) {
    table.push_back({name + ".weight", {width}, 0, 1});
    table.push_back({name + ".bias", {width}, 0, 0});
}

NormWeights layerNorm(const Parameters& p, const std::string& name) {
    return {p[name + ".weight"], p[name + ".bias"], kNormEpsilon, true};
}

Tensor normed(const Parameters& p, const std::string& name, const Tensor& x) {
    return torch::layer_norm(x, {x.size(-1)}, p[name + ".weight"], p[name + ".bias"], kNormEpsilon);
}

} // namespace

std::vector<Parameter> AutoencoderNetwork::parameters() const {
    const std::int64_t d = m_shape.width, f = m_shape.hidden, k = m_shape.chunk, l = m_shape.latent;
    // The embeddings are the output layer too: logits begin at about 1.
    std::vector<Parameter> table{
        {"encoder.embed_tokens.weight", {m_vocabulary, d}, 1.0 / std::sqrt(static_cast<double>(d))}};
    const auto addLayers = [&](const char* name, int count) {
        for (int layer = 0; layer < count; ++layer) {
            const std::string at = fmt::format("{}.{}.", name, layer);
            table.push_back({at + "layernorm.weight", {d}, 0, 1});
            table.push_back({at + "mlp.gate_proj.weight", {f, d}, linearDeviation(d)});
            table.push_back({at + "mlp.up_proj.weight", {f, d}, linearDeviation(d)});
            table.push_back({at + "mlp.down_proj.weight", {d, f}, linearDeviation(f)});
        }
    };
    addLayers("encoder.encoder_layers", m_shape.encoderLayers);
    addLinear(table, "encoder.squeeze_layer", d, k * d);
    table.push_back({"encoder.norm.weight", {d}, 0, 1});
    addLinear(table, "encoder.hidden_to_latent", 2 * l, d);
    addLinear(table, "decoder.latent_to_hidden", d, l);
    addLayers("decoder.decoder_layers", m_shape.decoderLayers);
    addLinear(table, "decoder.expand_layer", k * d, d);
    table.push_back({"decoder.norm.weight", {d}, 0, 1});
    return table;
}

nlohmann::ordered_json AutoencoderNetwork::config() const {
    return {{"architectures", {"Autoencoder"}},
            {"model_type", "autoencoder"},
            {"patch_size", m_shape.chunk},
            {"vocab_size", m_vocabulary},
            {"hidden_size", m_shape.width},
            {"intermediate_size", m_shape.hidden},
            {"num_encoder_layers", m_shape.encoderLayers},
            {"num_decoder_layers", m_shape.decoderLayers},
            {"latent_size", m_shape.latent},
            {"hidden_act", "silu"},
            {"rms_norm_eps", m_shape.rmsEpsilon},
            {"mlp_bias", false},
            {"tie_word_embeddings", true}};
}

/// x ← x + SwiGLU(RMSNorm(x)) for layers [first, end).
Tensor AutoencoderNetwork::layers(const Parameters& p, const char* name, int first, int end, Tensor x,
                                  torch::ScalarType precision) const {
    Branch branch;
    Tensor input;
    for (int layer = first; layer < end; ++layer) {
        const std::string at = fmt::format("{}.{}.", name, layer);
        std::tie(x, input) =
            addAndNorm(x, branch, rmsNorm(p[at + "layernorm.weight"], m_shape), {}, precision);
        branch = {swiGlu(p, at + "mlp.", input), {}, {}};
    }
    return plain::add(x, branch, {});
}

AutoencoderNetwork::Posterior AutoencoderNetwork::encode(const Parameters& p, const Tensor& tokens,
                                                         torch::ScalarType precision) const {
    constexpr const char* kLayers = "encoder.encoder_layers";
    const int perToken = m_shape.encoderLayers / 2;
    Tensor x = torch::embedding(p["encoder.embed_tokens.weight"], tokens.reshape({-1}));
    x = layers(p, kLayers, 0, perToken, x, precision);
    // The states of a chunk's tokens lie next to each other: [C · K, d] is [C, K · d].
    x = linear(p, "encoder.squeeze_layer",
               x.view({-1, std::int64_t{m_shape.chunk} * m_shape.width}).to(precision))
            .to(torch::kFloat32);
    x = layers(p, kLayers, perToken, m_shape.encoderLayers, x, precision);
    const Tensor last = addAndNorm(x, {}, rmsNorm(p["encoder.norm.weight"], m_shape), {}, precision).second;
    const std::vector<Tensor> halves =
        linear(p, "encoder.hidden_to_latent", last).to(torch::kFloat32).chunk(2, -1);
    return {halves[0], halves[1]};
}

Tensor AutoencoderNetwork::decode(const Parameters& p, const Tensor& latents,
                                  torch::ScalarType precision) const {
    constexpr const char* kLayers = "decoder.decoder_layers";
    const int perChunk = m_shape.decoderLayers / 2;
    Tensor x = linear(p, "decoder.latent_to_hidden", latents.to(precision)).to(torch::kFloat32);
    x = layers(p, kLayers, 0, perChunk, x, precision);
    x = linear(p, "decoder.expand_layer", x.to(precision)).to(torch::kFloat32).view({-1, m_shape.width});
    x = layers(p, kLayers, perChunk, m_shape.decoderLayers, x, precision);
    return product(addAndNorm(x, {}, rmsNorm(p["decoder.norm.weight"], m_shape), {}, precision).second,
                   p["encoder.embed_tokens.weight"]);
}

std::vector<Parameter> EnergyNetwork::parameters() const {
    const std::int64_t d = m_shape.width, k = m_shape.chunk;
    std::vector<Parameter> table{{"transformer.embed_tokens.weight", {m_vocabulary, d}, kLlamaDeviation}};
    addLinear(table, "embed_proj.0", 2 * d, k * d);
    addLinear(table, "embed_proj.2", d, 2 * d);
    addNorm(table, "embed_proj.3", d);
    addLlamaBlocks(m_shape, "transformer.", table);
    addLinear(table, "mlp_generator.noise_embd", d, m_shape.noise);
    addLinear(table, "mlp_generator.hidden_embd", d, d);
    addNorm(table, "mlp_generator.norm_noise", d);
    addNorm(table, "mlp_generator.norm_hidden", d);
    for (int block = 0; block < m_shape.headBlocks; ++block) {
        const std::string at = fmt::format("mlp_generator.mlp_blocks.{}.", block);
        addNorm(table, at + "in_ln", d);
        addLinear(table, at + "linears.0", d, 2 * d);
        addLinear(table, at + "linears.2", d, d);
        addLinear(table, at + "linears.4", 2 * d, d);
        addLinear(table, at + "down_proj", d, d);
    }
    addNorm(table, "mlp_generator.final_layer.in_ln", d);
    addLinear(table, "mlp_generator.final_layer.linears.0", d, d);
    addLinear(table, "mlp_generator.final_layer.linears.2", m_shape.latent, d);
    return table;
}

nlohmann::ordered_json EnergyNetwork::config() const {
    return {{"architectures", {"EnergyTransformer"}},
            {"model_type", "energy"},
            {"patch_size", m_shape.chunk},
            {"num_mlp_layers", m_shape.headBlocks},
            {"noise_size", m_shape.noise},
            {"latent_size", m_shape.latent},
            {"vocab_size", m_vocabulary},
            {"hidden_size", m_shape.width},
            {"intermediate_size", m_shape.hidden},
            {"num_hidden_layers", m_shape.blocks},
            {"num_attention_heads", m_shape.heads},
            {"num_key_value_heads", m_shape.keyValueHeads},
            {"max_position_embeddings", m_shape.length / m_shape.chunk},
            {"rms_norm_eps", m_shape.rmsEpsilon},
            {"rope_theta", m_shape.ropeTheta},
            {"hidden_act", "silu"},
            {"attention_bias", false},
            {"mlp_bias", false},
            {"tie_word_embeddings", false}};
}

Tensor EnergyNetwork::embedPatches(const Parameters& p, const Tensor& tokens,
                                   torch::ScalarType precision) const {
    const Tensor embedded = torch::embedding(p["transformer.embed_tokens.weight"], tokens)
                                .view({tokens.size(0), tokens.size(1) / m_shape.chunk, -1});
    const Tensor inner = silued(p, "embed_proj.0", embedded.to(precision));
    return normed(p, "embed_proj.3", linear(p, "embed_proj.2", inner).to(torch::kFloat32));
}

Tensor EnergyNetwork::states(const Parameters& p, const Tensor& tokens, torch::ScalarType precision,
                             const Dropout& dropout) const {
    const Tensor x =
        llamaBlocks(p, m_shape, "transformer.", embedPatches(p, tokens, precision), precision, dropout);
    return addAndNorm(x, {}, rmsNorm(p["transformer.norm.weight"], m_shape), {}, precision)
        .second.view({-1, m_shape.width});
}

Tensor EnergyNetwork::draw(const Parameters& p, const Tensor& states, const Tensor& noise,
                           torch::ScalarType precision) const {
    const std::string head = "mlp_generator.";
    const std::int64_t rows = noise.size(0), draws = noise.size(1), d = m_shape.width;
    const Tensor condition = normed(p, head + "norm_hidden",
                                    linear(p, head + "hidden_embd", states.to(precision)).to(torch::kFloat32))
                                 .to(precision);
    Tensor n = normed(
        p, head + "norm_noise",
        linear(p, head + "noise_embd", noise.reshape({rows * draws, -1}).to(precision)).to(torch::kFloat32));
    Branch branch;
    Tensor input;
    for (int block = 0; block < m_shape.headBlocks; ++block) {
        const std::string at = fmt::format("{}mlp_blocks.{}.", head, block);
        std::tie(n, input) = addAndNorm(n, branch, layerNorm(p, at + "in_ln"), {}, precision);
        // The first product takes [LN(n), c]: its part of c is the same for all draws.
        const Tensor weight = p[at + "linears.0.weight"].to(precision);
        const Tensor ofCondition =
            torch::linear(condition, weight.narrow(1, d, d), p[at + "linears.0.bias"].to(precision))
                .to(torch::kFloat32);
        const Tensor ofNoise = torch::linear(input, weight.narrow(1, 0, d));
        const Tensor inner = silued(p, at + "linears.2", biasedSilu(ofNoise, ofCondition));
        const Tensor gated = gatedSilu(linear(p, at + "linears.4", inner));
        branch = {product(gated, p[at + "down_proj.weight"]), p[at + "down_proj.bias"], {}};
    }
    input = addAndNorm(n, branch, layerNorm(p, head + "final_layer.in_ln"), {}, precision).second;
    const Tensor inner = silued(p, head + "final_layer.linears.0", input);
    return linear(p, head + "final_layer.linears.2", inner)
        .to(torch::kFloat32)
        .view({rows, draws, m_shape.latent});
}

} // namespace steploom
