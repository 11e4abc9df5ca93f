// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/layers/attention.h"
#include "engine/layers/embedding.h"
#include "engine/layers/feed_forward.h"
#include "engine/layers/linear.h"
#include "engine/layers/norm.h"
#include "engine/models/model.h"

#include <memory>
#include <span>
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
    Linear head; ///< none where the stack's rows predict something else than tokens
};

/// The blocks: x ← x + attention(norm1(x)); x ← x + network(norm2(x)); every position sees those before it.
/// Its owner puts rows into residual() (tokens' embeddings, or whatever the rows stand for), has them go
/// through all blocks, and makes of normed() what they predict.
class CausalStack {
public:
    CausalStack(CausalParts parts, ComputeContext& context);

    const CausalParts& parts() const noexcept { return m_parts; }
    Precision activations() const noexcept { return m_activations; } ///< of what lies between the products

    void reserve(int samples, int length);
    /// x [rows, d] f32, for rows that were reserved, or named in reserveRows.
    float* residual() noexcept { return m_residual.floats(); }
    void reserveRows(int rows);

    /// residual [rows, d] through all blocks. `rows`: what each is, as sample · length + position, ascending;
    /// those of the first sample whole, and of the others what follows the beginning of `shared` positions
    /// that all have in common.
    void forward(std::span<const std::int32_t> rows, int samples, int length, int shared);

    /// A cache of one sequence.
    std::unique_ptr<KeyValueCache> newCache(int capacity) const;
    /// residual [rows, d], which follow what the cache holds, through all blocks; the cache holds them then.
    void extend(KeyValueCache& cache, int rows);

    /// out [rows, d] in activations() = the final norm of residual rows [first, first + rows).
    void normed(int first, int rows, void* out) const;

private:
    struct TileScratch {
        Buffer normed; ///< [tile, d] in the blocks' precision
        Buffer fused;  ///< [tile, (h + 2 h_kv) D] f32
        Buffer hidden; ///< [tile, scratchPerRow] f32
    };
    void reserveRotary(int length);
    void fileKeysValues(const float* fused, std::span<const std::int32_t> rows, int samples, int length,
                        int shared);
    void fuse(const CausalParts::Block& block, int first, int rows, TileScratch& scratch, int worker);
    void closeBlock(const CausalParts::Block& block, int rows);
    void fileInCache(const float* fused, int index, int first, int rows, int past, KeyValueCache& cache,
                     float* queries, int all);
    void extendByFew(KeyValueCache& cache, int rows);
    void extendByMany(KeyValueCache& cache, int rows);

    CausalParts m_parts;
    ComputeContext& m_context;
    int m_headSize = 0;
    Precision m_activations = Precision::F32;
    Attention m_attention;
    Buffer m_residual; ///< [rows, d] f32
    Buffer m_attended; ///< [rows, h D] in the blocks' precision
    Buffer m_queries;  ///< [h, rows, D] f32, of few rows
    std::vector<std::int32_t> m_wanted;
    std::vector<TileScratch> m_scratch;
};

} // namespace steploom
