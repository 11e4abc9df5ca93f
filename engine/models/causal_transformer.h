// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/causal_stack.h"

#include <vector>

namespace steploom {

/// A CausalStack over tokens: logits = head(norm(x)).
class CausalTransformer final : public CausalModel {
public:
    CausalTransformer(CausalParts parts, ComputeContext& context);

    const ModelFacts& facts() const noexcept override { return m_stack.parts().facts; }
    void reserve(int samples, int length) override;
    void logits(std::span<const std::int32_t> tokens, int samples, int length, std::span<float> out) override;
    void negativeLogLikelihood(std::span<const std::int32_t> tokens, int samples, int length,
                               std::span<float> out) override;
    std::unique_ptr<KeyValueCache> newCache(int capacity) const override {
        return m_stack.newCache(capacity);
    }
    void extend(KeyValueCache& cache, std::span<const std::int32_t> tokens, std::span<float> out) override;

private:
    struct Scratch {
        Buffer normed; ///< [tile, d] in the blocks' precision
        Buffer logits; ///< [kScoredRows, V] f32
    };
    void embed(std::int32_t token, int position, float* x) const;
    void hiddenStates(std::span<const std::int32_t> tokens, int samples, int length, int shared);
    /// logits [rows, V] of residual rows [first, first + rows), on one worker.
    void projectRows(int first, int rows, float* out, int worker);

    CausalStack m_stack;
    ComputeContext& m_context;
    /// Rows that are computed, as sample · length + position: all of the first sequence, and of the others
    /// what follows the beginning that all share.
    std::vector<std::int32_t> m_rows;
    std::vector<Scratch> m_scratch; ///< by worker
};

} // namespace steploom
