// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/attention.h"

#include "engine/core/thread_pool.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/kernels.h"

#include <algorithm>
#include <cmath>

namespace steploom {

Attention::Attention(const AttentionShape& shape, ComputeContext& context)
    : m_shape(shape), m_context(&context),
      m_elementSize(shape.precision == Precision::F32 ? sizeof(float) : sizeof(bf16_t)),
      m_scratch(static_cast<std::size_t>(context.threads().workers())) {}

int Attention::keysFor(int lastQuery, int length) const noexcept {
    return m_shape.causal ? lastQuery : length;
}

void Attention::reserve(int samples, int length) {
    const auto rows = static_cast<std::size_t>(samples) * static_cast<std::size_t>(length);
    const auto headBytes = static_cast<std::size_t>(m_shape.headSize) * m_elementSize;
    m_queries.reserve(rows * static_cast<std::size_t>(m_shape.heads) * headBytes);
    m_keys.reserve(rows * static_cast<std::size_t>(m_shape.keyValueHeads) * headBytes);
    m_values.reserve(rows * static_cast<std::size_t>(m_shape.keyValueHeads) * headBytes);
    for (int first = 0; first < length; first += kQueryTile) {
        const int keys = keysFor(std::min(first + kQueryTile, length), length);
        if (m_products.contains(keys))
            continue;
        MatMulCache& cache = m_context->matMuls();
        m_products[keys] = {cache.get({.inputs = m_shape.headSize,
                                       .outputs = keys,
                                       .weights = MatMulSpec::Weights::PlainTransposed,
                                       .precision = m_shape.precision}),
                            cache.get({.inputs = keys,
                                       .outputs = m_shape.headSize,
                                       .weights = MatMulSpec::Weights::Plain,
                                       .precision = m_shape.precision})};
    }
    const auto scores = static_cast<std::size_t>(kQueryTile) * static_cast<std::size_t>(length);
    for (Scratch& scratch : m_scratch) {
        scratch.scores.reserve(scores * sizeof(float));
        if (m_shape.precision != Precision::F32)
            scratch.weights.reserve(scores * m_elementSize);
        scratch.values.reserve(static_cast<std::size_t>(kQueryTile * m_shape.headSize) * sizeof(float));
        scratch.sums.resize(kQueryTile);
        scratch.valid.resize(kQueryTile);
    }
}

std::byte* Attention::part(Buffer& buffer, int heads, int sample, int head, int position, int length) const {
    const auto row = (static_cast<std::size_t>(sample) * static_cast<std::size_t>(heads) +
                      static_cast<std::size_t>(head)) *
                         static_cast<std::size_t>(length) +
                     static_cast<std::size_t>(position);
    return buffer.data() + row * static_cast<std::size_t>(m_shape.headSize) * m_elementSize;
}

void Attention::fileRows(const float* qkv, int firstRow, int rows, int length, const RotaryTable* rotary) {
    const int fused = m_shape.fusedWidth(), size = m_shape.headSize;
    while (rows > 0) {
        // Rows of one sample at a time: positions restart with each.
        const int sample = firstRow / length, position = firstRow % length;
        const int count = std::min(rows, length - position);
        const float* cosine = rotary ? rotary->cosine(position) : nullptr;
        const float* sine = rotary ? rotary->sine(position) : nullptr;
        const auto file = [&](int column, Buffer& buffer, int heads, int head, bool rotated) {
            kernels().rotate(qkv + column, count, fused, size, rotated ? cosine : nullptr,
                             rotated ? sine : nullptr, part(buffer, heads, sample, head, position, length),
                             m_shape.precision);
        };
        for (int head = 0; head < m_shape.heads; ++head)
            file(head * size, m_queries, m_shape.heads, head, true);
        for (int head = 0; head < m_shape.keyValueHeads; ++head) {
            file((m_shape.heads + head) * size, m_keys, m_shape.keyValueHeads, head, true);
            file((m_shape.heads + m_shape.keyValueHeads + head) * size, m_values, m_shape.keyValueHeads, head,
                 false);
        }
        qkv += static_cast<std::ptrdiff_t>(count) * fused;
        firstRow += count;
        rows -= count;
    }
}

void Attention::attend(int samples, int length, void* out) {
    const int tiles = (length + kQueryTile - 1) / kQueryTile;
    m_context->threads().forEach(samples * m_shape.heads * tiles, [&](int index, int worker) {
        const int tile = index % tiles, head = index / tiles % m_shape.heads,
                  sample = index / tiles / m_shape.heads;
        attendTile(sample, head, tile * kQueryTile, length, static_cast<std::byte*>(out), worker);
    });
}

void Attention::attendTile(int sample, int head, int firstQuery, int length, std::byte* out, int worker) {
    const int queries = std::min(kQueryTile, length - firstQuery), size = m_shape.headSize;
    const int keys = keysFor(firstQuery + queries, length);
    const int shared = head * m_shape.keyValueHeads / m_shape.heads;
    const Products& products = m_products.at(keys);
    Scratch& scratch = m_scratch[static_cast<std::size_t>(worker)];

    products.scores->runPlain(worker, part(m_queries, m_shape.heads, sample, head, firstQuery, length),
                              part(m_keys, m_shape.keyValueHeads, sample, shared, 0, length),
                              scratch.scores.data(), queries);
    for (int query = 0; query < queries; ++query)
        scratch.valid[static_cast<std::size_t>(query)] = m_shape.causal ? firstQuery + query + 1 : keys;
    std::byte* const weights =
        m_shape.precision == Precision::F32 ? scratch.scores.data() : scratch.weights.data();
    kernels().softmax(scratch.scores.floats(), queries, keys, keys, scratch.valid.data(),
                      1.0f / std::sqrt(static_cast<float>(size)), weights, scratch.sums.data(),
                      m_shape.precision);
    products.values->runPlain(worker, weights,
                              part(m_values, m_shape.keyValueHeads, sample, shared, 0, length),
                              scratch.values.data(), queries);
    // Dividing D sums by the softmax denominator is cheaper than dividing all the weights before.
    const auto row = static_cast<std::size_t>(sample) * static_cast<std::size_t>(length) +
                     static_cast<std::size_t>(firstQuery);
    const auto column = static_cast<std::size_t>(head * size);
    kernels().divideRows(scratch.values.floats(), queries, size, scratch.sums.data(),
                         out + (row * static_cast<std::size_t>(m_shape.width()) + column) * m_elementSize,
                         m_shape.width(), m_shape.precision);
}

} // namespace steploom
