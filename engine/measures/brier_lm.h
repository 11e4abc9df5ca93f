// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/measure.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace steploom {

class ThreadPool;

inline constexpr int kBrierOrders = 4;
/// Brier-1 … Brier-4 of one window: the next n tokens as one outcome.
using BrierScores = std::array<double, kBrierOrders>;

/// Estimates Brier(P, y) = 2P(y) − Σ P(x)² from R ≥ 2 independent draws of the next four tokens (CALM paper,
/// arXiv 2510.27688): twice the share of draws that agree with the truth, less the share of pairs of draws
/// that agree with each other, over all pairs. Unbiased for every order. `draws`: [R, 4], `truth`: [4].
/// Throws Error(Request) for R < 2.
BrierScores brierFromDraws(std::span<const std::int32_t> draws, std::span<const std::int32_t> truth);

/// The same where a model states probabilities, with less variance. `truth`: P(y₁…yₙ) for n = 1…4.
/// `collisions`: [R, 4], of each draw x at place n: P(x₁…xₙ₋₁) Σₓ P(x | x₁…xₙ₋₁)², whose mean over draws is
/// Σ P(x₁…xₙ)². One draw will do.
BrierScores brierFromProbabilities(std::span<const double> truth, std::span<const double> collisions);

enum class BrierEstimator {
    Draws,         ///< needs samples only: any model
    Probabilities, ///< the truth's probability and the last token's collision are exact: causal models
};

/// BrierLM over the windows of a text.
struct BrierLm {
    std::array<Estimate, kBrierOrders> orders; ///< means over windows, t intervals
    /// 100 · (Brier-1 · Brier-2 · Brier-3 · Brier-4)^¼ of the means, bootstrap interval over windows. None
    /// where a mean is not above 0: the score is then not defined, and two negative means make no positive
    /// score.
    std::optional<Estimate> score;
    int draws = 0;
    BrierEstimator estimator = BrierEstimator::Draws;

    friend bool operator==(const BrierLm&, const BrierLm&) = default;
};

/// A resample whose score is not defined counts as 0, which it would fall to. `draws`: R, to be told.
BrierLm brierLmOf(std::span<const BrierScores> windows, int draws, BrierEstimator estimator,
                  const BootstrapOptions& options = {}, ThreadPool* threads = nullptr);

/// "brier_lm" (left out where it is not defined) and "brier_1" … "brier_4", with these settings beside their
/// own.
std::vector<Measure> brierMeasures(const BrierLm& brier, const nlohmann::json& settings);

/// Windows of a text that are continued: contexts and the four tokens that follow them.
struct BrierWindows {
    int context = 0;                  ///< tokens that are given
    std::vector<std::int32_t> tokens; ///< [windows, context + 4]

    int count() const noexcept { return static_cast<int>(tokens.size()) / (context + kBrierOrders); }
    std::span<const std::int32_t> contextOf(int window) const;
    std::span<const std::int32_t> truthOf(int window) const;
};

/// Spread evenly over the text, without overlap: `wanted`, or as many as it holds. Throws as spreadWindows(),
/// and Error(Request) for a context below 1.
BrierWindows brierWindows(std::span<const std::int32_t> text, int context, int wanted);

} // namespace steploom
