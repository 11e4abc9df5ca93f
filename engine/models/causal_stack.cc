// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: S samples, L positions, d width, h heads, h_kv key heads, D head size. Rows = S · L.
#include "engine/models/causal_stack.h"

#include "engine/layers/tiles.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/kernels.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace steploom {
namespace {

/// Keys and values of one sequence, f32, by block and key head: [h_kv, capacity, D].
class SequenceCache final : public KeyValueCache {
public:
    SequenceCache(int blocks, int keyValueHeads, int capacity, int headSize)
        : m_capacity(capacity), m_headSize(headSize) {
        const auto size = static_cast<std::size_t>(keyValueHeads) * static_cast<std::size_t>(capacity) *
                          static_cast<std::size_t>(headSize);
        m_keys.assign(static_cast<std::size_t>(blocks), std::vector<float>(size));
        m_values = m_keys;
    }
    int length() const noexcept override { return m_length; }
    void clear() noexcept override { m_length = 0; }
    void truncate(int length) noexcept override { m_length = std::clamp(length, 0, m_length); }
    int capacity() const noexcept { return m_capacity; }
    void grow(int positions) noexcept { m_length += positions; }
    float* keys(int block, int head) { return m_keys[static_cast<std::size_t>(block)].data() + offset(head); }
    float* values(int block, int head) {
        return m_values[static_cast<std::size_t>(block)].data() + offset(head);
    }

private:
    std::ptrdiff_t offset(int head) const {
        return static_cast<std::ptrdiff_t>(head) * m_capacity * m_headSize;
    }
    int m_capacity, m_headSize, m_length = 0;
    std::vector<std::vector<float>> m_keys, m_values;
};

} // namespace

CausalStack::CausalStack(CausalParts parts, ComputeContext& context)
    : m_parts(std::move(parts)), m_context(context), m_headSize(m_parts.facts.width / m_parts.facts.heads),
      m_activations(activationPrecision(m_parts.facts.effective)),
      m_attention({.heads = m_parts.facts.heads,
                   .keyValueHeads = m_parts.facts.keyValueHeads,
                   .headSize = m_headSize,
                   .causal = true,
                   .precision = m_activations},
                  context),
      m_scratch(static_cast<std::size_t>(context.threads().workers())) {
    const auto tile = static_cast<std::size_t>(kMostTileRows);
    for (TileScratch& scratch : m_scratch) {
        scratch.normed.reserve(tile * static_cast<std::size_t>(m_parts.facts.width) * sizeof(float));
        scratch.fused.reserve(tile * static_cast<std::size_t>(m_parts.blocks[0].queryKeyValue.outputs()) *
                              sizeof(float));
        scratch.hidden.reserve(
            tile * static_cast<std::size_t>(m_parts.blocks[0].feedForward.scratchPerRow()) * sizeof(float));
    }
}

void CausalStack::reserve(int samples, int length) {
    m_attention.reserve(samples, length);
    reserveRotary(length);
    reserveRows(samples * length);
}

void CausalStack::reserveRows(int rows) {
    const auto bytes =
        static_cast<std::size_t>(rows) * static_cast<std::size_t>(m_parts.facts.width) * sizeof(float);
    m_residual.reserve(bytes);
    m_attended.reserve(bytes);
}

/// As far as positions are used: the length that a config claims is held against no tensor, and a table of it
/// could be larger than the model.
void CausalStack::reserveRotary(int length) {
    if (m_parts.useRotary)
        m_parts.rotary.reserve(length);
}

/// scratch.fused [rows, (h + 2 h_kv) D] from the residual rows.
void CausalStack::fuse(const CausalParts::Block& block, int first, int rows, TileScratch& scratch,
                       int worker) {
    const float* x = m_residual.floats() + static_cast<std::ptrdiff_t>(first) * m_parts.facts.width;
    block.norm1.forward(x, rows, scratch.normed.data(), m_activations);
    block.queryKeyValue.forward(worker, scratch.normed.data(), scratch.fused.data(), rows);
}

void CausalStack::closeBlock(const CausalParts::Block& block, int rows) {
    if (rows <= kFewRows) {
        TileScratch& scratch = m_scratch.front();
        float* x = m_residual.floats();
        block.attentionOut.forwardShared(m_attended.data(), x, rows);
        block.norm2.forward(x, rows, scratch.normed.data(), m_activations);
        block.feedForward.forwardShared(scratch.normed.data(), x, rows, scratch.hidden.floats());
        return;
    }
    forEachTile(m_context.threads(), rows, [&](int first, int count, int worker) {
        TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        const auto offset = static_cast<std::size_t>(first) * static_cast<std::size_t>(m_parts.facts.width);
        float* x = m_residual.floats() + offset;
        block.attentionOut.forward(worker, m_attended.data() + offset * elementSize(m_activations), x, count);
        block.norm2.forward(x, count, scratch.normed.data(), m_activations);
        block.feedForward.forward(worker, scratch.normed.data(), x, count, scratch.hidden.floats());
    });
}

/// Keys and values of `rows`; what lies in the shared beginning is every sequence's.
void CausalStack::fileKeysValues(const float* fused, std::span<const std::int32_t> rows, int samples,
                                 int length, int shared) {
    const RotaryTable* rotary = m_parts.useRotary ? &m_parts.rotary : nullptr;
    const int stride = m_parts.blocks[0].queryKeyValue.outputs();
    const float* keyValue = fused + m_parts.facts.heads * m_headSize;
    for (std::size_t first = 0; first < rows.size();) {
        std::size_t end = first + 1;
        while (end < rows.size() && rows[end] == rows[end - 1] + 1)
            ++end;
        const float* from = keyValue + static_cast<std::ptrdiff_t>(first) * stride;
        const int row = rows[first], count = static_cast<int>(end - first);
        m_attention.fileKeysValues(from, stride, row, count, length, rotary);
        for (int sample = 1; sample < samples && row < shared; ++sample)
            m_attention.fileKeysValues(from, stride, sample * length + row, std::min(count, shared - row),
                                       length, rotary);
        first = end;
    }
}

void CausalStack::forward(std::span<const std::int32_t> rows, int samples, int length, int shared) {
    const int count = static_cast<int>(rows.size()), fused = m_parts.blocks[0].queryKeyValue.outputs();
    const RotaryTable* rotary = m_parts.useRotary ? &m_parts.rotary : nullptr;
    for (const CausalParts::Block& block : m_parts.blocks) {
        forEachTile(m_context.threads(), count, [&](int first, int tile, int worker) {
            TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
            fuse(block, first, tile, scratch, worker);
            m_attention.fileQueries(scratch.fused.floats(), fused, rows, first, tile, length, rotary);
            fileKeysValues(scratch.fused.floats(),
                           rows.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(tile)),
                           samples, length, shared);
        });
        m_attention.attend(rows, length, m_attended.data());
        closeBlock(block, count);
    }
}

std::unique_ptr<KeyValueCache> CausalStack::newCache(int capacity) const {
    return std::make_unique<SequenceCache>(m_parts.facts.blocks, m_parts.facts.keyValueHeads,
                                           std::min(capacity, m_parts.facts.length), m_headSize);
}

void CausalStack::normed(int first, int rows, void* out) const {
    m_parts.finalNorm.forward(m_residual.floats() + static_cast<std::ptrdiff_t>(first) * m_parts.facts.width,
                              rows, out, m_activations);
}

/// Queries, keys and values of `rows` rows from `first` on, rotated, of the block `index`: keys and values to
/// the cache, queries to [h, all, D] (null: nobody wants them).
void CausalStack::fileInCache(const float* fused, int index, int first, int rows, int past,
                              KeyValueCache& cache, float* queries, int all) {
    auto& sequence = static_cast<SequenceCache&>(cache);
    const ModelFacts& facts = m_parts.facts;
    const int size = m_headSize, stride = m_parts.blocks[0].queryKeyValue.outputs(), position = past + first;
    const float* cosine = m_parts.useRotary ? m_parts.rotary.cosine(position) : nullptr;
    const float* sine = m_parts.useRotary ? m_parts.rotary.sine(position) : nullptr;
    const auto file = [&](int column, bool rotated, float* to) {
        kernels().rotate(fused + column, rows, stride, size, rotated ? cosine : nullptr,
                         rotated ? sine : nullptr, to, Precision::F32);
    };
    for (int head = 0; head < facts.heads && queries != nullptr; ++head)
        file(head * size, true, queries + static_cast<std::ptrdiff_t>(head * all + first) * size);
    for (int head = 0; head < facts.keyValueHeads; ++head) {
        file((facts.heads + head) * size, true,
             sequence.keys(index, head) + static_cast<std::ptrdiff_t>(position) * size);
        file((facts.heads + facts.keyValueHeads + head) * size, false,
             sequence.values(index, head) + static_cast<std::ptrdiff_t>(position) * size);
    }
}

void CausalStack::extend(KeyValueCache& cache, int rows) {
    reserveRotary(cache.length() + rows);
    if (rows <= kFewRows)
        extendByFew(cache, rows);
    else
        extendByMany(cache, rows);
    static_cast<SequenceCache&>(cache).grow(rows);
}

/// A query at a time, straight from the cache; the threads share the outputs of every product.
void CausalStack::extendByFew(KeyValueCache& cache, int rows) {
    auto& sequence = static_cast<SequenceCache&>(cache);
    const ModelFacts& facts = m_parts.facts;
    const int past = sequence.length(), size = m_headSize;
    const float scale = 1.0f / std::sqrt(static_cast<float>(size));
    m_queries.reserve(static_cast<std::size_t>(rows * facts.width) * sizeof(float)); // [h, rows, D]
    for (int index = 0; index < facts.blocks; ++index) {
        const CausalParts::Block& block = m_parts.blocks[static_cast<std::size_t>(index)];
        TileScratch& own = m_scratch.front();
        block.norm1.forward(m_residual.floats(), rows, own.normed.data(), m_activations);
        block.queryKeyValue.forwardShared(own.normed.data(), own.fused.data(), rows);
        fileInCache(own.fused.floats(), index, 0, rows, past, cache, m_queries.floats(), rows);
        m_context.threads().forEach(rows * facts.heads, [&](int item, int) {
            const int row = item / facts.heads, head = item % facts.heads;
            const int shared = head * facts.keyValueHeads / facts.heads;
            thread_local std::vector<float> scores, attended;
            scores.resize(static_cast<std::size_t>(past + row + 1));
            attended.resize(static_cast<std::size_t>(size));
            kernels().attendOne(m_queries.floats() + static_cast<std::ptrdiff_t>(head * rows + row) * size,
                                sequence.keys(index, shared), sequence.values(index, shared), past + row + 1,
                                size, scale, scores.data(), attended.data());
            kernels().activate(attended.data(), 1, size, Activation::None,
                               m_attended.data() +
                                   (static_cast<std::size_t>(row) * static_cast<std::size_t>(facts.width) +
                                    static_cast<std::size_t>(head * size)) *
                                       elementSize(m_activations),
                               size, m_activations);
        });
        closeBlock(block, rows);
    }
}

/// As forward() has it, in products of many rows, over what the cache holds and the new rows.
void CausalStack::extendByMany(KeyValueCache& cache, int rows) {
    auto& sequence = static_cast<SequenceCache&>(cache);
    const ModelFacts& facts = m_parts.facts;
    const int past = sequence.length(), stride = m_parts.blocks[0].queryKeyValue.outputs();
    const RotaryTable* rotary = m_parts.useRotary ? &m_parts.rotary : nullptr;
    // Whole tiles of keys: there are few different products then, however long a sequence has grown.
    const int length =
        (past + rows + Attention::kQueryTile - 1) / Attention::kQueryTile * Attention::kQueryTile;
    m_attention.reserve(1, length);
    m_attention.clearBehind(past + rows, length);
    m_wanted.resize(static_cast<std::size_t>(rows));
    std::iota(m_wanted.begin(), m_wanted.end(), past);
    for (int index = 0; index < facts.blocks; ++index) {
        const CausalParts::Block& block = m_parts.blocks[static_cast<std::size_t>(index)];
        if (past > 0)
            m_context.threads().forEach(facts.keyValueHeads, [&](int head, int) {
                m_attention.fileKept(head, sequence.keys(index, head), sequence.values(index, head), past,
                                     length);
            });
        forEachTile(m_context.threads(), rows, [&](int first, int count, int worker) {
            TileScratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
            fuse(block, first, count, scratch, worker);
            const float* fused = scratch.fused.floats();
            fileInCache(fused, index, first, count, past, cache, nullptr, rows);
            m_attention.fileQueries(fused, stride, m_wanted, first, count, length, rotary);
            m_attention.fileKeysValues(fused + facts.heads * m_headSize, stride, past + first, count, length,
                                       rotary);
        });
        m_attention.attend(m_wanted, length, m_attended.data());
        closeBlock(block, rows);
    }
}

} // namespace steploom
