// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/statistics.h"

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/thread_pool.h"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
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

double correlation(std::span<const double> x, std::span<const double> y) {
    const auto n = static_cast<double>(x.size());
    const double xMean = std::accumulate(x.begin(), x.end(), 0.0) / n,
                 yMean = std::accumulate(y.begin(), y.end(), 0.0) / n;
    double xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - xMean) * (x[i] - xMean);
        yy += (y[i] - yMean) * (y[i] - yMean);
        xy += (x[i] - xMean) * (y[i] - yMean);
    }
    return xx > 0 && yy > 0 ? std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0) : kNaN;
}

/// 1 for the smallest; equal values share the mean of their ranks.
std::vector<double> ranksOf(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
    std::vector<double> ranks(values.size());
    for (std::size_t from = 0; from < order.size();) {
        std::size_t to = from + 1;
        while (to < order.size() && values[order[to]] == values[order[from]])
            ++to;
        for (std::size_t i = from; i < to; ++i)
            ranks[order[i]] = static_cast<double>(from + 1 + to) / 2;
        from = to;
    }
    return ranks;
}

/// artanh r is about normal with variance `spread` / (n − 3).
Estimate aroundCorrelation(double r, int n, double spread, double level) {
    if (std::isnan(r))
        return {kNaN, kNaN, kNaN, n};
    if (n < 4)
        return {r, -1, 1, n};
    const boost::math::normal normal;
    const double quantile = boost::math::quantile(boost::math::complement(normal, (1 - level) / 2));
    const double z = std::atanh(r), margin = quantile * std::sqrt(spread / (n - 3));
    return {r, std::tanh(z - margin), std::tanh(z + margin), n};
}

/// Skewness of the figure over the rows, left out one at a time (Efron 1987, eq. 6.6).
double accelerationOf(std::span<const double> rows, std::span<const double> means,
                      const std::function<double(std::span<const double>)>& figure) {
    const std::size_t width = means.size(), n = rows.size() / width;
    std::vector<double> without(width), figures(n);
    double mean = 0;
    for (std::size_t row = 0; row < n; ++row) {
        for (std::size_t column = 0; column < width; ++column)
            without[column] =
                means[column] + (means[column] - rows[row * width + column]) / static_cast<double>(n - 1);
        figures[row] = figure(without);
        mean += figures[row] / static_cast<double>(n);
    }
    double squares = 0, cubes = 0;
    for (const double value : figures) {
        const double away = mean - value;
        squares += away * away;
        cubes += away * away * away;
    }
    const double acceleration = cubes / (6 * std::pow(squares, 1.5));
    return std::isfinite(acceleration) ? acceleration : 0;
}

/// Of sorted values, between neighbours by their distance.
double quantile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
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

double pairedPValue(std::span<const double> first, std::span<const double> second) {
    const Estimate difference = pairedDifference(first, second);
    if (difference.n < 2)
        return kNaN;
    const double margin = difference.margin();
    if (margin == 0)
        return difference.value == 0 ? 1 : 0;
    const double t = std::abs(difference.value) / margin * studentT(difference.n - 1, 0.95);
    return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(difference.n - 1), t));
}

std::vector<double> benjaminiHochberg(std::span<const double> pValues) {
    std::vector<std::size_t> order(pValues.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return pValues[i]; });
    std::vector<double> adjusted(pValues.size());
    double least = 1;
    for (std::size_t rank = order.size(); rank > 0;
         --rank) { // a larger p-value never gets the smaller adjusted one
        const double p = pValues[order[rank - 1]];
        least = std::min(least, p * static_cast<double>(order.size()) / static_cast<double>(rank));
        adjusted[order[rank - 1]] = least;
    }
    return adjusted;
}

Estimate pearsonCorrelation(std::span<const double> x, std::span<const double> y, double level) {
    requireSameLength(x.size(), y.size());
    const double r = correlation(x, y);
    return aroundCorrelation(r, static_cast<int>(x.size()), 1, level);
}

Estimate spearmanCorrelation(std::span<const double> x, std::span<const double> y, double level) {
    requireSameLength(x.size(), y.size());
    const double r = correlation(ranksOf(x), ranksOf(y));
    return aroundCorrelation(r, static_cast<int>(x.size()), 1 + r * r / 2, level);
}

Estimate bootstrapInterval(std::span<const double> rows, int columns,
                           const std::function<double(std::span<const double> means)>& figure,
                           const BootstrapOptions& options, ThreadPool* threads) {
    const auto width = static_cast<std::size_t>(columns);
    const std::size_t n = rows.size() / width;
    if (n == 0)
        return {kNaN, kNaN, kNaN, 0};
    std::vector<double> means(width);
    for (std::size_t row = 0; row < n; ++row)
        for (std::size_t column = 0; column < width; ++column)
            means[column] += rows[row * width + column] / static_cast<double>(n);
    const double value = figure(means);
    if (n == 1)
        return {value, -kInfinity, kInfinity, 1};

    const CounterRandom random(options.seed);
    std::vector<double> figures(static_cast<std::size_t>(options.resamples));
    const auto resample = [&](int index, int) {
        std::vector<double> sums(width);
        for (std::size_t drawn = 0; drawn < n; drawn += 4) {
            const auto words = random.words(Purpose::Bootstrap, static_cast<std::uint32_t>(index),
                                            static_cast<std::uint32_t>(drawn / 4), 0);
            for (std::size_t k = 0; k < std::min<std::size_t>(4, n - drawn); ++k) {
                // The upper word of word · n: uniform on 0…n − 1 up to n / 2³².
                const std::size_t row = std::uint64_t{words[k]} * n >> 32;
                for (std::size_t column = 0; column < width; ++column)
                    sums[column] += rows[row * width + column];
            }
        }
        for (double& sum : sums)
            sum /= static_cast<double>(n);
        figures[static_cast<std::size_t>(index)] = figure(sums);
    };
    if (threads)
        threads->forEach(options.resamples, resample);
    else
        for (int index = 0; index < options.resamples; ++index)
            resample(index, 0);
    if (std::ranges::any_of(figures, [](double f) { return std::isnan(f); }))
        return {value, kNaN, kNaN, static_cast<int>(n)};
    std::ranges::sort(figures);

    // Where the figure's distribution is skewed, percentiles alone miss the truth on one side: they are moved
    // by the bias of the resamples and by how fast the spread grows with the figure, which the jackknife
    // tells.
    const boost::math::normal normal;
    const auto below = std::ranges::lower_bound(figures, value) - figures.begin();
    const auto upTo = std::ranges::upper_bound(figures, value) - figures.begin();
    const double share = static_cast<double>(below + upTo) / 2 / options.resamples;
    if (!(share > 0 && share < 1)) // all of them on one side: nothing to correct by
        return {value, quantile(figures, (1 - options.level) / 2), quantile(figures, (1 + options.level) / 2),
                static_cast<int>(n)};
    const double bias = boost::math::quantile(normal, share);
    const double acceleration = accelerationOf(rows, means, figure);
    const auto moved = [&](double tail) {
        const double z = bias + boost::math::quantile(normal, tail);
        return boost::math::cdf(normal, bias + z / (1 - acceleration * z));
    };
    return {value, quantile(figures, moved((1 - options.level) / 2)),
            quantile(figures, moved((1 + options.level) / 2)), static_cast<int>(n)};
}

} // namespace steploom
