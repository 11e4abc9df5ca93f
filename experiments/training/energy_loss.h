// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

namespace steploom {

/// What is known of the vectors that a head's draws should be like: z_m = mean + σ ⊙ noise_m.
struct PosteriorSamples {
    torch::Tensor mean, sigma; ///< [R, l] f32
    torch::Tensor noise;       ///< [R, M, l] f32, standard normal
};

/// The energy loss [R] of draws z̃ [R, N, l] f32 (CALM, arXiv 2510.27688, section 4.3; the energy score of
/// Gneiting and Raftery 2007, negated): 2/(NM) Σ ‖z_m − z̃_n‖^e − 1/(N(N − 1)) Σ_{n≠k} ‖z̃_n − z̃_k‖^e.
/// N ≥ 2, M ≥ 1, 0 < e < 2. Least in expectation for draws of the posterior's own distribution. Its gradient
/// goes to the draws alone; where two vectors meet, where there is none, it counts as 0.
torch::Tensor energyLoss(const torch::Tensor& draws, const PosteriorSamples& samples, double exponent);

namespace plain {
/// The same by matrix products, as on other devices than processors.
torch::Tensor energyLoss(const torch::Tensor& draws, const PosteriorSamples& samples, double exponent);
} // namespace plain

} // namespace steploom
