// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/search_result.h"
#include "engine/measures/step_importance.h"

#include <cstdint>
#include <vector>

namespace steploom {

/// What a schedule was expected to cost, and what it did.
struct PredictionPoint {
    StepSchedule schedule;
    std::int64_t run = 0;
    double predicted = 0; ///< nats a token, by KL (predictedCost)
    Estimate measured;    ///< nats a token more than the baseline, paired over samples

    friend bool operator==(const PredictionPoint&, const PredictionPoint&) = default;
};

struct PredictionStudy {
    std::vector<PredictionPoint> points; ///< those of the search that were not dropped, in its order
    Estimate pearson, spearman;          ///< of predicted and measured; NaN below three points
};

/// Holds a search against the importance of the same pool's steps. Throws Error(Schedule) when a schedule
/// uses a member that the profile lacks.
PredictionStudy comparePrediction(const SearchResult& search, const ImportanceProfile& importance);

} // namespace steploom
