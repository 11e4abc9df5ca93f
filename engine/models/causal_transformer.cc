// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: S samples, L positions, d width, h heads, h_kv key heads, D head size, V vocabulary. Rows = S · L.
#include "engine/models/causal_transformer.h"

#include "engine/layers/tiles.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/kernels.h"

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

/// Rows whose logits a worker holds at once when only likelihoods are wanted: 6 MB at V = 50,257.
constexpr int kScoredRows = 32;

/// Positions from the first on that hold the same tokens in every sequence. Causal: what is computed for them
/// is the same, too.
int sharedBeginning(std::span<const std::int32_t> tokens, int samples, int length) {
    int shared = samples > 1 ? length : 0;
    for (int sample = 1; sample < samples; ++sample)
        for (int position = 0; position < shared; ++position)
            if (tokens[static_cast<std::size_t>(sample * length + position)] !=
                tokens[static_cast<std::size_t>(position)])
                shared = position;
    return shared;
}

} // namespace

CausalTransformer::CausalTransformer(CausalParts parts, ComputeContext& context)
    : m_stack(std::move(parts), context), m_context(context),
      m_scratch(static_cast<std::size_t>(context.threads().workers())) {
    const auto width = static_cast<std::size_t>(facts().width),
               vocabulary = static_cast<std::size_t>(facts().vocabulary);
    for (Scratch& scratch : m_scratch) {
        scratch.normed.reserve(static_cast<std::size_t>(kMostTileRows) * width * sizeof(float));
        scratch.logits.reserve(static_cast<std::size_t>(kScoredRows) * vocabulary * sizeof(float));
    }
}

void CausalTransformer::reserve(int samples, int length) {
    m_stack.reserve(samples, length);
    m_rows.reserve(static_cast<std::size_t>(samples) * static_cast<std::size_t>(length));
}

void CausalTransformer::embed(std::int32_t token, int position, float* x) const {
    m_stack.parts().tokens.copy(token, x);
    if (!m_stack.parts().useRotary)
        m_stack.parts().positions.add(position, x);
}

void CausalTransformer::hiddenStates(std::span<const std::int32_t> tokens, int samples, int length,
                                     int shared) {
    reserve(samples, length);
    m_rows.clear();
    for (int row = 0; row < samples * length; ++row)
        if (row < length || row % length >= shared)
            m_rows.push_back(row);
    float* x = m_stack.residual();
    for (const std::int32_t row : m_rows) {
        embed(tokens[static_cast<std::size_t>(row)], row % length, x);
        x += facts().width;
    }
    m_stack.forward(m_rows, samples, length, shared);
}

void CausalTransformer::projectRows(int first, int rows, float* out, int worker) {
    Scratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
    m_stack.normed(first, rows, scratch.normed.data());
    m_stack.parts().head.forward(worker, scratch.normed.data(), out, rows);
}

void CausalTransformer::logits(std::span<const std::int32_t> tokens, int samples, int length,
                               std::span<float> out) {
    hiddenStates(tokens, samples, length, 0);
    forEachTile(m_context.threads(), samples * length, [&](int first, int count, int worker) {
        projectRows(first, count, out.data() + static_cast<std::ptrdiff_t>(first) * facts().vocabulary,
                    worker);
    });
}

void CausalTransformer::negativeLogLikelihood(std::span<const std::int32_t> tokens, int samples, int length,
                                              std::span<float> out) {
    const int shared = sharedBeginning(tokens, samples, length), vocabulary = facts().vocabulary;
    hiddenStates(tokens, samples, length, shared);
    const int rows = static_cast<int>(m_rows.size());
    m_context.threads().forEach((rows + kScoredRows - 1) / kScoredRows, [&](int index, int worker) {
        const int first = index * kScoredRows, count = std::min(kScoredRows, rows - first);
        float* const scores = m_scratch[static_cast<std::size_t>(worker)].logits.floats();
        projectRows(first, count, scores, worker);
        for (int i = first; i < first + count; ++i) {
            const std::int32_t row = m_rows[static_cast<std::size_t>(i)];
            const int position = row % length;
            if (position == length - 1)
                continue; // its logits predict a token beyond the text
            const float* rowScores = scores + static_cast<std::ptrdiff_t>(i - first) * vocabulary;
            const float logSum = kernels().logSumExp(rowScores, vocabulary);
            const int sample = row / length, end = position < shared ? samples : sample + 1;
            for (int each = sample; each < end; ++each) {
                const std::int32_t next = tokens[static_cast<std::size_t>(each * length + position + 1)];
                out[static_cast<std::size_t>(each * (length - 1) + position)] = logSum - rowScores[next];
            }
        }
    });
}

void CausalTransformer::extend(KeyValueCache& cache, std::span<const std::int32_t> tokens,
                               std::span<float> out) {
    const int rows = static_cast<int>(tokens.size()), past = cache.length();
    m_stack.reserveRows(rows);
    for (int row = 0; row < rows; ++row)
        embed(tokens[static_cast<std::size_t>(row)], past + row,
              m_stack.residual() + static_cast<std::ptrdiff_t>(row) * facts().width);
    m_stack.extend(cache, rows);
    // One row: the threads share the vocabulary.
    m_stack.normed(rows - 1, 1, m_scratch.front().normed.data());
    m_stack.parts().head.forwardShared(m_scratch.front().normed.data(), out.data(), 1);
}

} // namespace steploom
