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

/// The MDLM backbone (arXiv 2406.07524): a bidirectional transformer with rotary attention whose norms and
/// residual branches are modulated by the noise level (adaLN, arXiv 2212.09748). Without time conditioning
/// the modulation is the same for every call: scale and shift are folded into the norms, gates into the
/// weights they multiply, at load.
class Mdlm final : public MaskedDiffusionModel {
public:
    Mdlm(const Checkpoint& checkpoint, Precision precision, ComputeContext& context);

    static ModelFacts describe(const Checkpoint& checkpoint);

    const ModelFacts& facts() const noexcept override { return m_facts; }
    bool timeConditioned() const noexcept override { return m_timeConditioned; }
    std::int32_t maskToken() const noexcept override { return m_maskToken; }
    bool maskTokenStated() const noexcept override { return m_maskTokenStated; }
    void reserve(int samples, int length) override;
    void logits(const DenoisingCall& call, std::span<float> out) override;

private:
    struct Block {
        Norm norm1;
        Linear queryKeyValue; ///< of every block but the last, which needs queries of the wanted rows only
        Linear query, keyValue;
        Linear attentionOut;
        Norm norm2;
        FeedForward feedForward;
        Linear modulation; ///< adaLN; kept with time conditioning only
    };
    /// A norm's weight and bias for every sample of a call, and the gate of the branch behind it.
    struct Modulated {
        std::vector<float> weight, bias, gate; ///< [samples, d] each
    };
    struct TileScratch {
        Buffer normed; ///< [tile, d]
        Buffer branch; ///< [tile, 3d] f32: fused projection, or a branch before its gate
        Buffer hidden; ///< [tile, scratchPerRow] f32
    };

    /// Rows of the batch, as sample · length + position, ascending.
    using Rows = std::span<const std::int32_t>;

    Block loadBlock(const Checkpoint& checkpoint, int index, const std::vector<float>& constant) const;
    void condition(const DenoisingCall& call);
    void conditionVector(float sigma, float* condition);
    void modulate(const Block& block, int samples);
    void openBlock(const Block& block, Rows all, int length);
    void openLastBlock(const Block& block, Rows all, Rows wanted, int length);
    void closeBlock(const Block& block, float* residual, Rows rows, int length);
    void project(const DenoisingCall& call, std::span<float> out);
    template <typename Body>
    void eachSample(Rows rows, int length, const Body& body) const;
    void normTile(const Norm& norm, const Modulated& modulated, const float* x, Rows rows, int length,
                  void* out) const;

    ModelFacts m_facts;
    ComputeContext& m_context;
    bool m_timeConditioned = false;
    std::int32_t m_maskToken = 0;
    bool m_maskTokenStated = false;
    Embedding m_embedding;
    std::vector<float> m_frequencies; ///< f of e(σ), [128]
    Linear m_sigmaIn, m_sigmaOut;     ///< sigma_map: two layers with SiLU between
    std::vector<float> m_features;    ///< [256] and
    std::vector<float> m_sigmaHidden; ///< [c], scratch of conditionVector
    std::vector<Block> m_blocks;
    Norm m_finalNorm;
    Linear m_finalModulation;
    Linear m_head;
    RotaryTable m_rotary;
    Attention m_attention;

    Precision m_activations = Precision::F32; ///< of what lies between the products
    int m_reservedSamples = 0, m_reservedLength = 0;
    std::vector<std::int32_t> m_allRows; ///< 0, 1, 2 …
    Buffer m_residual;                   ///< [rows, d] f32
    Buffer m_wantedResidual;             ///< [wanted rows, d] f32: of the last block
    Buffer m_attended;                   ///< [rows, d]; then the wanted rows for the output layer
    std::vector<TileScratch> m_scratch;  ///< by worker
    std::vector<float> m_condition;      ///< [samples, cond] SiLU'd, of this call
    std::vector<float> m_modulation;     ///< [samples, 6d]
    Modulated m_first, m_second;         ///< of the block at work; m_first also of the final norm
};

} // namespace steploom
