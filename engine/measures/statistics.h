// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace steploom {

class ThreadPool;

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

/// Two-sided p-value of Student's paired t test: how often a difference of the means as large as this one
/// comes about by chance. 1 where all differences are 0, 0 where they are all the same other number; NaN
/// below two pairs.
double pairedPValue(std::span<const double> first, std::span<const double> second);

/// Benjamini and Hochberg (1995, JRSS B 57): the p-values adjusted for there being many, in their order. Of
/// the comparisons with an adjusted value of at most q, a share of q is false on average.
std::vector<double> benjaminiHochberg(std::span<const double> pValues);

/// Product-moment correlation with Fisher's z interval. NaN where a side does not vary; the interval is (−1,
/// 1) below four pairs.
Estimate pearsonCorrelation(std::span<const double> x, std::span<const double> y, double level = 0.95);

/// Rank correlation, equal values at their mean rank, with the z interval of Bonett and Wright (2000,
/// Psychometrika 65). Same corner cases.
Estimate spearmanCorrelation(std::span<const double> x, std::span<const double> y, double level = 0.95);

struct BootstrapOptions {
    int resamples = 10000;
    std::uint64_t seed = 1;
    double level = 0.95;
};

/// A figure of the column means, with the bias-corrected and accelerated interval of the bootstrap over
/// rows (BCa; Efron 1987, JASA 82).
/// `rows`: [n, columns]; `figure` gets [columns] means and must be safe to call from several threads; where
/// it gives NaN so is the interval. The same for any number of threads. n = 1 says nothing of the spread:
/// (−∞, ∞).
Estimate bootstrapInterval(std::span<const double> rows, int columns,
                           const std::function<double(std::span<const double> means)>& figure,
                           const BootstrapOptions& options = {}, ThreadPool* threads = nullptr);

} // namespace steploom
