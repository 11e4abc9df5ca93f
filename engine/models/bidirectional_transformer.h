// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/causal_transformer.h"

#include <span>
#include <vector>

namespace steploom {

/// The same stack of blocks with every position seeing every other: LLaDA and Dream. It knows nothing of the
/// noise level.
class BidirectionalTransformer final : public MaskedDiffusionModel {
public:
    /// `parts` with the last block's queries apart (saveLastBlock).
    BidirectionalTransformer(CausalParts parts, std::int32_t maskToken, ComputeContext& context);

    const ModelFacts& facts() const noexcept override { return m_parts.facts; }
    bool timeConditioned() const noexcept override { return false; }
    std::int32_t maskToken() const noexcept override { return m_maskToken; }
    bool maskTokenStated() const noexcept override { return true; }
    void reserve(int samples, int length) override;
    void logits(const DenoisingCall& call, std::span<float> out) override;

private:
    struct TileScratch {
        Buffer normed; ///< [tile, d]
        Buffer fused;  ///< [tile, (h + 2 h_kv) D] f32
        Buffer hidden; ///< [tile, scratchPerRow] f32
    };
    /// Rows of the batch, as sample · length + position, ascending; the first of a sample may stand twice.
    using Rows = std::span<const std::int32_t>;

    Rows predictingRows(const DenoisingCall& call);
    void openBlock(const CausalParts::Block& block, Rows all, int length);
    void openLastBlock(const CausalParts::Block& block, Rows all, Rows wanted, int length);
    void closeBlock(const CausalParts::Block& block, float* residual, int rows);
    void project(int wanted, std::span<float> out);

    CausalParts m_parts;
    ComputeContext& m_context;
    std::int32_t m_maskToken;
    Precision m_activations; ///< of what lies between the products
    Attention m_attention;
    int m_reservedSamples = 0, m_reservedLength = 0;
    std::vector<std::int32_t> m_allRows;    ///< 0, 1, 2 …
    std::vector<std::int32_t> m_predicting; ///< of the call at work
    Buffer m_residual;                      ///< [rows, d] f32
    Buffer m_wantedResidual;                ///< [wanted rows, d] f32: of the last block
    Buffer m_attended;                      ///< [rows, d]; then the wanted rows for the output layer
    std::vector<TileScratch> m_scratch;     ///< by worker
};

} // namespace steploom
