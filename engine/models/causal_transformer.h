// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/layers/attention.h"
#include "engine/layers/embedding.h"
#include "engine/layers/feed_forward.h"
#include "engine/layers/linear.h"
#include "engine/layers/norm.h"
#include "engine/models/model.h"

#include <vector>

namespace steploom {

class ComputeContext;

/// The parts of a transformer, as its loader made them from a checkpoint. GPT-2, Llama and their kin differ
/// in these and in nothing else: norms, biases, positions, feed-forward, number of key heads, tied or untied
/// head. A BidirectionalTransformer runs the same parts.
struct CausalParts {
    struct Block {
        Norm norm1;
        Linear queryKeyValue; ///< f32 result [rows, (h + 2 h_kv) D]
        /// Instead, where the last block's queries are those of the wanted rows alone: [rows, h D],
        /// [rows, 2 h_kv D].
        Linear query, keyValue;
        Linear attentionOut; ///< accumulates
        Norm norm2;
        FeedForward feedForward; ///< accumulates
    };
    ModelFacts facts;
    Embedding tokens;
    Embedding positions; ///< width 0: rotary
    RotaryTable rotary;
    bool useRotary = false;
    std::vector<Block> blocks;
    Norm finalNorm;
    Linear head;
};

/// x ← x + attention(norm1(x)); x ← x + network(norm2(x)); logits = head(norm(x)); every position sees those
/// before it.
class CausalTransformer final : public CausalModel {
public:
    CausalTransformer(CausalParts parts, ComputeContext& context);

    const ModelFacts& facts() const noexcept override { return m_parts.facts; }
    void reserve(int samples, int length) override;
    void logits(std::span<const std::int32_t> tokens, int samples, int length, std::span<float> out) override;
    void negativeLogLikelihood(std::span<const std::int32_t> tokens, int samples, int length,
                               std::span<float> out) override;
    std::unique_ptr<KeyValueCache> newCache(int capacity) const override;
    void extend(KeyValueCache& cache, std::span<const std::int32_t> tokens, std::span<float> out) override;

private:
    struct TileScratch {
        Buffer normed; ///< [tile, d] in the blocks' precision
        Buffer fused;  ///< [tile, (h + 2 h_kv) D] f32
        Buffer hidden; ///< [tile, scratchPerRow] f32
        Buffer logits; ///< [kScoredRows, V] f32
    };
    void reserveRotary(int length);
    void embed(std::int32_t token, int position, float* x) const;
    void hiddenStates(std::span<const std::int32_t> tokens, int samples, int length, int shared);
    void fileKeysValues(const float* fused, std::span<const std::int32_t> rows, int samples, int length,
                        int shared);
    void fuse(const CausalParts::Block& block, int first, int rows, TileScratch& scratch, int worker);
    void closeBlock(const CausalParts::Block& block, int rows);
    /// logits [rows, V] of residual rows [first, first + rows), on one worker.
    void projectRows(int first, int rows, float* out, int worker);

    CausalParts m_parts;
    ComputeContext& m_context;
    int m_headSize = 0;
    Precision m_activations = Precision::F32; ///< of what lies between the products
    Attention m_attention;
    /// Rows that are computed, as sample · length + position: all of the first sequence, and of the others
    /// what follows the beginning that all share.
    std::vector<std::int32_t> m_rows;
    Buffer m_residual; ///< [rows, d] f32
    Buffer m_attended; ///< [rows, h D] in the blocks' precision
    std::vector<TileScratch> m_scratch;
};

} // namespace steploom
