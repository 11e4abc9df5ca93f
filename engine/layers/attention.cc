// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/attention.h"

#include "engine/core/thread_pool.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace steploom {

Attention::Attention(const AttentionShape& shape, ComputeContext& context)
    : m_shape(shape), m_context(&context), m_scratch(static_cast<std::size_t>(context.threads().workers())) {}

/// Keys that a tile of queries up to `lastRow` multiplies with. Causal: a multiple of the query tile, so that
/// there are few different products; what a query may not see gets weight 0.
int Attention::keysFor(std::int32_t lastRow, int length) const noexcept {
    const int seen = lastRow % length + 1;
    return m_shape.causal ? std::min((seen + kQueryTile - 1) / kQueryTile * kQueryTile, length) : length;
}

void Attention::reserve(int samples, int length) {
    const int rows = samples * length;
    const auto headBytes = static_cast<std::size_t>(m_shape.headSize) * elementSize(m_shape.precision);
    const auto perHead = static_cast<std::size_t>(rows) * headBytes;
    m_rows = std::max(m_rows, rows);
    m_queries.reserve(static_cast<std::size_t>(m_rows) * headBytes * static_cast<std::size_t>(m_shape.heads));
    m_keys.reserve(perHead * static_cast<std::size_t>(m_shape.keyValueHeads));
    m_values.reserve(perHead * static_cast<std::size_t>(m_shape.keyValueHeads));
    const int tiles = (length + kQueryTile - 1) / kQueryTile;
    m_tiles.reserve(static_cast<std::size_t>(samples) * static_cast<std::size_t>(tiles));
    for (int tile = 0; tile < tiles; ++tile) {
        const int keys = keysFor(std::min((tile + 1) * kQueryTile, length) - 1, length);
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
            scratch.weights.reserve(scores * elementSize(m_shape.precision));
        scratch.values.reserve(static_cast<std::size_t>(kQueryTile * m_shape.headSize) * sizeof(float));
        scratch.sums.resize(kQueryTile);
        scratch.valid.resize(kQueryTile);
    }
}

std::byte* Attention::part(Buffer& buffer, int sample, int head, int position, int length) const {
    const auto row = (static_cast<std::size_t>(sample) * static_cast<std::size_t>(m_shape.keyValueHeads) +
                      static_cast<std::size_t>(head)) *
                         static_cast<std::size_t>(length) +
                     static_cast<std::size_t>(position);
    return buffer.data() + row * static_cast<std::size_t>(m_shape.headSize) * elementSize(m_shape.precision);
}

std::byte* Attention::queries(int head, int index) {
    const auto row =
        static_cast<std::size_t>(head) * static_cast<std::size_t>(m_rows) + static_cast<std::size_t>(index);
    return m_queries.data() +
           row * static_cast<std::size_t>(m_shape.headSize) * elementSize(m_shape.precision);
}

void Attention::fileKeysValues(const float* keyValue, int stride, int firstRow, int rows, int length,
                               const RotaryTable* rotary) {
    const int size = m_shape.headSize, heads = m_shape.keyValueHeads;
    while (rows > 0) {
        // Rows of one sample at a time: positions restart with each.
        const int sample = firstRow / length, position = firstRow % length;
        const int count = std::min(rows, length - position);
        const float* cosine = rotary ? rotary->cosine(position) : nullptr;
        const float* sine = rotary ? rotary->sine(position) : nullptr;
        for (int head = 0; head < heads; ++head) {
            kernels().rotate(keyValue + head * size, count, stride, size, cosine, sine,
                             part(m_keys, sample, head, position, length), m_shape.precision);
            kernels().rotate(keyValue + (heads + head) * size, count, stride, size, nullptr, nullptr,
                             part(m_values, sample, head, position, length), m_shape.precision);
        }
        keyValue += static_cast<std::ptrdiff_t>(count) * stride;
        firstRow += count;
        rows -= count;
    }
}

void Attention::fileKept(int head, const float* keys, const float* values, int count, int length) {
    const int size = m_shape.headSize;
    kernels().rotate(keys, count, size, size, nullptr, nullptr, part(m_keys, 0, head, 0, length),
                     m_shape.precision);
    kernels().rotate(values, count, size, size, nullptr, nullptr, part(m_values, 0, head, 0, length),
                     m_shape.precision);
}

void Attention::clearBehind(int count, int length) {
    const std::size_t bytes = static_cast<std::size_t>(length - count) *
                              static_cast<std::size_t>(m_shape.headSize) * elementSize(m_shape.precision);
    for (int head = 0; head < m_shape.keyValueHeads; ++head)
        for (Buffer* buffer : {&m_keys, &m_values})
            std::memset(part(*buffer, 0, head, count, length), 0, bytes);
}

void Attention::fileQueries(const float* query, int stride, std::span<const std::int32_t> wanted, int first,
                            int count, int length, const RotaryTable* rotary) {
    const int end = first + count;
    while (first < end) {
        // Rows that follow each other in one sample at a time: their positions do, too.
        const int row = wanted[static_cast<std::size_t>(first)], position = row % length;
        int run = 1;
        while (first + run < end && position + run < length &&
               wanted[static_cast<std::size_t>(first + run)] == row + run)
            ++run;
        for (int head = 0; head < m_shape.heads; ++head)
            kernels().rotate(query + head * m_shape.headSize, run, stride, m_shape.headSize,
                             rotary ? rotary->cosine(position) : nullptr,
                             rotary ? rotary->sine(position) : nullptr, queries(head, first),
                             m_shape.precision);
        query += static_cast<std::ptrdiff_t>(run) * stride;
        first += run;
    }
}

void Attention::attend(std::span<const std::int32_t> wanted, int length, void* out) {
    const int rows = static_cast<int>(wanted.size());
    m_tiles.clear();
    for (int first = 0; first < rows;) {
        const int sample = wanted[static_cast<std::size_t>(first)] / length;
        int count = 1;
        while (count < kQueryTile && first + count < rows &&
               wanted[static_cast<std::size_t>(first + count)] / length == sample)
            ++count;
        m_tiles.push_back({first, count});
        first += count;
    }
    // Head by head, so that the tiles of one sample find its keys and values in the cache.
    const int tiles = static_cast<int>(m_tiles.size());
    m_context->threads().forEach(m_shape.heads * tiles, [&](int index, int worker) {
        attendTile(m_tiles[static_cast<std::size_t>(index % tiles)], index / tiles, wanted, length,
                   static_cast<std::byte*>(out), worker);
    });
}

void Attention::attendTile(const Tile& tile, int head, std::span<const std::int32_t> wanted, int length,
                           std::byte* out, int worker) {
    const int size = m_shape.headSize;
    const auto rows =
        wanted.subspan(static_cast<std::size_t>(tile.first), static_cast<std::size_t>(tile.count));
    const int sample = rows.front() / length, keys = keysFor(rows.back(), length);
    const int shared = head * m_shape.keyValueHeads / m_shape.heads;
    const Products& products = m_products.at(keys);
    Scratch& scratch = m_scratch[static_cast<std::size_t>(worker)];

    products.scores->runPlain(worker, queries(head, tile.first), part(m_keys, sample, shared, 0, length),
                              scratch.scores.data(), tile.count);
    for (std::size_t query = 0; query < rows.size(); ++query)
        scratch.valid[query] = m_shape.causal ? rows[query] % length + 1 : keys;
    std::byte* const weights =
        m_shape.precision == Precision::F32 ? scratch.scores.data() : scratch.weights.data();
    kernels().softmax(scratch.scores.floats(), tile.count, keys, keys, scratch.valid.data(),
                      1.0f / std::sqrt(static_cast<float>(size)), weights, scratch.sums.data(),
                      m_shape.precision);
    products.values->runPlain(worker, weights, part(m_values, sample, shared, 0, length),
                              scratch.values.data(), tile.count);
    // Dividing D sums by the softmax denominator is cheaper than dividing all the weights before.
    const auto place = static_cast<std::size_t>(tile.first) * static_cast<std::size_t>(m_shape.width()) +
                       static_cast<std::size_t>(head * size);
    kernels().divideRows(scratch.values.floats(), tile.count, size, scratch.sums.data(),
                         out + place * elementSize(m_shape.precision), m_shape.width(), m_shape.precision);
}

} // namespace steploom
