// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>

namespace steploom {

/// ε of the log-linear noise schedule: tᵢ = 1 − i(1 − ε)/T.
inline constexpr double kNoiseEpsilon = 1e-5;

/// Expected share of positions still masked before `step` of `steps`: tᵢ.
constexpr double maskedShare(int step, int steps) noexcept { return 1 - step * (1 - kNoiseEpsilon) / steps; }

/// The boundary between two of `steps` steps, 0…steps, at which the expected share is nearest to `share`.
inline int stepWithMasked(double share, int steps) noexcept {
    const double step = (1 - share) * steps / (1 - kNoiseEpsilon);
    return static_cast<int>(std::lround(std::clamp(step, 0.0, static_cast<double>(steps))));
}

/// σ of the log-linear noise at time t: what time-conditioned networks are told.
inline double noiseLevel(double t) noexcept { return -std::log1p(-(1 - kNoiseEpsilon) * t); }

} // namespace steploom
