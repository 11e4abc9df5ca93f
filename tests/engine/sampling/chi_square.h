// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/math/distributions/chi_squared.hpp>

#include <cstdint>
#include <map>
#include <span>

namespace steploom::testing {

/// p below which a test fails. Seeds are fixed, so a passing test passes for ever; a wrong law gives far
/// smaller p.
inline constexpr double kSmallestP = 1e-4;

/// Probability of a statistic at least as large, when the law is right.
inline double chiSquareTail(double statistic, int degrees) {
    if (degrees < 1)
        return 1;
    return boost::math::cdf(boost::math::complement(boost::math::chi_squared(degrees), statistic));
}

/// p-value of counts against equal chances.
inline double uniformP(std::span<const int> counts) {
    double total = 0, statistic = 0;
    for (int count : counts)
        total += count;
    const double expected = total / static_cast<double>(counts.size());
    for (int count : counts)
        statistic += (count - expected) * (count - expected) / expected;
    return chiSquareTail(statistic, static_cast<int>(counts.size()) - 1);
}

/// How often each outcome was seen by two samplers.
struct TwoSamples {
    std::map<std::uint64_t, std::pair<double, double>> counts;
    void first(std::uint64_t outcome) { ++counts[outcome].first; }
    void second(std::uint64_t outcome) { ++counts[outcome].second; }

    /// p-value of "both have one law" (Pearson's test of homogeneity). Outcomes seen fewer than 20 times are
    /// pooled.
    double p() const {
        double n = 0, m = 0;
        std::pair<double, double> rare{0, 0};
        for (const auto& [outcome, seen] : counts) {
            n += seen.first;
            m += seen.second;
        }
        double statistic = 0;
        int cells = 0;
        const auto add = [&](const std::pair<double, double>& seen) {
            const double all = seen.first + seen.second;
            const double expected = all * n / (n + m);
            const double difference = seen.first - expected;
            statistic += difference * difference * (1 / expected + 1 / (all - expected));
            ++cells;
        };
        for (const auto& [outcome, seen] : counts) {
            if (seen.first + seen.second < 20) {
                rare.first += seen.first;
                rare.second += seen.second;
            } else {
                add(seen);
            }
        }
        if (rare.first + rare.second >= 20)
            add(rare);
        return chiSquareTail(statistic, cells - 1);
    }
};

} // namespace steploom::testing
