// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/causal_stack.h"
#include "engine/models/energy_head.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace steploom {

/// What is known of an energy transformer without running it.
struct EnergyFacts {
    ModelFacts stack; ///< the transformer over patches: length in patches; parameters of the whole, the
                      ///< autoencoder that may be carried along left out
    EnergyHead::Shape head;
    int chunk = 0; ///< K, tokens of a patch

    int latent() const noexcept { return head.latent; }
    /// FLOPs of embedding one patch.
    double embeddingFlops() const noexcept;
};

/// The energy transformer of CALM (arXiv 2510.27688, section 4): patches of K tokens go through a Llama
/// stack, and a head draws the next patch's vector from the last one's state. Not thread-safe.
class EnergyTransformer {
public:
    static EnergyFacts describe(const Checkpoint& checkpoint);
    /// Throws Error(Config) and Error(Tensors).
    EnergyTransformer(const Checkpoint& checkpoint, Precision precision, ComputeContext& context);

    const EnergyFacts& facts() const noexcept { return m_facts; }

    /// The stack's normed states of whole sequences of one length: tokens [samples, patches · K] →
    /// [samples, patches, d].
    void hiddenStates(std::span<const std::int32_t> tokens, int samples, int patches, std::span<float> out);
    /// What the stack takes: [patches, d] of tokens [patches · K].
    void embedPatches(std::span<const std::int32_t> tokens, std::span<float> out);

    /// A cache for one sequence of up to `patches` ≤ facts().stack.length.
    std::unique_ptr<KeyValueCache> newCache(int patches) const { return m_stack.newCache(patches); }
    /// Appends whole patches of tokens to the cached sequence; the state of the last one, [d].
    void extend(KeyValueCache& cache, std::span<const std::int32_t> tokens, std::span<float> hidden);

    /// Vectors for the next patch: EnergyHead::draw.
    void draw(std::span<const float> hidden, std::span<const float> noise, int draws,
              std::span<float> latents) {
        m_head.draw(hidden, noise, draws, latents);
    }

private:
    struct Scratch {
        Buffer tokens; ///< [tile, K d] f32: a patch's token embeddings
        Buffer input;  ///< the same in the activations' precision
        Buffer middle; ///< [tile, 2d] in the activations' precision
        Buffer out;    ///< [tile, d] f32
    };
    void statesOf(int first, int rows, float* out);

    EnergyFacts m_facts;
    ComputeContext& m_context;
    CausalStack m_stack;
    Linear m_embedFirst, m_embedSecond;
    Norm m_embedNorm;
    EnergyHead m_head;
    int m_tile = 1; ///< patches embedded by a worker at once
    std::vector<std::int32_t> m_rows;
    std::vector<Scratch> m_scratch; ///< by worker
};

} // namespace steploom
