// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: d width, l latent size; rows hidden states, draws vectors of each.
#include "engine/models/energy_head.h"

#include "engine/layers/tiles.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/kernels.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {
namespace {

constexpr float kEpsilon = 1e-6f;

} // namespace

double EnergyHead::Shape::drawFlops() const noexcept {
    const double d = width;
    return 2 * d * noise + blocks * 2 * (d * d + d * d + 2 * d * d + d * d) + 2 * d * d + 2 * d * latent;
}

double EnergyHead::Shape::conditionFlops() const noexcept {
    const double d = width;
    return 2 * d * d * (1 + blocks);
}

std::vector<ExpectedTensor> EnergyHead::tensors(const Shape& shape, const std::string& scope) {
    const std::int64_t d = shape.width;
    std::vector<ExpectedTensor> tensors;
    const auto linear = [&](const std::string& name, std::int64_t outputs, std::int64_t inputs) {
        tensors.push_back({scope + name + ".weight", {outputs, inputs}});
        tensors.push_back({scope + name + ".bias", {outputs}});
    };
    const auto norm = [&](const std::string& name) {
        tensors.push_back({scope + name + ".weight", {d}});
        tensors.push_back({scope + name + ".bias", {d}});
    };
    linear("noise_embd", d, shape.noise);
    linear("hidden_embd", d, d);
    norm("norm_noise");
    norm("norm_hidden");
    for (int i = 0; i < shape.blocks; ++i) {
        const std::string block = fmt::format("mlp_blocks.{}.", i);
        norm(block + "in_ln");
        linear(block + "linears.0", d, 2 * d);
        linear(block + "linears.2", d, d);
        linear(block + "linears.4", 2 * d, d);
        linear(block + "down_proj", d, d);
    }
    norm("final_layer.in_ln");
    linear("final_layer.linears.0", d, d);
    linear("final_layer.linears.2", shape.latent, d);
    return tensors;
}

EnergyHead::EnergyHead(const Checkpoint& checkpoint, const std::string& scope, const Shape& shape,
                       Precision precision, ComputeContext& context)
    : m_shape(shape), m_context(&context), m_activations(activationPrecision(precision)),
      m_scratch(static_cast<std::size_t>(context.threads().workers())) {
    const auto linear = [&](const std::string& name, LinearSpec spec = {}, bool biased = true) {
        spec.weights = {scope + name + ".weight"};
        if (biased)
            spec.biases = {scope + name + ".bias"};
        spec.precision = precision;
        return Linear(checkpoint, spec, context);
    };
    const auto norm = [&](const std::string& name) {
        return Norm(checkpoint, Norm::Kind::Layer, kEpsilon, scope + name + ".weight",
                    scope + name + ".bias");
    };
    const int d = shape.width;
    m_noiseEmbedding = linear("noise_embd");
    m_hiddenEmbedding = linear("hidden_embd");
    m_noiseNorm = norm("norm_noise");
    m_hiddenNorm = norm("norm_hidden");
    for (int i = 0; i < shape.blocks; ++i) {
        const std::string name = fmt::format("mlp_blocks.{}.", i);
        // The first product takes [LN(n), c]; c is the same for all vectors drawn from a hidden state.
        m_blocks.push_back(
            {.in = norm(name + "in_ln"),
             .ofNoise = linear(name + "linears.0", {.inputs = d, .accumulate = true}, false),
             .ofCondition = linear(name + "linears.0", {.firstInput = d, .inputs = d}),
             .second = linear(name + "linears.2", {.result = m_activations, .activation = Activation::Silu}),
             .third = linear(name + "linears.4"),
             .down = linear(name + "down_proj", {.accumulate = true})});
    }
    m_finalNorm = norm("final_layer.in_ln");
    m_finalFirst = linear("final_layer.linears.0", {.result = m_activations, .activation = Activation::Silu});
    m_finalSecond = linear("final_layer.linears.2");

    const auto tile = static_cast<std::size_t>(kMostTileRows), width = static_cast<std::size_t>(d),
               widest = std::max(width, static_cast<std::size_t>(shape.noise));
    for (Scratch& scratch : m_scratch) {
        scratch.state.reserve(tile * width * sizeof(float));
        scratch.normed.reserve(tile * widest * sizeof(float));
        scratch.first.reserve(tile * width * sizeof(float));
        scratch.second.reserve(tile * width * sizeof(float));
        scratch.third.reserve(tile * 2 * width * sizeof(float));
    }
}

const void* EnergyHead::asInput(const float* x, int rows, int width, Buffer& to) const {
    if (m_activations == Precision::F32)
        return x;
    kernels().activate(x, rows, width, Activation::None, to.data(), width, m_activations);
    return to.data();
}

/// m_condition [blocks, rows, d] = ofCondition(LN(hidden_embd(hidden))).
void EnergyHead::condition(std::span<const float> hidden, int rows) {
    const int d = m_shape.width;
    const auto bytes = static_cast<std::size_t>(rows) * static_cast<std::size_t>(d) * sizeof(float);
    m_conditionRows = rows;
    m_condition.reserve(bytes * std::max<std::size_t>(1, m_blocks.size()));
    m_conditionX.reserve(bytes);
    m_conditionNormed.reserve(bytes);
    // Few rows and whole products: the threads share outputs rather than rows.
    m_hiddenEmbedding.forwardShared(asInput(hidden.data(), rows, d, m_conditionNormed), m_conditionX.data(),
                                    rows);
    m_hiddenNorm.forward(m_conditionX.floats(), rows, m_conditionNormed.data(), m_activations);
    for (std::size_t i = 0; i < m_blocks.size(); ++i)
        m_blocks[i].ofCondition.forwardShared(m_conditionNormed.data(), m_condition.data() + i * bytes, rows);
}

/// Vectors [first, first + count) of all rows · draws. `shared`: all threads take part in each product.
void EnergyHead::drawTile(int worker, bool shared, int first, int count, int draws, const float* noise,
                          float* latents) {
    const int d = m_shape.width;
    const auto multiply = [&](const Linear& layer, const void* src, void* dst) {
        if (shared)
            layer.forwardShared(src, dst, count);
        else
            layer.forward(worker, src, dst, count);
    };
    Scratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
    float* n = scratch.state.floats();
    multiply(m_noiseEmbedding,
             asInput(noise + static_cast<std::ptrdiff_t>(first) * m_shape.noise, count, m_shape.noise,
                     scratch.normed),
             scratch.first.data());
    m_noiseNorm.forward(scratch.first.floats(), count, n, Precision::F32);
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        const Block& block = m_blocks[i];
        block.in.forward(n, count, scratch.normed.data(), m_activations);
        float* g = scratch.first.floats();
        const float* conditions = m_condition.floats() + static_cast<std::ptrdiff_t>(i) * m_conditionRows * d;
        for (int each = 0; each < count; ++each)
            std::copy_n(conditions + static_cast<std::ptrdiff_t>((first + each) / draws) * d, d,
                        g + static_cast<std::ptrdiff_t>(each) * d);
        multiply(block.ofNoise, scratch.normed.data(), g);
        kernels().activate(g, count, d, Activation::Silu, scratch.normed.data(), d, m_activations);
        multiply(block.second, scratch.normed.data(), scratch.second.data());
        multiply(block.third, scratch.second.data(), scratch.third.data());
        kernels().swiGlu(scratch.third.floats(), count, d, scratch.normed.data(), m_activations);
        multiply(block.down, scratch.normed.data(), n);
    }
    m_finalNorm.forward(n, count, scratch.normed.data(), m_activations);
    multiply(m_finalFirst, scratch.normed.data(), scratch.second.data());
    multiply(m_finalSecond, scratch.second.data(),
             latents + static_cast<std::ptrdiff_t>(first) * m_shape.latent);
}

void EnergyHead::draw(std::span<const float> hidden, std::span<const float> noise, int draws,
                      std::span<float> latents) {
    const int rows = static_cast<int>(hidden.size()) / m_shape.width;
    condition(hidden, rows);
    if (rows * draws <= kFewRows) {
        drawTile(0, true, 0, rows * draws, draws, noise.data(), latents.data());
        return;
    }
    forEachTile(m_context->threads(), rows * draws, [&](int first, int count, int worker) {
        drawTile(worker, false, first, count, draws, noise.data(), latents.data());
    });
}

} // namespace steploom
