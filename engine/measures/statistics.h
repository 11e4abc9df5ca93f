// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace steploom {

/// An estimate with its 95% interval.
struct Estimate {
    double value = 0;
    double low = 0;
    double high = 0;
    int n = 0;
    /// Half the interval's width; infinite below two observations.
    double margin() const noexcept { return (high - low) / 2; }

    friend bool operator==(const Estimate&, const Estimate&) = default;
};

/// Mean with Student's t interval at `level`. With n = 1 the interval is (−∞, ∞); with n = 0 all are NaN.
Estimate meanWithInterval(std::span<const double> values, double level = 0.95);

/// Ratio of sums Σnumerator / Σdenominator over clusters (samples) with the linearised (delta-method) t
/// interval: the token-weighted mean whose unit of sampling is the text, not the token. Same corner cases as
/// the mean.
Estimate ratioWithInterval(std::span<const double> numerators, std::span<const double> denominators,
                           double level = 0.95);

/// Mean of first[i] − second[i] with its interval (common random numbers). Spans of one length.
Estimate pairedDifference(std::span<const double> first, std::span<const double> second, double level = 0.95);

} // namespace steploom
