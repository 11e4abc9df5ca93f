// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/statistics.h"

#include "engine/core/error.h"

#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace steploom {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void requireSameLength(std::size_t first, std::size_t second) {
    if (first != second)
        throw Error(ErrorKind::Request, {"cannot estimate from pairs", "",
                                         "there are " + std::to_string(first) + " values on one side and " +
                                             std::to_string(second) + " on the other",
                                         "Pair the samples that both runs hold"});
}

/// Two-sided Student-t quantile: the interval of `level` is ± this many standard errors.
double studentT(int degreesOfFreedom, double level) {
    const boost::math::students_t distribution(degreesOfFreedom);
    return boost::math::quantile(boost::math::complement(distribution, (1 - level) / 2));
}

Estimate around(double value, double squares, double n, double scale, double level) {
    // squares / (n − 1): variance of one observation; / n: of their mean.
    const double error = std::sqrt(squares / (n - 1) / n) * scale;
    const double margin = studentT(static_cast<int>(n) - 1, level) * error;
    return {value, value - margin, value + margin, static_cast<int>(n)};
}

} // namespace

Estimate meanWithInterval(std::span<const double> values, double level) {
    const int n = static_cast<int>(values.size());
    if (n == 0)
        return {kNaN, kNaN, kNaN, 0};
    double sum = 0;
    for (const double value : values)
        sum += value;
    const double mean = sum / n;
    if (n == 1)
        return {mean, -kInfinity, kInfinity, 1};
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return around(mean, squares, n, 1, level);
}

Estimate ratioWithInterval(std::span<const double> numerators, std::span<const double> denominators,
                           double level) {
    requireSameLength(numerators.size(), denominators.size());
    const int n = static_cast<int>(numerators.size());
    double numerator = 0;
    double denominator = 0;
    // Clusters that weigh nothing say nothing of the spread either: they lend no degrees of freedom.
    int weighing = 0;
    for (int i = 0; i < n; ++i) {
        numerator += numerators[i];
        denominator += denominators[i];
        weighing += numerators[i] != 0 || denominators[i] != 0;
    }
    if (denominator == 0)
        return {kNaN, kNaN, kNaN, n};
    const double ratio = numerator / denominator;
    if (weighing < 2)
        return {ratio, -kInfinity, kInfinity, n};
    // Linearisation (Cochran, Sampling Techniques, §6.3): R̂ − R ≈ Σ(yᵢ − R xᵢ) / Σxᵢ.
    double squares = 0;
    for (int i = 0; i < n; ++i) {
        const double residual = numerators[i] - ratio * denominators[i];
        squares += residual * residual;
    }
    Estimate estimate = around(ratio, squares, weighing, weighing / denominator, level);
    estimate.n = n;
    return estimate;
}

Estimate pairedDifference(std::span<const double> first, std::span<const double> second, double level) {
    requireSameLength(first.size(), second.size());
    std::vector<double> differences(first.size());
    for (std::size_t i = 0; i < first.size(); ++i)
        differences[i] = first[i] - second[i];
    return meanWithInterval(differences, level);
}

} // namespace steploom
