// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/sampler.h"

#include <cstdint>
#include <span>

namespace steploom {

/// How sure the network is of a masked position: candidates with the highest value are revealed first.
/// Measured on p(x₀ | x_t) as the network gives it, the mask token left out, before temperature and top-p: so
/// a cold draw (LLaDA's temperature 0) is still ranked by the network's own probabilities.
/// * Confidence, Threshold: p of the token that was drawn (MaskGIT, arXiv 2202.04200; LLaDA, arXiv
/// 2502.09992;
///   Fast-dLLM, arXiv 2505.22618);
/// * Margin: p of the likeliest token minus p of the second (arXiv 2502.06768), whatever was drawn;
/// * Entropy: minus the entropy in nats, whatever was drawn.
/// `logits` [V]. −∞ where no logit is a number. 0 for samplers that do not look at candidates.
double certaintyOf(Sampler sampler, std::span<const float> logits, std::int32_t maskToken,
                   std::int32_t drawnToken);

} // namespace steploom
