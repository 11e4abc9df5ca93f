// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace steploom {

/// ε of the log-linear noise schedule: tᵢ = 1 − i(1 − ε)/T.
inline constexpr double kNoiseEpsilon = 1e-5;

/// Expected share of positions still masked before `step` of `steps`: tᵢ.
constexpr double maskedShare(int step, int steps) noexcept { return 1 - step * (1 - kNoiseEpsilon) / steps; }

} // namespace steploom
