// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <limits>

namespace steploom {

/// Negative log-likelihood of a text under an evaluator: the sum over its tokens but the first, which nothing
/// predicts (unless the tokenizer adds beginning tokens).
struct TextScore {
    double nats = 0;
    int tokens = 0; ///< scored tokens

    /// exp of the mean; NaN where no token was scored.
    double perplexity() const noexcept {
        return tokens > 0 ? std::exp(nats / tokens) : std::numeric_limits<double>::quiet_NaN();
    }
    friend bool operator==(const TextScore&, const TextScore&) = default;
};

} // namespace steploom
