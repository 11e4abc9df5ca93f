// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/llama_blocks.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <cmath>
#include <tuple>

namespace steploom {

using torch::Tensor;

Tensor product(const Tensor& x, const Tensor& weight) { return torch::linear(x, weight.to(x.scalar_type())); }

std::pair<Tensor, Tensor> rotaryTable(std::int64_t length, std::int64_t headSize, double base,
                                      torch::Device device) {
    const std::int64_t half = headSize / 2;
    const Tensor exponent = torch::arange(half, torch::kFloat64) * (-2.0 / static_cast<double>(headSize));
    const Tensor angle = torch::outer(torch::arange(length, torch::kFloat64), torch::pow(base, exponent));
    const auto options = torch::TensorOptions(torch::kFloat32).device(device);
    return {angle.cos().to(options), angle.sin().to(options)};
}

double linearDeviation(std::int64_t inputs) { return 1.0 / std::sqrt(3.0 * static_cast<double>(inputs)); }

NormWeights rmsNorm(const Tensor& weight, const NetworkShape& shape) {
    return {weight, {}, shape.rmsEpsilon, false};
}

namespace {

/// Products of the same input are one.
Tensor joined(const Parameters& p, const std::string& at, std::initializer_list<const char*> names) {
    std::vector<Tensor> weights;
    for (const char* name : names)
        weights.push_back(p[at + name]);
    return torch::cat(weights);
}

} // namespace

Tensor swiGlu(const Parameters& p, const std::string& at, const Tensor& x) {
    const Tensor hidden = gatedSilu(product(x, joined(p, at, {"gate_proj.weight", "up_proj.weight"})));
    return product(hidden, p[at + "down_proj.weight"]);
}

void addLlamaBlocks(const NetworkShape& shape, const std::string& scope, std::vector<Parameter>& table) {
    const std::int64_t d = shape.width, f = shape.hidden, kv = d / shape.heads * shape.keyValueHeads;
    // Branches into the residual stream begin smaller the more of them there are (GPT-2).
    const double deviation = kLlamaDeviation, branch = deviation / std::sqrt(2.0 * shape.blocks);
    for (int block = 0; block < shape.blocks; ++block) {
        const std::string at = fmt::format("{}layers.{}.", scope, block);
        table.push_back({at + "input_layernorm.weight", {d}, 0, 1});
        table.push_back({at + "self_attn.q_proj.weight", {d, d}, deviation});
        table.push_back({at + "self_attn.k_proj.weight", {kv, d}, deviation});
        table.push_back({at + "self_attn.v_proj.weight", {kv, d}, deviation});
        table.push_back({at + "self_attn.o_proj.weight", {d, d}, branch});
        table.push_back({at + "post_attention_layernorm.weight", {d}, 0, 1});
        table.push_back({at + "mlp.gate_proj.weight", {f, d}, deviation});
        table.push_back({at + "mlp.up_proj.weight", {f, d}, deviation});
        table.push_back({at + "mlp.down_proj.weight", {d, f}, branch});
    }
    table.push_back({scope + "norm.weight", {d}, 0, 1});
}

Tensor llamaBlocks(const Parameters& p, const NetworkShape& shape, const std::string& scope, Tensor x,
                   torch::ScalarType precision, const Dropout& dropout) {
    AttentionHeads heads{shape.heads, shape.keyValueHeads, true, {}, {}};
    std::tie(heads.cosine, heads.sine) =
        rotaryTable(x.size(1), shape.width / shape.heads, shape.ropeTheta, x.device());
    Branch branch;
    Tensor normed;
    for (int block = 0; block < shape.blocks; ++block) {
        const std::string at = fmt::format("{}layers.{}.", scope, block);
        std::tie(x, normed) =
            addAndNorm(x, branch, rmsNorm(p[at + "input_layernorm.weight"], shape), dropout, precision);
        const Tensor attended =
            attend(product(normed, joined(p, at,
                                          {"self_attn.q_proj.weight", "self_attn.k_proj.weight",
                                           "self_attn.v_proj.weight"})),
                   heads);
        branch = {product(attended, p[at + "self_attn.o_proj.weight"]), {}, {}};
        std::tie(x, normed) = addAndNorm(x, branch, rmsNorm(p[at + "post_attention_layernorm.weight"], shape),
                                         dropout, precision);
        branch = {swiGlu(p, at + "mlp.", normed), {}, {}};
    }
    return plain::add(x, branch, dropout);
}

} // namespace steploom
