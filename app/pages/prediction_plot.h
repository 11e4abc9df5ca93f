// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/importance_plot.h"
#include "app/pages/search_plot.h"
#include "engine/analyses/prediction_study.h"

namespace steploom {

using ImportanceRecord = AnalysisRecord<ImportanceProfile>;

/// The importance of the steps of the very models of a search (letter and SHA-256), whole ones before partial
/// ones, then the newest; null: none is stored.
const ImportanceRecord* importanceFor(const nlohmann::json& searchSettings,
                                      const std::vector<ImportanceRecord>& importances);
/// A point a schedule, with the line of least squares through them.
Plot predictionPlot(const PredictionStudy& study);

/// The line of least squares through points, at their smallest and largest x; empty below two, and where x
/// does not vary.
std::vector<QPointF> leastSquares(const std::vector<PlotPoint>& points);
/// Draws it through the plot's points, where there is one.
void addLeastSquares(Plot& plot);

} // namespace steploom
