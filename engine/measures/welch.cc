// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/welch.h"

#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <limits>
#include <numeric>

namespace steploom {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Standard error of the difference of two independent means, and the degrees of freedom that Welch and
/// Satterthwaite give its t.
struct UnpairedError {
    double error = 0;
    double degreesOfFreedom = 1;
};

UnpairedError unpairedError(std::span<const double> first, std::span<const double> second) {
    UnpairedError result;
    double variance = 0, weighted = 0;
    for (const std::span<const double> side : {first, second}) {
        const auto n = static_cast<double>(side.size());
        const double mean = std::accumulate(side.begin(), side.end(), 0.0) / n;
        double squares = 0;
        for (const double value : side)
            squares += (value - mean) * (value - mean);
        const double ofMean = squares / (n - 1) / n;
        variance += ofMean;
        weighted += ofMean * ofMean / (n - 1);
    }
    result.error = std::sqrt(variance);
    if (weighted > 0)
        result.degreesOfFreedom = variance * variance / weighted;
    return result;
}

} // namespace

Estimate unpairedDifference(std::span<const double> first, std::span<const double> second, double level) {
    const int n = static_cast<int>(first.size() + second.size());
    if (first.empty() || second.empty())
        return {kNaN, kNaN, kNaN, n};
    const auto meanOf = [](std::span<const double> values) {
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    };
    const double difference = meanOf(first) - meanOf(second);
    if (first.size() < 2 || second.size() < 2)
        return {difference, -kInfinity, kInfinity, n};
    const auto [error, degreesOfFreedom] = unpairedError(first, second);
    if (error == 0)
        return {difference, difference, difference, n};
    const boost::math::students_t distribution(degreesOfFreedom);
    const double margin =
        error * boost::math::quantile(boost::math::complement(distribution, (1 - level) / 2));
    return {difference, difference - margin, difference + margin, n};
}

double unpairedPValue(std::span<const double> first, std::span<const double> second) {
    if (first.size() < 2 || second.size() < 2)
        return kNaN;
    const double difference = unpairedDifference(first, second).value;
    const auto [error, degreesOfFreedom] = unpairedError(first, second);
    if (error == 0)
        return difference == 0 ? 1 : 0;
    const boost::math::students_t distribution(degreesOfFreedom);
    return 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(difference) / error));
}

} // namespace steploom
