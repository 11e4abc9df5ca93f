// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: S samples, L positions, d width, h heads, h_kv key heads, D head size, V vocabulary. Rows = S · L.
#include "engine/models/bidirectional_transformer.h"

#include "engine/layers/tiles.h"
#include "engine/tensor/compute_context.h"

#include <algorithm>

namespace steploom {

BidirectionalTransformer::BidirectionalTransformer(CausalParts parts, std::int32_t maskToken,
                                                   ComputeContext& context)
    : m_parts(std::move(parts)), m_context(context), m_maskToken(maskToken),
      m_rowBytes(static_cast<std::size_t>(m_parts.facts.width) *
                 (m_parts.facts.effective == Precision::F32 ? sizeof(float) : sizeof(bf16_t))),
      m_attention({.heads = m_parts.facts.heads,
                   .keyValueHeads = m_parts.facts.keyValueHeads,
                   .headSize = m_parts.facts.width / m_parts.facts.heads,
                   .precision = m_parts.facts.effective},
                  context),
      m_scratch(static_cast<std::size_t>(context.threads().workers())) {
    const auto tile = static_cast<std::size_t>(MatMul::kLargestTile);
    const CausalParts::Block& block = m_parts.blocks[0];
    for (TileScratch& scratch : m_scratch) {
        scratch.normed.reserve(tile * m_rowBytes);
        scratch.fused.reserve(tile * static_cast<std::size_t>(block.queryKeyValue.outputs()) * sizeof(float));
        scratch.hidden.reserve(tile * static_cast<std::size_t>(block.feedForward.scratchPerRow()) *
                               sizeof(float));
    }
}

void BidirectionalTransformer::reserve(int samples, int length) {
    if (samples <= m_reservedSamples && length == m_reservedLength)
        return;
    m_reservedSamples = samples;
    m_reservedLength = length;
    const auto rows = static_cast<std::size_t>(samples) * static_cast<std::size_t>(length);
    m_parts.rotary.reserve(length);
    m_attention.reserve(samples, length);
    m_residual.reserve(rows * static_cast<std::size_t>(m_parts.facts.width) * sizeof(float));
    m_attended.reserve(rows * m_rowBytes);
    m_wanted.reserve(rows * m_rowBytes);
}

void BidirectionalTransformer::openBlock(const CausalParts::Block& block, int rows, int length) {
    forEachTile(m_context.threads(), rows, [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        const float* x = m_residual.floats() + static_cast<std::ptrdiff_t>(first) * m_parts.facts.width;
        block.norm1.forward(x, count, scratch.normed.data(), m_parts.facts.effective);
        block.queryKeyValue.forward(worker, scratch.normed.data(), scratch.fused.data(), count);
        m_attention.fileRows(scratch.fused.floats(), first, count, length, &m_parts.rotary);
    });
}

void BidirectionalTransformer::closeBlock(const CausalParts::Block& block, int rows) {
    forEachTile(m_context.threads(), rows, [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        float* x = m_residual.floats() + static_cast<std::ptrdiff_t>(first) * m_parts.facts.width;
        block.attentionOut.forward(worker, m_attended.data() + static_cast<std::size_t>(first) * m_rowBytes,
                                   x, count);
        block.norm2.forward(x, count, scratch.normed.data(), m_parts.facts.effective);
        block.feedForward.forward(worker, scratch.normed.data(), x, count, scratch.hidden.floats());
    });
}

void BidirectionalTransformer::logits(const DenoisingCall& call, std::span<float> out) {
    reserve(call.samples, call.length);
    const int rows = call.samples * call.length;
    for (int row = 0; row < rows; ++row)
        m_parts.tokens.copy(call.tokens[static_cast<std::size_t>(row)],
                            m_residual.floats() + static_cast<std::ptrdiff_t>(row) * m_parts.facts.width);
    for (const CausalParts::Block& block : m_parts.blocks) {
        openBlock(block, rows, call.length);
        m_attention.attend(call.samples, call.length, m_attended.data());
        closeBlock(block, rows);
    }
    project(call, out);
}

/// The output layer, for the wanted rows only: out [wanted, V].
void BidirectionalTransformer::project(const DenoisingCall& call, std::span<float> out) {
    const int d = m_parts.facts.width, wanted = static_cast<int>(call.rows.size());
    for (int i = 0; i < wanted; ++i) {
        int row = call.rows[static_cast<std::size_t>(i)];
        // The first position has no row before it and takes its own, as Dream's sampler does.
        if (m_parts.facts.logitsShifted && row % call.length > 0)
            --row;
        m_parts.finalNorm.forward(m_residual.floats() + static_cast<std::ptrdiff_t>(row) * d, 1,
                                  m_wanted.data() + static_cast<std::size_t>(i) * m_rowBytes,
                                  m_parts.facts.effective);
    }
    const int tile = MatMul::kLargestTile, tiles = (wanted + tile - 1) / tile, panels = m_parts.head.panels();
    m_context.threads().forEach(tiles * panels, [&](int index, int worker) {
        const int first = index / panels * tile;
        m_parts.head.forwardPanel(worker, index % panels,
                                  m_wanted.data() + static_cast<std::size_t>(first) * m_rowBytes,
                                  out.data() + static_cast<std::ptrdiff_t>(first) * m_parts.facts.vocabulary,
                                  std::min(tile, wanted - first));
    });
}

} // namespace steploom
