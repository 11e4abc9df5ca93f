// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/brier_plot.h"

#include "app/widgets/number_format.h"
#include "app/widgets/step_words.h"
#include "app/widgets/theme.h"
#include "engine/models/compute_calculator.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("BrierPlot", text); }

/// A colour and a mark for each kind of series.
struct Look {
    QColor color;
    PlotMarker marker = PlotMarker::Disc;
    QString series;
};

Look lookOf(const BrierStudyPoint& point) {
    const ThemeColors& colors = Theme::instance().colors();
    if (!point.schedule.empty())
        return {colors.fourth, PlotMarker::Triangle, tr("CALM, mixed by a schedule")};
    switch (point.kind) {
    case GenerationKind::Calm:
        return {colors.light, PlotMarker::Square, tr("CALM")};
    case GenerationKind::Autoregressive:
        return {colors.heavy, PlotMarker::Disc, tr("autoregressive")};
    case GenerationKind::MaskedDiffusion:
        break;
    }
    return {colors.third, PlotMarker::Diamond, tr("masked diffusion")};
}

QString settingsOf(const BrierStudyPoint& point) {
    if (point.kind != GenerationKind::Calm || point.temperature >= 1)
        return {};
    return tr("T = %1, N = %2").arg(formatNumber(point.temperature, 3)).arg(point.candidates);
}

QString nameOf(const BrierStudyPoint& point) {
    return QString::fromStdString(point.schedule.empty() ? point.model : point.schedule);
}

double computeOf(const BrierStudyPoint& point, BrierAxis axis) {
    return axis == BrierAxis::Inference ? point.inferenceFlops : point.trainingFlops.value_or(0);
}

/// Nothing where it is not defined.
std::optional<Estimate> scoreOf(const BrierStudyPoint& point, BrierOrder order) {
    return order == 0 ? point.brier.score : point.brier.orders.at(static_cast<std::size_t>(order - 1));
}

PlotPoint pointOf(const BrierStudyPoint& each, BrierAxis axis, BrierOrder order) {
    const Look look = lookOf(each);
    const Estimate score = scoreOf(each, order).value_or(Estimate());
    PlotPoint point{.x = computeOf(each, axis), .y = score.value, .label = {}};
    if (score.n > 1) {
        point.low = score.low;
        point.high = score.high;
    }
    const QString settings = settingsOf(each);
    point.label = settings.isEmpty() ? nameOf(each) : QStringLiteral("%1 · %2").arg(nameOf(each), settings);
    point.color = look.color;
    point.marker = look.marker;
    point.series = look.series;
    point.schedule = QString::fromStdString(each.schedule);
    QStringList lines{QStringLiteral("%1 · %2").arg(kindText(each.kind), QString::fromStdString(each.model))};
    if (!each.schedule.empty())
        lines << QString::fromStdString(each.schedule);
    if (!settings.isEmpty())
        lines << settings;
    lines << tr("%1 %2 (n = %3)").arg(brierOrderName(order), formatEstimate(score)).arg(score.n)
          << tr("inference %1 a token").arg(formatFlops(each.inferenceFlops));
    if (each.trainingFlops)
        lines << tr("training %1").arg(formatFlops(*each.trainingFlops));
    if (!each.estimator.empty())
        lines << QString::fromStdString(each.estimator);
    point.tooltip = lines.join(u'\n');
    return point;
}

void addPublished(Plot& plot, BrierAxis axis) {
    const QColor color = Theme::instance().colors().dim;
    const QString series = tr("published: CALM paper, table 1");
    for (const PublishedCompute& row : publishedCompute()) {
        PlotPoint point{.x = axis == BrierAxis::Inference ? row.inferenceFlops : row.trainingFlops,
                        .y = row.brierLm,
                        .label = QString::fromStdString(row.name),
                        .tooltip = {},
                        .color = color,
                        .series = series,
                        .marker = row.calm ? PlotMarker::Square : PlotMarker::Disc};
        point.tooltip =
            tr("%1, as published (arXiv 2510.27688)\nBrierLM %2\ninference %3 a token\ntraining %4\nOf "
               "another text and tokenizer: a reference, no competitor")
                .arg(point.label, formatNumber(row.brierLm, 3), formatFlops(row.inferenceFlops),
                     formatFlops(row.trainingFlops));
        plot.points.push_back(std::move(point));
    }
    // The series of each kind, so that they read as what they are: a line through sizes of one recipe.
    for (const bool calm : {false, true}) {
        PlotCurve curve{.name = series, .color = color, .width = 1, .dashed = true};
        for (const PublishedCompute& row : publishedCompute())
            if (row.calm == calm)
                curve.values.push_back(
                    {axis == BrierAxis::Inference ? row.inferenceFlops : row.trainingFlops, row.brierLm});
        plot.curves.push_back(std::move(curve));
    }
}

Plot emptyPlot(BrierAxis axis, BrierOrder order) {
    Plot plot;
    plot.x = {.title = axis == BrierAxis::Inference ? tr("inference, executed FLOPs a generated token")
                                                    : tr("training, FLOPs in all"),
              .quantity = PlotQuantity::Flops,
              .logarithmic = true};
    plot.y.title = brierOrderName(order);
    return plot;
}

} // namespace

Plot publishedBrierPlot(BrierAxis axis) {
    Plot plot = emptyPlot(axis, 0);
    addPublished(plot, axis);
    return plot;
}

QString brierOrderName(BrierOrder order) { return order == 0 ? tr("BrierLM") : tr("Brier-%1").arg(order); }

Plot brierPlot(const BrierStudy& study, BrierAxis axis, bool published, BrierOrder order) {
    Plot plot = emptyPlot(axis, order);
    for (const BrierStudyPoint& each : study.points)
        if (const auto score = scoreOf(each, order);
            score && std::isfinite(score->value) && computeOf(each, axis) > 0)
            plot.points.push_back(pointOf(each, axis, order));
    if (published && order == 0)
        addPublished(plot, axis);
    return plot;
}

BrierLeftOut leftOut(const BrierStudy& study, BrierAxis axis, BrierOrder order) {
    BrierLeftOut left;
    for (const BrierStudyPoint& each : study.points) {
        if (!scoreOf(each, order))
            ++left.undefined;
        else if (!(computeOf(each, axis) > 0))
            ++left.untold;
    }
    return left;
}

QStringList ablatedModels(const BrierStudy& study) {
    QStringList models;
    for (const BrierStudyPoint& each : study.points) {
        const QString name = QString::fromStdString(each.model);
        if (each.kind != GenerationKind::Calm || !each.schedule.empty() || models.contains(name))
            continue;
        const auto others = std::ranges::count_if(study.points, [&](const BrierStudyPoint& other) {
            return other.model == each.model && other.kind == each.kind && other.schedule.empty();
        });
        if (others > 1)
            models << name;
    }
    return models;
}

Plot ablationPlot(const BrierStudy& study, const std::string& model, BrierOrder order) {
    Plot plot;
    plot.x.title = tr("temperature T");
    plot.y.title = brierOrderName(order);
    std::vector<const BrierStudyPoint*> points;
    std::set<int> candidates;
    for (const BrierStudyPoint& each : study.points)
        if (each.model == model && each.kind == GenerationKind::Calm && each.schedule.empty() &&
            scoreOf(each, order)) {
            points.push_back(&each);
            if (each.temperature < 1)
                candidates.insert(each.candidates);
        }
    std::ranges::sort(points, {}, &BrierStudyPoint::temperature);
    constexpr std::array kMarkers{PlotMarker::Disc, PlotMarker::Square, PlotMarker::Triangle,
                                  PlotMarker::Diamond};
    constexpr std::array kColors{0, 1, 2, 3, 4, 5, 7}; // of the members', without Okabe–Ito's yellow
    std::size_t line = 0;
    for (const int n : candidates) {
        PlotCurve curve{.name = tr("N = %1").arg(n)};
        curve.color = Theme::instance().paletteColor(kColors[line % kColors.size()]);
        curve.width = 1.5;
        for (const BrierStudyPoint* each : points) {
            // At temperature 1 nothing is chosen among: one draw is what every N comes to.
            if (each->temperature < 1 && each->candidates != n)
                continue;
            PlotPoint point = pointOf(*each, BrierAxis::Inference, order);
            point.x = each->temperature;
            point.label.clear();
            point.series = curve.name;
            point.color = curve.color;
            point.marker = kMarkers[line % kMarkers.size()];
            curve.values.push_back({point.x, point.y});
            plot.points.push_back(std::move(point));
        }
        plot.curves.push_back(std::move(curve));
        ++line;
    }
    return plot;
}

QString brierLabel(const BrierRecord& study) {
    const nlohmann::json& settings = study.stored.settings;
    const auto points = study.result.points.size();
    QStringList parts{points == 1 ? tr("1 point") : tr("%1 points").arg(points)};
    if (const int windows = numberSetting(settings, "windows"))
        parts += tr("%1 windows").arg(windows);
    parts += QString::fromStdString(textSetting(settings, "text"));
    parts += dayOf(study.stored);
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

} // namespace steploom
