// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/brier_lm.h"

#include "engine/core/error.h"
#include "engine/measures/text_windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace steploom {

namespace {

constexpr auto kOrders = static_cast<std::size_t>(kBrierOrders);

/// Leading tokens that two sequences of four have in common.
std::size_t commonTokens(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
    std::size_t n = 0;
    while (n < kOrders && a[n] == b[n])
        ++n;
    return n;
}

double scoreOf(std::span<const double> means) {
    if (std::ranges::any_of(means, [](double mean) { return mean <= 0; }))
        return 0;
    // Roots first: the product of four small means could underflow.
    double score = 100;
    for (const double mean : means)
        score *= std::pow(mean, 1.0 / kBrierOrders);
    return score;
}

} // namespace

BrierScores brierFromDraws(std::span<const std::int32_t> draws, std::span<const std::int32_t> truth) {
    const std::size_t count = draws.size() / kOrders;
    if (count < 2)
        throw Error(ErrorKind::Request,
                    {"cannot estimate Brier scores", "draws",
                     fmt::format("there is {} of each window, and collisions take two", count),
                     "Draw at least 2 continuations"});
    const auto draw = [&](std::size_t r) { return draws.subspan(r * kOrders, kOrders); };
    std::array<double, kBrierOrders> hits{}, collisions{};
    for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t n = 0; n < commonTokens(draw(r), truth); ++n)
            hits[n] += 1;
        for (std::size_t s = r + 1; s < count; ++s)
            for (std::size_t n = 0; n < commonTokens(draw(r), draw(s)); ++n)
                collisions[n] += 1;
    }
    const auto all = static_cast<double>(count);
    BrierScores scores{};
    for (std::size_t n = 0; n < kOrders; ++n)
        scores[n] = 2 * hits[n] / all - collisions[n] / (all * (all - 1) / 2);
    return scores;
}

BrierScores brierFromProbabilities(std::span<const double> truth, std::span<const double> collisions) {
    const std::size_t count = collisions.size() / kOrders;
    BrierScores scores{};
    for (std::size_t n = 0; n < kOrders; ++n) {
        double sum = 0;
        for (std::size_t r = 0; r < count; ++r)
            sum += collisions[r * kOrders + n];
        scores[n] = 2 * truth[n] - sum / static_cast<double>(count);
    }
    return scores;
}

BrierLm brierLmOf(std::span<const BrierScores> windows, int draws, BrierEstimator estimator,
                  const BootstrapOptions& options, ThreadPool* threads) {
    BrierLm brier{.draws = draws, .estimator = estimator};
    std::vector<double> rows, column(windows.size());
    for (std::size_t n = 0; n < kOrders; ++n) {
        std::ranges::transform(windows, column.begin(), [n](const BrierScores& scores) { return scores[n]; });
        brier.orders[n] = meanWithInterval(column, options.level);
    }
    if (windows.empty() ||
        std::ranges::any_of(brier.orders, [](const Estimate& mean) { return !(mean.value > 0); }))
        return brier;
    for (const BrierScores& scores : windows)
        rows.insert(rows.end(), scores.begin(), scores.end());
    brier.score = bootstrapInterval(rows, kBrierOrders, scoreOf, options, threads);
    return brier;
}

std::vector<Measure> brierMeasures(const BrierLm& brier, const nlohmann::json& settings) {
    const bool exact = brier.estimator == BrierEstimator::Probabilities;
    const std::string how =
        exact ? "the truth's probability exact, collisions from draws with the last token exact"
              : "all draws against the truth, all pairs of draws";
    nlohmann::json all = settings;
    all["draws"] = brier.draws;
    all["level"] = 0.95;
    std::vector<Measure> measures;
    if (brier.score)
        measures.push_back({.name = "brier_lm",
                            .estimate = *brier.score,
                            .estimator = "100 (Brier-1 Brier-2 Brier-3 Brier-4)^1/4 of the means; " + how +
                                         "; BCa bootstrap over windows",
                            .settings = all});
    for (std::size_t n = 0; n < kOrders; ++n)
        measures.push_back({.name = fmt::format("brier_{}", n + 1),
                            .estimate = brier.orders[n],
                            .estimator = "mean over windows; " + how + "; t interval",
                            .settings = all});
    return measures;
}

std::span<const std::int32_t> BrierWindows::contextOf(int window) const {
    const auto length = static_cast<std::size_t>(context);
    return std::span(tokens).subspan(static_cast<std::size_t>(window) * (length + kOrders), length);
}

std::span<const std::int32_t> BrierWindows::truthOf(int window) const {
    const auto length = static_cast<std::size_t>(context);
    return std::span(tokens).subspan(static_cast<std::size_t>(window) * (length + kOrders) + length, kOrders);
}

BrierWindows brierWindows(std::span<const std::int32_t> text, int context, int wanted) {
    if (context < 1)
        throw Error(ErrorKind::Request,
                    {"cannot measure BrierLM", "context", fmt::format("{} tokens are less than 1", context),
                     "Give at least one token to go on from"});
    BrierWindows windows{.context = context, .tokens = {}};
    for (const std::size_t start : spreadWindows(text.size(), context + kBrierOrders, wanted)) {
        const auto from = text.begin() + static_cast<std::ptrdiff_t>(start);
        windows.tokens.insert(windows.tokens.end(), from, from + context + kBrierOrders);
    }
    return windows;
}

} // namespace steploom
