// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/study_correlation.h"

#include "engine/core/error.h"

#include <limits>

namespace steploom {

namespace {

/// Two points lie on a line whatever they are: only from three on is there something to say.
Estimate correlated(Estimate (*correlation)(std::span<const double>, std::span<const double>, double),
                    std::span<const double> x, std::span<const double> y) {
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    if (x.size() < 3)
        return {kNaN, kNaN, kNaN, static_cast<int>(x.size())};
    return correlation(x, y, 0.95);
}

void correlate(CorrelationStudy& study) {
    std::vector<double> crossEntropy, brierLm;
    for (const CorrelationPoint& point : study.points)
        if (point.brierLm) {
            crossEntropy.push_back(point.crossEntropy.value);
            brierLm.push_back(point.brierLm->value);
        }
    study.pearson = correlated(pearsonCorrelation, crossEntropy, brierLm);
    study.spearman = correlated(spearmanCorrelation, crossEntropy, brierLm);
}

} // namespace

CorrelationStudy studyCorrelation(std::span<const CausalCheckpoint> checkpoints, const StudyText& text,
                                  CausalMeasuring settings, RunStore* store, ThreadPool* threads,
                                  CorrelationObserver& observer, const std::stop_token& stop) {
    if (checkpoints.empty())
        throw Error(ErrorKind::Request, {"cannot study the correlation", "checkpoints", "there is none",
                                         "Name the checkpoints of a training"});
    if (settings.context == 0)
        settings.context = checkpoints.front().positions / 2;
    CorrelationStudy study{.points = {}, .pearson = {}, .spearman = {}, .stopped = true};
    correlate(study);
    const int count = static_cast<int>(checkpoints.size());
    for (int index = 0; index < count; ++index) {
        const CausalCheckpoint& checkpoint = checkpoints[static_cast<std::size_t>(index)];
        observer.beginning(index, count, checkpoint.name);
        const Measured measured = measureCausal(
            checkpoint, text, settings, store, threads,
            [&](double share) { observer.advanced((index + share) / count); }, stop);
        const Measure* crossEntropy = measured.measure("cross_entropy");
        if (crossEntropy == nullptr)
            return study; // stopped
        CorrelationPoint& point = study.points.emplace_back();
        point = {.name = checkpoint.name,
                 .sha256 = checkpoint.sha256,
                 .crossEntropy = crossEntropy->estimate,
                 .brierLm = {}};
        if (const Measure* brierLm = measured.measure("brier_lm"))
            point.brierLm = brierLm->estimate;
        correlate(study);
        observer.advanced(static_cast<double>(index + 1) / count);
        observer.measured(study);
    }
    study.stopped = false;
    return study;
}

} // namespace steploom
