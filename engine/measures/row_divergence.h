// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace steploom {

/// A row of logits as a distribution: p = exp(logit − top) / sum.
struct RowWeights {
    float top = 0;
    double sum = 0;
    /// log Σ exp(logit)
    double logSum() const noexcept;
};

/// Of finite logits; to about 1e-6 relative.
RowWeights weightsOf(std::span<const float> logits) noexcept;

/// KL(p ‖ q) = Σ p (log p − log q) in nats, of two rows over the same tokens with their weights.
double divergence(std::span<const float> p, const RowWeights& pWeights, std::span<const float> q,
                  const RowWeights& qWeights) noexcept;

} // namespace steploom
