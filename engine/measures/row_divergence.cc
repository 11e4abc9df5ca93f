// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/row_divergence.h"

#include "engine/tensor/kernel_math.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace steploom {

namespace {

/// Floats are summed in stretches this long, the stretches in double: the error stays that of a stretch.
constexpr std::size_t kStretch = 512;

} // namespace

double RowWeights::logSum() const noexcept { return top + std::log(sum); }

RowWeights weightsOf(std::span<const float> logits) noexcept {
    RowWeights weights;
    float top = logits[0];
    for (const float logit : logits)
        top = logit > top ? logit : top;
    weights.top = top;
    for (std::size_t from = 0; from < logits.size(); from += kStretch) {
        const float* row = logits.data() + from;
        const std::size_t count = std::min(kStretch, logits.size() - from);
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t i = 0; i < count; ++i)
            sum += fastExp(row[i] - top);
        weights.sum += sum;
    }
    return weights;
}

double divergence(std::span<const float> p, const RowWeights& pWeights, std::span<const float> q,
                  const RowWeights& qWeights) noexcept {
    // Differences of the tops are taken out first: what is left is small where the two agree.
    const float shift = pWeights.top - qWeights.top;
    double weighted = 0;
    for (std::size_t from = 0; from < p.size(); from += kStretch) {
        const float* pRow = p.data() + from;
        const float* qRow = q.data() + from;
        const std::size_t count = std::min(kStretch, p.size() - from);
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t i = 0; i < count; ++i)
            sum += fastExp(pRow[i] - pWeights.top) * (pRow[i] - qRow[i] - shift);
        weighted += sum;
    }
    // Σ p (log p − log q) = Σ p (pᵢ − qᵢ − shift) − log Σ exp(p − top) + log Σ exp(q − top)
    return weighted / pWeights.sum - std::log(pWeights.sum) + std::log(qWeights.sum);
}

} // namespace steploom
