// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot.h"
#include "engine/runs/run.h"

#include <span>

namespace steploom {

/// What quality is held against.
enum class QualityAxis {
    Flops,   ///< executed FLOPs per finished sample
    Saved,   ///< share of executed FLOPs saved
    Seconds, ///< wall time of generation per finished sample
};

/// What quality is measured by.
enum class QualityMeasure {
    Perplexity, ///< generative, under an evaluator; lower is better
    BrierLm,    ///< against a text; higher is better
};

/// Somebody who judged runs: figures of different evaluators, contexts or strides (for BrierLM: of different
/// texts, contexts or windows) do not compare.
struct QualityJudge {
    std::string key; ///< equal for measures that compare
    QString name;    ///< "reader"; with the context behind it where two judges share a name
    int runs = 0;
    std::string evaluator; ///< SHA-256; empty for BrierLM
};
/// The judges of these runs, those with most runs first.
std::vector<QualityJudge> judgesOf(std::span<const RunSummary> runs,
                                   QualityMeasure measure = QualityMeasure::Perplexity);

struct QualityChoice {
    QualityAxis axis = QualityAxis::Flops;
    std::string judge;            ///< key; runs of others are left out
    bool groupBySchedule = false; ///< mean and interval over runs that differ in nothing but seed and samples
    bool logarithmic = false;     ///< the quality axis
    QualityMeasure measure = QualityMeasure::Perplexity;
};

/// Quality against compute.
struct QualityPlot {
    Plot plot;                              ///< with the Pareto line; id is the run's (the newest of a group)
    int unmeasured = 0;                     ///< finished or stopped runs without the measure
    int otherJudges = 0;                    ///< runs left out because another evaluator judged them
    int fewestSamples = 0, mostSamples = 0; ///< n of the points
};
QualityPlot qualityPlot(std::span<const RunSummary> runs, const QualityChoice& choice);

/// Points that no other beats in both directions, from left to right; lower is better unless
/// `higherIsBetter`, and so is less compute (more, where `moreIsBetter`).
std::vector<QPointF> paretoLine(std::span<const QPointF> points, bool moreIsBetter,
                                bool higherIsBetter = false);

} // namespace steploom
