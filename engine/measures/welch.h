// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"

#include <span>

namespace steploom {

/// Mean of `first` − mean of `second`, whose values are independent of each other and may spread differently,
/// with Welch's t interval (1947, Biometrika 34). n counts both sides; the interval is (−∞, ∞) where a side
/// has one value, all are NaN where it has none.
Estimate unpairedDifference(std::span<const double> first, std::span<const double> second,
                            double level = 0.95);

/// Two-sided p-value of Welch's t test. Corner cases as of the paired test; NaN where a side has fewer than
/// two values.
double unpairedPValue(std::span<const double> first, std::span<const double> second);

} // namespace steploom
