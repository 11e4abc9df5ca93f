// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: K tokens a patch, d width, l latent size.
#include "engine/models/energy_transformer.h"

#include "engine/layers/tiles.h"
#include "engine/models/calm_autoencoder.h"
#include "engine/models/llama.h"
#include "engine/models/stack_layout.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/kernels.h"

#include <algorithm>
#include <numeric>

namespace steploom {
namespace {

constexpr const char* kCarried = "ae_model.";
constexpr float kEmbedEpsilon = 1e-6f;

/// What files of one age call it.
const char* headScope(const Checkpoint& checkpoint) {
    return checkpoint.has("generative_head.noise_embd.weight") ? "generative_head." : "mlp_generator.";
}

bool carriesAutoencoder(const Checkpoint& checkpoint) {
    return checkpoint.has("ae_model.encoder.embed_tokens.weight");
}

CausalParts stackParts(const Checkpoint& checkpoint, const EnergyFacts& facts, Precision precision,
                       ComputeContext& context) {
    const std::int64_t d = facts.stack.width, k = facts.chunk;
    StackLayout layout = llamaLayout(checkpoint);
    layout.tokens = "transformer.embed_tokens";
    layout.blocks = "transformer.layers.";
    layout.finalNorm = "transformer.norm";
    layout.head.clear();
    layout.tied = false;
    layout.beside = EnergyHead::tensors(facts.head, headScope(checkpoint));
    for (const ExpectedTensor& tensor :
         {ExpectedTensor{"embed_proj.0.weight", {2 * d, k * d}}, ExpectedTensor{"embed_proj.0.bias", {2 * d}},
          ExpectedTensor{"embed_proj.2.weight", {d, 2 * d}}, ExpectedTensor{"embed_proj.2.bias", {d}},
          ExpectedTensor{"embed_proj.3.weight", {d}}, ExpectedTensor{"embed_proj.3.bias", {d}}})
        layout.beside.push_back(tensor);
    if (carriesAutoencoder(checkpoint)) {
        const auto carried = autoencoderTensors(CalmAutoencoder::describe(checkpoint, kCarried), kCarried);
        layout.beside.insert(layout.beside.end(), carried.begin(), carried.end());
    }
    return buildStack(checkpoint, layout, facts.stack, precision, context);
}

} // namespace

double EnergyFacts::embeddingFlops() const noexcept {
    const double d = stack.width;
    return 2 * (chunk * d * 2 * d + 2 * d * d);
}

EnergyFacts EnergyTransformer::describe(const Checkpoint& checkpoint) {
    EnergyFacts facts;
    facts.stack = describeLlama(checkpoint);
    facts.stack.headFlopsPerRow = 0; // no token is predicted
    facts.stack.parameters = 0;
    for (const auto& [name, tensor] : checkpoint.tensors())
        if (!name.starts_with(kCarried) && isFloating(tensor.dtype))
            facts.stack.parameters += static_cast<std::int64_t>(tensor.elements());
    facts.chunk = checkpoint.size("patch_size");
    facts.head = {.width = facts.stack.width,
                  .noise = checkpoint.size("noise_size"),
                  .latent = checkpoint.size("latent_size"),
                  .blocks = checkpoint.size("num_mlp_layers", 0, Checkpoint::kMostBlocks)};
    return facts;
}

EnergyTransformer::EnergyTransformer(const Checkpoint& checkpoint, Precision precision,
                                     ComputeContext& context)
    : m_facts(describe(checkpoint)), m_context(context),
      m_stack(stackParts(checkpoint, m_facts, precision, context), context),
      m_scratch(static_cast<std::size_t>(context.threads().workers())) {
    m_facts.stack.requested = precision;
    m_facts.stack.effective = effectivePrecision(precision);
    const Precision effective = m_facts.stack.effective;
    m_embedFirst = Linear(checkpoint,
                          {.weights = {"embed_proj.0.weight"},
                           .biases = {"embed_proj.0.bias"},
                           .precision = effective,
                           .result = m_stack.activations(),
                           .activation = Activation::Silu},
                          context);
    m_embedSecond =
        Linear(checkpoint,
               {.weights = {"embed_proj.2.weight"}, .biases = {"embed_proj.2.bias"}, .precision = effective},
               context);
    m_embedNorm =
        Norm(checkpoint, Norm::Kind::Layer, kEmbedEpsilon, "embed_proj.3.weight", "embed_proj.3.bias");
    m_head = EnergyHead(checkpoint, headScope(checkpoint), m_facts.head, effective, context);

    m_tile = std::max(1, kMostTileRows / m_facts.chunk);
    const auto tile = static_cast<std::size_t>(m_tile), d = static_cast<std::size_t>(m_facts.stack.width);
    for (Scratch& scratch : m_scratch) {
        scratch.tokens.reserve(tile * static_cast<std::size_t>(m_facts.chunk) * d * sizeof(float));
        scratch.input.reserve(tile * static_cast<std::size_t>(m_facts.chunk) * d * sizeof(float));
        scratch.middle.reserve(tile * 2 * d * sizeof(float));
        scratch.out.reserve(tile * d * sizeof(float));
    }
}

void EnergyTransformer::embedPatches(std::span<const std::int32_t> tokens, std::span<float> out) {
    const int k = m_facts.chunk, d = m_facts.stack.width, patches = static_cast<int>(tokens.size()) / k;
    const auto embed = [&](int first, int count, int worker, bool shared) {
        Scratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        float* x = scratch.tokens.floats();
        for (int token = 0; token < count * k; ++token)
            m_stack.parts().tokens.copy(tokens[static_cast<std::size_t>(first * k + token)],
                                        x + static_cast<std::ptrdiff_t>(token) * d);
        const void* input = x;
        if (m_stack.activations() != Precision::F32) {
            kernels().activate(x, count, k * d, Activation::None, scratch.input.data(), k * d,
                               m_stack.activations());
            input = scratch.input.data();
        }
        if (shared) {
            m_embedFirst.forwardShared(input, scratch.middle.data(), count);
            m_embedSecond.forwardShared(scratch.middle.data(), scratch.out.data(), count);
        } else {
            m_embedFirst.forward(worker, input, scratch.middle.data(), count);
            m_embedSecond.forward(worker, scratch.middle.data(), scratch.out.data(), count);
        }
        m_embedNorm.forward(scratch.out.floats(), count, out.data() + static_cast<std::ptrdiff_t>(first) * d,
                            Precision::F32);
    };
    if (patches <= std::min(kFewRows, m_tile)) {
        embed(0, patches, 0, true);
        return;
    }
    const int workers = m_context.threads().workers();
    const int tile = std::clamp((patches + workers - 1) / workers, 1, m_tile);
    m_context.threads().forEach((patches + tile - 1) / tile, [&](int index, int worker) {
        const int first = index * tile;
        embed(first, std::min(tile, patches - first), worker, false);
    });
}

/// The final norm's rows as f32, whatever the precision of the products.
void EnergyTransformer::statesOf(int first, int rows, float* out) {
    m_stack.parts().finalNorm.forward(m_stack.residual() +
                                          static_cast<std::ptrdiff_t>(first) * m_facts.stack.width,
                                      rows, out, Precision::F32);
}

void EnergyTransformer::hiddenStates(std::span<const std::int32_t> tokens, int samples, int patches,
                                     std::span<float> out) {
    const int rows = samples * patches;
    m_stack.reserve(samples, patches);
    m_rows.resize(static_cast<std::size_t>(rows));
    std::iota(m_rows.begin(), m_rows.end(), 0);
    embedPatches(tokens, {m_stack.residual(), static_cast<std::size_t>(rows * m_facts.stack.width)});
    m_stack.forward(m_rows, samples, patches, 0);
    forEachTile(m_context.threads(), rows, [&](int first, int count, int) {
        statesOf(first, count, out.data() + static_cast<std::ptrdiff_t>(first) * m_facts.stack.width);
    });
}

void EnergyTransformer::extend(KeyValueCache& cache, std::span<const std::int32_t> tokens,
                               std::span<float> hidden) {
    const int rows = static_cast<int>(tokens.size()) / m_facts.chunk;
    m_stack.reserveRows(rows);
    embedPatches(tokens, {m_stack.residual(), static_cast<std::size_t>(rows * m_facts.stack.width)});
    m_stack.extend(cache, rows);
    statesOf(rows - 1, 1, hidden.data());
}

} // namespace steploom
