// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace steploom {

/// A checkpoint of a model, judged twice on the same text.
struct CorrelationPoint {
    std::string name; ///< of its folder
    std::string sha256;
    Estimate crossEntropy;           ///< nats a token
    std::optional<Estimate> brierLm; ///< none where it is not defined

    friend bool operator==(const CorrelationPoint&, const CorrelationPoint&) = default;
};

/// BrierLM against cross-entropy over checkpoints of one model (CALM paper, arXiv 2510.27688: Pearson -0.966,
/// Spearman -0.991). The correlations are over the points that have both; NaN below three.
struct CorrelationStudy {
    std::vector<CorrelationPoint> points; ///< in the order of the checkpoints
    Estimate pearson, spearman;
    bool stopped = false;

    friend bool operator==(const CorrelationStudy&, const CorrelationStudy&) = default;
};

/// {points: [{name, sha256, cross_entropy, brier_lm (null: not defined)}], pearson, spearman, stopped}.
/// Reading throws nlohmann::json::exception for what is missing or unfit.
void to_json(nlohmann::json& json, const CorrelationStudy& study);
void from_json(const nlohmann::json& json, CorrelationStudy& study);

} // namespace steploom
