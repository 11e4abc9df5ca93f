// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/causal_transformer.h"

#include <vector>

namespace steploom {

/// The same stack of blocks with every position seeing every other: LLaDA and Dream. It knows nothing of the
/// noise level.
class BidirectionalTransformer final : public MaskedDiffusionModel {
public:
    BidirectionalTransformer(CausalParts parts, std::int32_t maskToken, ComputeContext& context);

    const ModelFacts& facts() const noexcept override { return m_parts.facts; }
    bool timeConditioned() const noexcept override { return false; }
    std::int32_t maskToken() const noexcept override { return m_maskToken; }
    bool maskTokenStated() const noexcept override { return true; }
    void reserve(int samples, int length) override;
    void logits(const DenoisingCall& call, std::span<float> out) override;

private:
    struct TileScratch {
        Buffer normed; ///< [tile, d] in the blocks' precision
        Buffer fused;  ///< [tile, (h + 2 h_kv) D] f32
        Buffer hidden; ///< [tile, scratchPerRow] f32
    };
    void openBlock(const CausalParts::Block& block, int rows, int length);
    void closeBlock(const CausalParts::Block& block, int rows);
    void project(const DenoisingCall& call, std::span<float> out);

    CausalParts m_parts;
    ComputeContext& m_context;
    std::int32_t m_maskToken;
    std::size_t m_rowBytes; ///< of d numbers in the blocks' precision
    Attention m_attention;
    int m_reservedSamples = 0, m_reservedLength = 0;
    Buffer m_residual;                  ///< [rows, d] f32
    Buffer m_attended;                  ///< [rows, d] in the blocks' precision
    Buffer m_wanted;                    ///< [wanted rows, d] in the blocks' precision
    std::vector<TileScratch> m_scratch; ///< by worker
};

} // namespace steploom
