// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/network.h"

#include "experiments/training/llama_blocks.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace steploom {

using torch::Tensor;

std::int64_t Parameter::count() const noexcept {
    std::int64_t product = 1;
    for (const std::int64_t size : shape)
        product *= size;
    return product;
}

Parameters::Parameters(std::vector<Parameter> table, std::uint64_t seed, torch::Device device)
    : m_table(std::move(table)) {
    std::stable_partition(m_table.begin(), m_table.end(),
                          [](const Parameter& parameter) { return parameter.shape.size() > 1; });
    std::int64_t total = 0;
    for (const Parameter& parameter : m_table) {
        m_offsets.push_back(total);
        total += parameter.count();
        if (parameter.shape.size() > 1)
            m_matrixCount = total;
    }
    Tensor values = torch::empty({total}, torch::kFloat32);
    auto generator = at::detail::createCPUGenerator(seed);
    m_flat = values;
    for (std::size_t i = 0; i < m_table.size(); ++i) {
        Tensor part = stretch(values, i);
        if (m_table[i].deviation > 0)
            part.normal_(0, m_table[i].deviation, generator);
        else
            part.fill_(m_table[i].constant);
    }
    m_flat = values.to(device);
    cut();
}

Tensor Parameters::stretch(const Tensor& flat, std::size_t index) const {
    return flat.narrow(0, m_offsets[index], m_table[index].count()).view(m_table[index].shape);
}

void Parameters::cut() {
    for (std::size_t i = 0; i < m_table.size(); ++i)
        m_tensors[m_table[i].name] = stretch(m_flat, i);
}

Tensor Parameters::collectGradients() {
    Tensor gradient = torch::zeros_like(m_flat);
    for (std::size_t i = 0; i < m_table.size(); ++i) {
        Tensor leaf = stretch(m_flat, i).detach();
        leaf.set_requires_grad(true);
        leaf.mutable_grad() = stretch(gradient, i);
        m_tensors[m_table[i].name] = leaf;
    }
    return gradient;
}

Parameters Parameters::withValues(const Tensor& flat) const {
    Parameters copy = *this;
    copy.m_flat = flat;
    copy.cut();
    return copy;
}

namespace {

/// The DiT of arXiv 2406.07524; formulas as in engine/models/mdlm.cc.
class MdlmNetwork final : public Network {
public:
    MdlmNetwork(const NetworkShape& shape, int vocabulary) : m_shape(shape), m_vocabulary(vocabulary) {}

    std::vector<Parameter> parameters() const override {
        const std::int64_t d = m_shape.width, c = m_shape.condition, v = m_vocabulary;
        std::vector<Parameter> table{{"backbone.vocab_embed.embedding", {v, d}, 0.02},
                                     {"backbone.sigma_map.mlp.0.weight", {c, 256}, linearDeviation(256)},
                                     {"backbone.sigma_map.mlp.0.bias", {c}, linearDeviation(256)},
                                     {"backbone.sigma_map.mlp.2.weight", {c, c}, linearDeviation(c)},
                                     {"backbone.sigma_map.mlp.2.bias", {c}, linearDeviation(c)}};
        for (int block = 0; block < m_shape.blocks; ++block) {
            const std::string at = blockPrefix(block);
            table.push_back({at + "norm1.weight", {d}, 0, 1});
            table.push_back({at + "norm2.weight", {d}, 0, 1});
            table.push_back({at + "attn_qkv.weight", {3 * d, d}, linearDeviation(d)});
            table.push_back({at + "attn_out.weight", {d, d}, linearDeviation(d)});
            table.push_back({at + "mlp.0.weight", {4 * d, d}, linearDeviation(d)});
            table.push_back({at + "mlp.0.bias", {4 * d}, 0, 0});
            table.push_back({at + "mlp.2.weight", {d, 4 * d}, linearDeviation(4 * d)});
            table.push_back({at + "mlp.2.bias", {d}, 0, 0});
            // Zero: shift, scale and gate are, so every block begins as the identity.
            table.push_back({at + "adaLN_modulation.weight", {6 * d, c}, 0, 0});
            table.push_back({at + "adaLN_modulation.bias", {6 * d}, 0, 0});
        }
        table.push_back({"backbone.output_layer.norm_final.weight", {d}, 0, 1});
        table.push_back({"backbone.output_layer.linear.weight", {v, d}, 0, 0});
        table.push_back({"backbone.output_layer.linear.bias", {v}, 0, 0});
        table.push_back({"backbone.output_layer.adaLN_modulation.weight", {2 * d, c}, 0, 0});
        table.push_back({"backbone.output_layer.adaLN_modulation.bias", {2 * d}, 0, 0});
        return table;
    }

    nlohmann::ordered_json config() const override {
        return {{"architectures", {"MDLM"}},      {"model_type", "mdlm"},
                {"cond_dim", m_shape.condition},  {"hidden_dim", m_shape.width},
                {"model_length", m_shape.length}, {"n_blocks", m_shape.blocks},
                {"n_heads", m_shape.heads},       {"time_conditioning", m_shape.timeConditioning},
                {"vocab_size", m_vocabulary}};
    }

    Tensor states(const Parameters& p, const Tensor& tokens, const Tensor& sigma, torch::ScalarType precision,
                  const Dropout& dropout) const override {
        Tensor x = torch::embedding(p["backbone.vocab_embed.embedding"], tokens), normed;
        const Tensor c = condition(p, sigma);
        AttentionHeads heads{m_shape.heads, m_shape.heads, false, {}, {}};
        std::tie(heads.cosine, heads.sine) =
            rotaryTable(tokens.size(1), m_shape.width / m_shape.heads, 10000.0, x.device());
        Branch branch;
        for (int block = 0; block < m_shape.blocks; ++block) {
            const std::string at = blockPrefix(block);
            // (shift₁, scale₁, gate₁, shift₂, scale₂, gate₂), each [1 or B, d]
            const std::vector<Tensor> m =
                torch::linear(c, p[at + "adaLN_modulation.weight"], p[at + "adaLN_modulation.bias"])
                    .chunk(6, -1);
            std::tie(x, normed) =
                addAndNorm(x, branch, modulated(p[at + "norm1.weight"], m[1], m[0]), dropout, precision);
            const Tensor attended = attend(product(normed, p[at + "attn_qkv.weight"]), heads);
            branch = {product(attended, p[at + "attn_out.weight"]), {}, m[2]};
            std::tie(x, normed) =
                addAndNorm(x, branch, modulated(p[at + "norm2.weight"], m[4], m[3]), dropout, precision);
            const Tensor hidden = biasedGelu(product(normed, p[at + "mlp.0.weight"]), p[at + "mlp.0.bias"]);
            branch = {product(hidden, p[at + "mlp.2.weight"]), p[at + "mlp.2.bias"], m[5]};
        }
        return plain::add(x, branch, dropout);
    }

    Tensor logits(const Parameters& p, const Tensor& states, const Tensor& window, const Tensor& sigma,
                  torch::ScalarType precision) const override {
        Tensor c = condition(p, sigma);
        if (m_shape.timeConditioning)
            c = c.index_select(0, window);
        const std::vector<Tensor> m = torch::linear(c, p["backbone.output_layer.adaLN_modulation.weight"],
                                                    p["backbone.output_layer.adaLN_modulation.bias"])
                                          .chunk(2, -1);
        const NormWeights norm = modulated(p["backbone.output_layer.norm_final.weight"], m[1], m[0]);
        return torch::linear(addAndNorm(states, {}, norm, {}, precision).second,
                             p["backbone.output_layer.linear.weight"].to(precision),
                             p["backbone.output_layer.linear.bias"].to(precision));
    }

    std::string blockPrefix(int index) const override { return fmt::format("backbone.blocks.{}.", index); }
    std::vector<Gate> gatesOf(int index) const override {
        const std::int64_t d = m_shape.width;
        std::vector<Gate> gates;
        for (const char* name : {"adaLN_modulation.weight", "adaLN_modulation.bias"})
            for (const std::int64_t chunk : {2, 5})
                gates.push_back({blockPrefix(index) + name, chunk * d, (chunk + 1) * d});
        return gates;
    }

private:
    /// [1, c], or [B, c] with time conditioning: SiLU(sigma_map(e(σ))), e(σ) = [cos(σ f), sin(σ f)],
    /// f_j = exp(−ln(10000) j / 128).
    Tensor condition(const Parameters& p, const Tensor& sigma) const {
        const auto options = p["backbone.sigma_map.mlp.0.weight"].options().requires_grad(false);
        const Tensor noise = m_shape.timeConditioning ? sigma : torch::zeros({1}, options);
        const Tensor frequency = torch::exp(torch::arange(128, options) * (-std::log(10000.0) / 128));
        const Tensor angle = torch::outer(noise, frequency);
        const Tensor features = torch::cat({angle.cos(), angle.sin()}, -1);
        const Tensor inner = torch::silu(torch::linear(features, p["backbone.sigma_map.mlp.0.weight"],
                                                       p["backbone.sigma_map.mlp.0.bias"]));
        return torch::silu(
            torch::linear(inner, p["backbone.sigma_map.mlp.2.weight"], p["backbone.sigma_map.mlp.2.bias"]));
    }

    /// norm(x) ⊙ weight ⊙ (1 + scale) + shift
    static NormWeights modulated(const Tensor& weight, const Tensor& scale, const Tensor& shift) {
        return {weight * (1 + scale), shift, 1e-5, true};
    }

    NetworkShape m_shape;
    int m_vocabulary;
};

/// Llama; formulas as in engine/models/llama.cc.
class LlamaNetwork final : public Network {
public:
    LlamaNetwork(const NetworkShape& shape, int vocabulary) : m_shape(shape), m_vocabulary(vocabulary) {}

    std::vector<Parameter> parameters() const override {
        const std::int64_t d = m_shape.width, v = m_vocabulary;
        std::vector<Parameter> table{{"model.embed_tokens.weight", {v, d}, kLlamaDeviation}};
        addLlamaBlocks(m_shape, "model.", table);
        if (!m_shape.tied)
            table.push_back({"lm_head.weight", {v, d}, kLlamaDeviation});
        return table;
    }

    nlohmann::ordered_json config() const override {
        return {{"architectures", {"LlamaForCausalLM"}},
                {"model_type", "llama"},
                {"hidden_size", m_shape.width},
                {"intermediate_size", m_shape.hidden},
                {"num_hidden_layers", m_shape.blocks},
                {"num_attention_heads", m_shape.heads},
                {"num_key_value_heads", m_shape.keyValueHeads},
                {"vocab_size", m_vocabulary},
                {"max_position_embeddings", m_shape.length},
                {"rms_norm_eps", m_shape.rmsEpsilon},
                {"rope_theta", m_shape.ropeTheta},
                {"hidden_act", "silu"},
                {"attention_bias", false},
                {"tie_word_embeddings", m_shape.tied}};
    }

    Tensor states(const Parameters& p, const Tensor& tokens, const Tensor&, torch::ScalarType precision,
                  const Dropout& dropout) const override {
        return llamaBlocks(p, m_shape, "model.", torch::embedding(p["model.embed_tokens.weight"], tokens),
                           precision, dropout);
    }

    Tensor logits(const Parameters& p, const Tensor& states, const Tensor&, const Tensor&,
                  torch::ScalarType precision) const override {
        return product(addAndNorm(states, {}, rmsNorm(p["model.norm.weight"], m_shape), {}, precision).second,
                       p[m_shape.tied ? "model.embed_tokens.weight" : "lm_head.weight"]);
    }

    std::string blockPrefix(int index) const override { return fmt::format("model.layers.{}.", index); }
    std::vector<Gate> gatesOf(int index) const override {
        return {{blockPrefix(index) + "self_attn.o_proj.weight", 0, m_shape.width},
                {blockPrefix(index) + "mlp.down_proj.weight", 0, m_shape.width}};
    }

private:
    NetworkShape m_shape;
    int m_vocabulary;
};

} // namespace

std::unique_ptr<Network> Network::create(TrainingKind kind, const NetworkShape& shape, int vocabulary) {
    if (kind == TrainingKind::Causal)
        return std::make_unique<LlamaNetwork>(shape, vocabulary);
    return std::make_unique<MdlmNetwork>(shape, vocabulary);
}

} // namespace steploom
