// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/training_curves.h"

#include "app/widgets/number_format.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <memory>

namespace steploom {
namespace {

constexpr double kLossWidth = 1.2, kValidationWidth = 2.2; ///< px
constexpr float kLossAlpha = 0.55f;

QString tr(const char* text) { return QCoreApplication::translate("TrainingPlot", text); }

double coordinate(const TrainingPoint& point, TrainingAxis axis) {
    switch (axis) {
    case TrainingAxis::Steps:
        return static_cast<double>(point.step);
    case TrainingAxis::Tokens:
        return static_cast<double>(point.tokens);
    case TrainingAxis::Flops:
        return point.flops;
    case TrainingAxis::Seconds:
        break;
    }
    return point.seconds;
}

PlotAxis axisOf(const TrainingChoice& choice) {
    switch (choice.axis) {
    case TrainingAxis::Steps:
        return {tr("optimiser steps"), PlotQuantity::Plain, choice.logarithmicX};
    case TrainingAxis::Tokens:
        return {tr("tokens trained on"), PlotQuantity::Count, choice.logarithmicX};
    case TrainingAxis::Flops:
        return {tr("FLOPs spent"), PlotQuantity::Flops, choice.logarithmicX};
    case TrainingAxis::Seconds:
        break;
    }
    return {tr("wall time"), PlotQuantity::Seconds, choice.logarithmicX};
}

QString validationName(const TrainingSummary& training) {
    return training.validation.empty() ? tr("validation") : QString::fromStdString(training.validation);
}

/// e to the nats; what a NELBO gives is a bound.
QString perplexityText(const TrainingSummary& training, double nats) {
    const QString value = formatNumber(std::exp(nats), 3);
    return training.validation == "NELBO" ? tr("perplexity at most %1").arg(value)
                                          : tr("perplexity %1").arg(value);
}

QString tooltipOf(const TrainingSummary& training, const TrainingPoint& point) {
    QStringList lines{
        tr("%1 · step %2")
            .arg(QString::fromStdString(training.name), formatNumber(static_cast<double>(point.step)))};
    const bool nats = isInNatsPerToken(training);
    lines += (nats ? tr("loss %1 nats per token") : tr("loss %1")).arg(formatNumber(point.loss));
    if (point.validation) {
        lines += (nats ? tr("%1 %2 nats per token") : tr("%1 %2"))
                     .arg(validationName(training), formatNumber(*point.validation));
        if (nats)
            lines += perplexityText(training, *point.validation);
    }
    lines +=
        tr("%1 tokens, %2").arg(formatCount(static_cast<double>(point.tokens)), formatFlops(point.flops));
    lines += tr("%1, learning rate %2").arg(formatDuration(point.seconds), formatNumber(point.learningRate));
    return lines.join(u'\n');
}

/// The curve of one measure; `measure` gives nothing for a point that has none.
template <class Measure>
PlotCurve curveOf(const TrainingRun& run, const TrainingChoice& choice, Measure measure) {
    PlotCurve curve;
    auto points = std::make_shared<std::vector<TrainingPoint>>();
    for (const TrainingPoint& point : run.points) {
        const std::optional<double> value = measure(point);
        const double x = coordinate(point, choice.axis);
        if (!value || !std::isfinite(*value) || (choice.logarithmicX && x <= 0))
            continue;
        curve.values.push_back({x, *value});
        points->push_back(point);
    }
    curve.tooltip = [points, summary = run.summary](std::size_t index) {
        return tooltipOf(summary, (*points)[index]);
    };
    return curve;
}

} // namespace

QString trainingLabel(const TrainingSummary& training, std::span<const TrainingSummary> all) {
    const QString name = QString::fromStdString(training.name);
    return std::ranges::count(all, training.name, &TrainingSummary::name) > 1
               ? QStringLiteral("%1 #%2").arg(name).arg(training.id)
               : name;
}

bool isInNatsPerToken(const TrainingSummary& training) { return !training.kind.starts_with("calm"); }

Plot trainingPlot(std::span<const ShownTraining> trainings, const TrainingChoice& choice) {
    Plot plot;
    plot.x = axisOf(choice);
    const bool nats = std::ranges::all_of(
        trainings, [](const ShownTraining& training) { return isInNatsPerToken(training.run->summary); });
    plot.y = {nats ? tr("nats per token") : tr("loss, validation"), PlotQuantity::Plain, choice.logarithmicY};
    if (choice.measures != TrainingMeasures::Validation) {
        for (const ShownTraining& training : trainings) {
            PlotCurve curve = curveOf(*training.run, choice, [](const TrainingPoint& point) {
                return std::optional<double>(point.loss);
            });
            curve.name = tr("%1, loss").arg(training.label);
            curve.color = training.color;
            curve.color.setAlphaF(kLossAlpha);
            curve.width = kLossWidth;
            plot.curves.push_back(std::move(curve));
        }
    }
    if (choice.measures != TrainingMeasures::Loss) {
        for (const ShownTraining& training : trainings) {
            PlotCurve curve =
                curveOf(*training.run, choice, [](const TrainingPoint& point) { return point.validation; });
            curve.name = QStringLiteral("%1, %2").arg(training.label, validationName(training.run->summary));
            curve.color = training.color;
            curve.width = kValidationWidth;
            curve.marked = true;
            plot.curves.push_back(std::move(curve));
        }
    }
    return plot;
}

QString progressText(const TrainingSummary& training) {
    if (!training.last)
        return tr("no step yet");
    const QString step = formatNumber(static_cast<double>(training.last->step));
    return training.plannedSteps > 0
               ? tr("%1 of %2 steps").arg(step, formatNumber(static_cast<double>(training.plannedSteps)))
               : tr("%1 steps").arg(step);
}

QString figureText(const TrainingSummary& training) {
    if (training.lastValidation)
        return QStringLiteral("%1 %2").arg(validationName(training), formatNumber(*training.lastValidation));
    return training.last ? tr("loss %1").arg(formatNumber(training.last->loss)) : QString();
}

} // namespace steploom
