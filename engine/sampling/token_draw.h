// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/trace.h"

#include <span>
#include <vector>

namespace steploom {

struct DrawOptions {
    double temperature = 1.0;
    double topP = 1.0;
    std::int32_t maskToken = -1; ///< never drawn (SUBS: its logit is −∞)
    bool argmax = false;         ///< the closing call: no randomness
    bool float32Gumbel = false;  ///< draw as much published code does, for comparison only: see TokenDraw
    int topK = 0;                ///< the likeliest tokens, of which top-p takes its own; 0: all
};

/// What a draw says of the distribution it drew from.
struct DrawnFrom {
    double logTotal = 0; ///< log of all weights' sum, relative to the likeliest token's weight
    int tokens = 0;      ///< that could be drawn: those of the top-p set; 0 when no logit is a number
};

/// Draws tokens from logits by inverse CDF over a float64 softmax. Float32 Gumbel noise would truncate the
/// tail and lower the effective temperature (arXiv 2409.02908); DrawOptions::float32Gumbel does just that, so
/// that the effect can be shown. Keeps its buffers: one object per thread.
class TokenDraw {
public:
    /// Draws over up to this many tokens allocate nothing afterwards.
    void reserve(std::size_t vocabulary);
    /// `logits` [V], `uniform` in (0, 1). Ties and rounding go to the lower id. Position is the caller's to
    /// fill in.
    RevealedToken draw(std::span<const float> logits, const DrawOptions& options, double uniform);
    /// Of the last draw.
    const DrawnFrom& drawnFrom() const noexcept { return m_from; }

    /// The likeliest of the tokens that a draw from these logits could give, likeliest first, lower ids first
    /// among equals; `out` is filled to its end, with token −1 where there are fewer. `from`: of that draw.
    static void likeliest(std::span<const float> logits, const DrawOptions& options, const DrawnFrom& from,
                          std::span<LikelyToken> out);

private:
    std::vector<double> m_weights;
    std::vector<std::int32_t> m_order;
    DrawnFrom m_from;
};

} // namespace steploom
