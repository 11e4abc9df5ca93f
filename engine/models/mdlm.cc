// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: S samples, L positions, d width, h heads, D = d/h, V vocabulary, c the condition's width. Rows = S
// · L.
#include "engine/models/mdlm.h"

#include "engine/core/error.h"
#include "engine/layers/tiles.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace steploom {
namespace {

constexpr int kFrequencies = 128; ///< e(σ) has 256 numbers: cosines, then sines
constexpr float kNormEpsilon = 1e-5f;

std::string blockName(int block, const char* part) {
    return fmt::format("backbone.blocks.{}.{}", block, part);
}

float silu(float x) { return x / (1.0f + std::exp(-x)); }

std::vector<ExpectedTensor> expectedTensors(const ModelFacts& facts, std::int64_t condition) {
    const std::int64_t d = facts.width, v = facts.vocabulary;
    std::vector<ExpectedTensor> tensors{{"backbone.vocab_embed.embedding", {v, d}},
                                        {"backbone.sigma_map.mlp.0.weight", {condition, 2 * kFrequencies}},
                                        {"backbone.sigma_map.mlp.0.bias", {condition}},
                                        {"backbone.sigma_map.mlp.2.weight", {condition, condition}},
                                        {"backbone.sigma_map.mlp.2.bias", {condition}},
                                        {"backbone.output_layer.norm_final.weight", {d}},
                                        {"backbone.output_layer.linear.weight", {v, d}},
                                        {"backbone.output_layer.linear.bias", {v}},
                                        {"backbone.output_layer.adaLN_modulation.weight", {2 * d, condition}},
                                        {"backbone.output_layer.adaLN_modulation.bias", {2 * d}}};
    for (int block = 0; block < facts.blocks; ++block) {
        const auto add = [&](const char* part, std::vector<std::int64_t> shape) {
            tensors.push_back({blockName(block, part), std::move(shape)});
        };
        add("norm1.weight", {d});
        add("norm2.weight", {d});
        add("attn_qkv.weight", {3 * d, d});
        add("attn_out.weight", {d, d});
        add("mlp.0.weight", {4 * d, d});
        add("mlp.0.bias", {4 * d});
        add("mlp.2.weight", {d, 4 * d});
        add("mlp.2.bias", {d});
        add("adaLN_modulation.weight", {6 * d, condition});
        add("adaLN_modulation.bias", {6 * d});
    }
    return tensors;
}

bool isBuffer(const std::string& name) { return name.ends_with("rotary_emb.inv_freq"); }

/// The chunk-th of equal chunks of a modulation vector.
std::span<const float> chunk(std::span<const float> modulation, int index, int width) {
    return modulation.subspan(static_cast<std::size_t>(index) * static_cast<std::size_t>(width),
                              static_cast<std::size_t>(width));
}

std::vector<float> modulationOf(const Linear& layer, const std::vector<float>& condition) {
    std::vector<float> modulation(static_cast<std::size_t>(layer.outputs()));
    layer.forward(0, condition.data(), modulation.data(), 1);
    return modulation;
}

/// rows[first … first + count)
std::span<const std::int32_t> part(std::span<const std::int32_t> rows, int first, int count) {
    return rows.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
}

} // namespace

ModelFacts Mdlm::describe(const Checkpoint& checkpoint) {
    ModelFacts facts;
    facts.architecture = "mdlm";
    facts.parameters = checkpoint.parameters();
    facts.blocks = checkpoint.size("n_blocks", 1, Checkpoint::kMostBlocks);
    facts.width = checkpoint.size("hidden_dim");
    facts.heads = checkpoint.size("n_heads");
    facts.keyValueHeads = facts.heads;
    facts.vocabulary = checkpoint.size("vocab_size", 2);
    facts.length = checkpoint.size("model_length");
    facts.stored = checkpoint.storedType();
    const double d = facts.width;
    facts.weightFlopsPerRow = 24.0 * facts.blocks * d * d;
    facts.headFlopsPerRow = 2.0 * d * facts.vocabulary;
    facts.lastBlockFlopsPerRow = 20.0 * d * d;
    if (facts.width % (2 * facts.heads) != 0)
        throw Error(
            ErrorKind::Config,
            {"cannot divide the width among the heads", (checkpoint.folder() / "config.json").string(),
             fmt::format("hidden_dim {} is not an even multiple of n_heads {}", facts.width, facts.heads),
             "Correct the config, or use the one that came with the weights"});
    return facts;
}

Mdlm::Mdlm(const Checkpoint& checkpoint, Precision precision, ComputeContext& context)
    : m_facts(describe(checkpoint)), m_context(context) {
    m_facts.requested = precision;
    m_facts.effective = effectivePrecision(precision);
    m_timeConditioned = checkpoint.boolean("time_conditioning");
    m_maskTokenStated = checkpoint.config().contains("mask_token_id");
    m_maskToken = checkpoint.sizeOr("mask_token_id", m_facts.vocabulary - 1, 0, m_facts.vocabulary - 1);
    const auto condition = checkpoint.size("cond_dim");
    requireTensors(checkpoint, expectedTensors(m_facts, condition), isBuffer);

    const Precision computed = m_facts.effective;
    m_activations = activationPrecision(computed);
    const int d = m_facts.width;
    m_embedding = Embedding(checkpoint, "backbone.vocab_embed.embedding", computed);
    m_sigmaIn =
        Linear(checkpoint, {{"backbone.sigma_map.mlp.0.weight"}, {"backbone.sigma_map.mlp.0.bias"}}, context);
    m_sigmaOut =
        Linear(checkpoint, {{"backbone.sigma_map.mlp.2.weight"}, {"backbone.sigma_map.mlp.2.bias"}}, context);
    for (int j = 0; j < kFrequencies; ++j)
        m_frequencies.push_back(static_cast<float>(std::exp(-std::log(10000.0) * j / kFrequencies)));
    m_features.resize(2 * kFrequencies);
    m_sigmaHidden.resize(static_cast<std::size_t>(m_sigmaIn.outputs()));
    std::vector<float> constant(static_cast<std::size_t>(m_sigmaOut.outputs()));
    conditionVector(0.0f, constant.data());
    for (int index = 0; index < m_facts.blocks; ++index) {
        m_blocks.push_back(loadBlock(checkpoint, index, constant));
        checkpoint.releasePages();
    }

    m_finalNorm =
        Norm(checkpoint, Norm::Kind::Layer, kNormEpsilon, "backbone.output_layer.norm_final.weight");
    m_finalModulation = Linear(
        checkpoint,
        {{"backbone.output_layer.adaLN_modulation.weight"}, {"backbone.output_layer.adaLN_modulation.bias"}},
        context);
    if (!m_timeConditioned) {
        const std::vector<float> folded = modulationOf(m_finalModulation, constant);
        m_finalNorm.fold(chunk(folded, 1, d), chunk(folded, 0, d));
    }
    m_head = Linear(checkpoint,
                    {.weights = {"backbone.output_layer.linear.weight"},
                     .biases = {"backbone.output_layer.linear.bias"},
                     .precision = computed},
                    context);
    checkpoint.releasePages();
    m_rotary = RotaryTable(d / m_facts.heads, 10000.0);
    m_attention = Attention({.heads = m_facts.heads,
                             .keyValueHeads = m_facts.heads,
                             .headSize = d / m_facts.heads,
                             .precision = m_activations},
                            context);
    m_scratch.resize(static_cast<std::size_t>(context.threads().workers()));
}

/// `constant` [c]: the condition of a network without time conditioning.
Mdlm::Block Mdlm::loadBlock(const Checkpoint& checkpoint, int index,
                            const std::vector<float>& constant) const {
    const Precision computed = m_facts.effective;
    const int d = m_facts.width;
    const auto name = [&](const char* part) { return blockName(index, part); };
    Block block;
    block.norm1 = Norm(checkpoint, Norm::Kind::Layer, kNormEpsilon, name("norm1.weight"));
    block.norm2 = Norm(checkpoint, Norm::Kind::Layer, kNormEpsilon, name("norm2.weight"));
    block.modulation =
        Linear(checkpoint, {{name("adaLN_modulation.weight")}, {name("adaLN_modulation.bias")}}, m_context);
    std::vector<float> gate1, gate2;
    if (!m_timeConditioned) {
        const std::vector<float> folded = modulationOf(block.modulation, constant);
        block.norm1.fold(chunk(folded, 1, d), chunk(folded, 0, d));
        block.norm2.fold(chunk(folded, 4, d), chunk(folded, 3, d));
        gate1.assign(chunk(folded, 2, d).begin(), chunk(folded, 2, d).end());
        gate2.assign(chunk(folded, 5, d).begin(), chunk(folded, 5, d).end());
        block.modulation = {};
    }
    const auto projection = [&](int firstOutput, int outputs) {
        return Linear(checkpoint,
                      {.weights = {name("attn_qkv.weight")},
                       .firstOutput = firstOutput,
                       .outputs = outputs,
                       .precision = computed},
                      m_context);
    };
    if (index + 1 < m_facts.blocks) {
        block.queryKeyValue = projection(0, 3 * d);
    } else {
        block.query = projection(0, d);
        block.keyValue = projection(d, 2 * d);
    }
    // With the gate in the weights a branch adds itself to the residual stream; otherwise it waits for its
    // gate.
    const bool accumulate = !m_timeConditioned;
    block.attentionOut = Linear(checkpoint,
                                {.weights = {name("attn_out.weight")},
                                 .outputGain = gate1,
                                 .precision = computed,
                                 .accumulate = accumulate},
                                m_context);
    const int slices = FeedForward::sliceCount(d, 4 * d, computed), hidden = 4 * d / slices;
    std::vector<FeedForward::Slice> network;
    for (int slice = 0; slice < slices; ++slice) {
        const bool first = slice == 0;
        LinearSpec up{.weights = {name("mlp.0.weight")},
                      .biases = {name("mlp.0.bias")},
                      .firstOutput = slice * hidden,
                      .outputs = hidden,
                      .precision = computed,
                      .result = m_activations,
                      .activation = Activation::GeluTanh};
        LinearSpec down{.weights = {name("mlp.2.weight")},
                        .firstInput = slice * hidden,
                        .inputs = hidden,
                        .outputGain = gate2,
                        .precision = computed,
                        .accumulate = accumulate || !first};
        if (first)
            down.biases = {name("mlp.2.bias")};
        network.push_back({Linear(checkpoint, up, m_context), Linear(checkpoint, down, m_context)});
    }
    block.feedForward = FeedForward(FeedForward::Kind::Gelu, std::move(network), m_activations);
    return block;
}

void Mdlm::reserve(int samples, int length) {
    if (samples <= m_reservedSamples && length == m_reservedLength)
        return;
    m_reservedSamples = samples;
    m_reservedLength = length;
    const auto rows = static_cast<std::size_t>(samples) * static_cast<std::size_t>(length);
    const auto d = static_cast<std::size_t>(m_facts.width), tile = static_cast<std::size_t>(kMostTileRows);
    m_rotary.reserve(length);
    m_attention.reserve(samples, length);
    m_allRows.resize(rows);
    std::iota(m_allRows.begin(), m_allRows.end(), 0);
    m_residual.reserve(rows * d * sizeof(float));
    m_wantedResidual.reserve(rows * d * sizeof(float));
    m_attended.reserve(rows * d * elementSize(m_activations));
    for (TileScratch& scratch : m_scratch) {
        scratch.normed.reserve(tile * d * sizeof(float));
        scratch.branch.reserve(tile * 3 * d * sizeof(float));
        scratch.hidden.reserve(tile * static_cast<std::size_t>(m_blocks[0].feedForward.scratchPerRow()) *
                               sizeof(float));
    }
    if (m_timeConditioned) {
        const auto count = static_cast<std::size_t>(samples);
        m_condition.resize(count * static_cast<std::size_t>(m_sigmaOut.outputs()));
        m_modulation.resize(count * 6 * d);
        for (Modulated* modulated : {&m_first, &m_second})
            for (std::vector<float>* values : {&modulated->weight, &modulated->bias, &modulated->gate})
                values->resize(count * d);
    }
}

/// condition [c] = SiLU(sigma_map(e(σ))), e(σ) = [cos(σ f), sin(σ f)], f_j = exp(−ln(10000) j / 128).
void Mdlm::conditionVector(float sigma, float* condition) {
    for (int j = 0; j < kFrequencies; ++j) {
        const float angle = sigma * m_frequencies[static_cast<std::size_t>(j)];
        m_features[static_cast<std::size_t>(j)] = std::cos(angle);
        m_features[static_cast<std::size_t>(kFrequencies + j)] = std::sin(angle);
    }
    m_sigmaIn.forward(0, m_features.data(), m_sigmaHidden.data(), 1);
    std::transform(m_sigmaHidden.begin(), m_sigmaHidden.end(), m_sigmaHidden.begin(), silu);
    m_sigmaOut.forward(0, m_sigmaHidden.data(), condition, 1);
    std::transform(condition, condition + m_sigmaOut.outputs(), condition, silu);
}

void Mdlm::condition(const DenoisingCall& call) {
    for (int sample = 0; sample < call.samples; ++sample)
        conditionVector(call.sigma[static_cast<std::size_t>(sample)],
                        m_condition.data() + static_cast<std::ptrdiff_t>(sample) * m_sigmaOut.outputs());
}

/// Calls body(sample, first, count) for the stretches of `rows` that lie in one sample.
template <typename Body>
void Mdlm::eachSample(Rows rows, int length, const Body& body) const {
    for (std::size_t first = 0; first < rows.size();) {
        const int sample = rows[first] / length;
        std::size_t end = first + 1;
        while (end < rows.size() && rows[end] < (sample + 1) * length)
            ++end;
        body(sample, static_cast<int>(first), static_cast<int>(end - first));
        first = end;
    }
}

/// out [rows, d] = the modulated norm of x [rows, d].
void Mdlm::normTile(const Norm& norm, const Modulated& modulated, const float* x, Rows rows, int length,
                    void* out) const {
    if (!m_timeConditioned) {
        norm.forward(x, static_cast<int>(rows.size()), out, m_activations);
        return;
    }
    const int d = m_facts.width;
    eachSample(rows, length, [&](int sample, int first, int count) {
        const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(first) * d,
                             vectors = static_cast<std::ptrdiff_t>(sample) * d;
        norm.forward(x + offset, count, modulated.weight.data() + vectors, modulated.bias.data() + vectors,
                     static_cast<std::byte*>(out) +
                         static_cast<std::size_t>(offset) * elementSize(m_activations),
                     m_activations);
    });
}

/// Weight, bias and gate of both branches, for every sample.
void Mdlm::modulate(const Block& block, int samples) {
    const int d = m_facts.width;
    block.modulation.forward(0, m_condition.data(), m_modulation.data(), samples); // [S, 6d]
    for (int sample = 0; sample < samples; ++sample) {
        const float* m = m_modulation.data() + static_cast<std::ptrdiff_t>(sample) * 6 * d;
        const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(sample) * d;
        block.norm1.modulated(m + d, m, &m_first.weight[static_cast<std::size_t>(at)],
                              &m_first.bias[static_cast<std::size_t>(at)]);
        block.norm2.modulated(m + 4 * d, m + 3 * d, &m_second.weight[static_cast<std::size_t>(at)],
                              &m_second.bias[static_cast<std::size_t>(at)]);
        std::copy_n(m + 2 * d, d, m_first.gate.begin() + at);
        std::copy_n(m + 5 * d, d, m_second.gate.begin() + at);
    }
}

/// Queries, keys and values of all rows; the queries attend.
void Mdlm::openBlock(const Block& block, Rows all, int length) {
    const int d = m_facts.width;
    forEachTile(m_context.threads(), static_cast<int>(all.size()), [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        const float* x = m_residual.floats() + static_cast<std::ptrdiff_t>(first) * d;
        normTile(block.norm1, m_first, x, part(all, first, count), length, scratch.normed.data());
        block.queryKeyValue.forward(worker, scratch.normed.data(), scratch.branch.data(), count); // [·, 3d]
        const float* fused = scratch.branch.floats();
        m_attention.fileQueries(fused, 3 * d, all, first, count, length, &m_rotary);
        m_attention.fileKeysValues(fused + d, 3 * d, first, count, length, &m_rotary);
    });
    m_attention.attend(all, length, m_attended.data());
}

/// Keys and values of all rows, queries of the wanted ones, whose residual rows go to m_wantedResidual.
void Mdlm::openLastBlock(const Block& block, Rows all, Rows wanted, int length) {
    const int d = m_facts.width;
    forEachTile(m_context.threads(), static_cast<int>(all.size()), [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        const float* x = m_residual.floats() + static_cast<std::ptrdiff_t>(first) * d;
        normTile(block.norm1, m_first, x, part(all, first, count), length, scratch.normed.data());
        block.keyValue.forward(worker, scratch.normed.data(), scratch.branch.data(), count); // [·, 2d]
        m_attention.fileKeysValues(scratch.branch.floats(), 2 * d, first, count, length, &m_rotary);
    });
    forEachTile(m_context.threads(), static_cast<int>(wanted.size()), [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        float* x = m_wantedResidual.floats() + static_cast<std::ptrdiff_t>(first) * d;
        const Rows rows = part(wanted, first, count);
        for (int i = 0; i < count; ++i)
            std::copy_n(m_residual.floats() +
                            static_cast<std::ptrdiff_t>(rows[static_cast<std::size_t>(i)]) * d,
                        d, x + static_cast<std::ptrdiff_t>(i) * d);
        normTile(block.norm1, m_first, x, rows, length, scratch.normed.data());
        block.query.forward(worker, scratch.normed.data(), scratch.branch.data(), count); // [·, d]
        m_attention.fileQueries(scratch.branch.floats(), d, wanted, first, count, length, &m_rotary);
    });
    m_attention.attend(wanted, length, m_attended.data());
}

/// The rest of a block on `rows`, whose residual rows are `residual` [rows, d].
void Mdlm::closeBlock(const Block& block, float* residual, Rows rows, int length) {
    const int d = m_facts.width;
    forEachTile(m_context.threads(), static_cast<int>(rows.size()), [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        const Rows tile = part(rows, first, count);
        float* x = residual + static_cast<std::ptrdiff_t>(first) * d;
        const std::byte* attended = m_attended.data() + static_cast<std::size_t>(first) *
                                                            static_cast<std::size_t>(d) *
                                                            elementSize(m_activations);
        const auto addGated = [&](const Modulated& modulated) {
            eachSample(tile, length, [&](int sample, int begin, int stretch) {
                const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(begin) * d;
                kernels().addGated(x + offset, scratch.branch.floats() + offset,
                                   modulated.gate.data() + static_cast<std::ptrdiff_t>(sample) * d, stretch,
                                   d);
            });
        };
        // x ← x + gate₁ ⊙ attn_out(attention); x ← x + gate₂ ⊙ mlp(norm2(x) ⊙ (1 + scale₂) + shift₂)
        float* const branch = m_timeConditioned ? scratch.branch.floats() : x;
        block.attentionOut.forward(worker, attended, branch, count);
        if (m_timeConditioned)
            addGated(m_first);
        normTile(block.norm2, m_second, x, tile, length, scratch.normed.data());
        block.feedForward.forward(worker, scratch.normed.data(), branch, count, scratch.hidden.floats());
        if (m_timeConditioned)
            addGated(m_second);
    });
}

void Mdlm::logits(const DenoisingCall& call, std::span<float> out) {
    reserve(call.samples, call.length);
    const int rows = call.samples * call.length, d = m_facts.width;
    const Rows all = std::span(m_allRows).first(static_cast<std::size_t>(rows));
    for (int row = 0; row < rows; ++row)
        m_embedding.copy(call.tokens[static_cast<std::size_t>(row)],
                         m_residual.floats() + static_cast<std::ptrdiff_t>(row) * d);
    if (m_timeConditioned)
        condition(call);
    for (const Block& block : m_blocks) {
        if (m_timeConditioned)
            modulate(block, call.samples);
        if (&block != &m_blocks.back()) {
            openBlock(block, all, call.length);
            closeBlock(block, m_residual.floats(), all, call.length);
        } else {
            openLastBlock(block, all, call.rows, call.length);
            closeBlock(block, m_wantedResidual.floats(), call.rows, call.length);
        }
    }
    project(call, out);
}

/// The output layer, for the wanted rows only: out [wanted, V].
void Mdlm::project(const DenoisingCall& call, std::span<float> out) {
    const int d = m_facts.width;
    if (m_timeConditioned) {
        m_finalModulation.forward(0, m_condition.data(), m_modulation.data(), call.samples); // [S, 2d]
        for (int sample = 0; sample < call.samples; ++sample) {
            const float* m = m_modulation.data() + static_cast<std::ptrdiff_t>(sample) * 2 * d;
            const auto at = static_cast<std::size_t>(sample) * static_cast<std::size_t>(d);
            m_finalNorm.modulated(m + d, m, &m_first.weight[at], &m_first.bias[at]);
        }
    }
    normTile(m_finalNorm, m_first, m_wantedResidual.floats(), call.rows, call.length, m_attended.data());
    m_head.forwardShared(m_attended.data(), out.data(), static_cast<int>(call.rows.size()));
}

} // namespace steploom
