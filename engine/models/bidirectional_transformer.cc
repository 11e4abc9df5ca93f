// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: S samples, L positions, d width, h heads, h_kv key heads, D head size, V vocabulary. Rows = S · L.
#include "engine/models/bidirectional_transformer.h"

#include "engine/layers/tiles.h"
#include "engine/tensor/compute_context.h"

#include <algorithm>
#include <numeric>

namespace steploom {

BidirectionalTransformer::BidirectionalTransformer(CausalParts parts, std::int32_t maskToken,
                                                   ComputeContext& context)
    : m_parts(std::move(parts)), m_context(context), m_maskToken(maskToken),
      m_activations(activationPrecision(m_parts.facts.effective)),
      m_attention({.heads = m_parts.facts.heads,
                   .keyValueHeads = m_parts.facts.keyValueHeads,
                   .headSize = m_parts.facts.width / m_parts.facts.heads,
                   .precision = m_activations},
                  context),
      m_scratch(static_cast<std::size_t>(context.threads().workers())) {
    const auto tile = static_cast<std::size_t>(kMostTileRows);
    const CausalParts::Block& last = m_parts.blocks.back();
    for (TileScratch& scratch : m_scratch) {
        scratch.normed.reserve(tile * static_cast<std::size_t>(m_parts.facts.width) * sizeof(float));
        scratch.fused.reserve(
            tile * static_cast<std::size_t>(last.query.outputs() + last.keyValue.outputs()) * sizeof(float));
        scratch.hidden.reserve(tile * static_cast<std::size_t>(last.feedForward.scratchPerRow()) *
                               sizeof(float));
    }
}

void BidirectionalTransformer::reserve(int samples, int length) {
    if (samples <= m_reservedSamples && length == m_reservedLength)
        return;
    m_reservedSamples = samples;
    m_reservedLength = length;
    const auto rows = static_cast<std::size_t>(samples) * static_cast<std::size_t>(length);
    const std::size_t numbers = rows * static_cast<std::size_t>(m_parts.facts.width);
    m_parts.rotary.reserve(length);
    m_attention.reserve(samples, length);
    m_allRows.resize(rows);
    std::iota(m_allRows.begin(), m_allRows.end(), 0);
    m_predicting.reserve(rows);
    m_residual.reserve(numbers * sizeof(float));
    m_wantedResidual.reserve(numbers * sizeof(float));
    m_attended.reserve(numbers * elementSize(m_activations));
}

/// The rows that predict the wanted positions: their own, or, shifted, those before them. The first position
/// has none before it and takes its own, as Dream's sampler does.
BidirectionalTransformer::Rows BidirectionalTransformer::predictingRows(const DenoisingCall& call) {
    if (!m_parts.facts.logitsShifted)
        return call.rows;
    m_predicting.clear();
    for (const std::int32_t row : call.rows)
        m_predicting.push_back(row % call.length > 0 ? row - 1 : row);
    return m_predicting;
}

/// Queries, keys and values of all rows; the queries attend.
void BidirectionalTransformer::openBlock(const CausalParts::Block& block, Rows all, int length) {
    const int d = m_parts.facts.width, fused = block.queryKeyValue.outputs();
    forEachTile(m_context.threads(), static_cast<int>(all.size()), [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        const float* x = m_residual.floats() + static_cast<std::ptrdiff_t>(first) * d;
        block.norm1.forward(x, count, scratch.normed.data(), m_activations);
        block.queryKeyValue.forward(worker, scratch.normed.data(), scratch.fused.data(), count);
        const float* projected = scratch.fused.floats();
        m_attention.fileQueries(projected, fused, all, first, count, length, &m_parts.rotary);
        m_attention.fileKeysValues(projected + d, fused, first, count, length, &m_parts.rotary);
    });
    m_attention.attend(all, length, m_attended.data());
}

/// Keys and values of all rows, queries of the wanted ones, whose residual rows go to m_wantedResidual.
void BidirectionalTransformer::openLastBlock(const CausalParts::Block& block, Rows all, Rows wanted,
                                             int length) {
    const int d = m_parts.facts.width, width = block.keyValue.outputs();
    forEachTile(m_context.threads(), static_cast<int>(all.size()), [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        const float* x = m_residual.floats() + static_cast<std::ptrdiff_t>(first) * d;
        block.norm1.forward(x, count, scratch.normed.data(), m_activations);
        block.keyValue.forward(worker, scratch.normed.data(), scratch.fused.data(), count);
        m_attention.fileKeysValues(scratch.fused.floats(), width, first, count, length, &m_parts.rotary);
    });
    forEachTile(m_context.threads(), static_cast<int>(wanted.size()), [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        float* x = m_wantedResidual.floats() + static_cast<std::ptrdiff_t>(first) * d;
        for (int i = 0; i < count; ++i)
            std::copy_n(m_residual.floats() +
                            static_cast<std::ptrdiff_t>(wanted[static_cast<std::size_t>(first + i)]) * d,
                        d, x + static_cast<std::ptrdiff_t>(i) * d);
        block.norm1.forward(x, count, scratch.normed.data(), m_activations);
        block.query.forward(worker, scratch.normed.data(), scratch.fused.data(), count);
        m_attention.fileQueries(scratch.fused.floats(), d, wanted, first, count, length, &m_parts.rotary);
    });
    m_attention.attend(wanted, length, m_attended.data());
}

/// The rest of a block on `residual` [rows, d]: x ← x + attention_out(attended); x ← x + network(norm2(x)).
void BidirectionalTransformer::closeBlock(const CausalParts::Block& block, float* residual, int rows) {
    const int d = m_parts.facts.width;
    forEachTile(m_context.threads(), rows, [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(first) * d;
        float* x = residual + offset;
        block.attentionOut.forward(
            worker, m_attended.data() + static_cast<std::size_t>(offset) * elementSize(m_activations), x,
            count);
        block.norm2.forward(x, count, scratch.normed.data(), m_activations);
        block.feedForward.forward(worker, scratch.normed.data(), x, count, scratch.hidden.floats());
    });
}

void BidirectionalTransformer::logits(const DenoisingCall& call, std::span<float> out) {
    reserve(call.samples, call.length);
    const int rows = call.samples * call.length, wanted = static_cast<int>(call.rows.size());
    const Rows all = std::span(m_allRows).first(static_cast<std::size_t>(rows));
    for (int row = 0; row < rows; ++row)
        m_parts.tokens.copy(call.tokens[static_cast<std::size_t>(row)],
                            m_residual.floats() + static_cast<std::ptrdiff_t>(row) * m_parts.facts.width);
    for (const CausalParts::Block& block : m_parts.blocks) {
        if (&block != &m_parts.blocks.back()) {
            openBlock(block, all, call.length);
            closeBlock(block, m_residual.floats(), rows);
        } else {
            openLastBlock(block, all, predictingRows(call), call.length);
            closeBlock(block, m_wantedResidual.floats(), wanted);
        }
    }
    project(wanted, out);
}

/// The output layer, for the wanted rows only: out [wanted, V].
void BidirectionalTransformer::project(int wanted, std::span<float> out) {
    m_parts.finalNorm.forward(m_wantedResidual.floats(), wanted, m_attended.data(), m_activations);
    m_parts.head.forwardShared(m_attended.data(), out.data(), wanted);
}

} // namespace steploom
