// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/correlation_plot.h"

#include "app/pages/prediction_plot.h"
#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("CorrelationPlot", text); }

} // namespace

Plot correlationPlot(const CorrelationStudy& study) {
    Plot plot;
    plot.x.title = tr("cross-entropy, nats a token");
    plot.y.title = tr("BrierLM");
    for (const CorrelationPoint& each : study.points) {
        if (!each.brierLm || !std::isfinite(each.brierLm->value) || !std::isfinite(each.crossEntropy.value))
            continue;
        PlotPoint point{.x = each.crossEntropy.value, .y = each.brierLm->value, .label = {}};
        if (each.brierLm->n > 1) {
            point.low = each.brierLm->low;
            point.high = each.brierLm->high;
        }
        if (each.crossEntropy.n > 1)
            point.across = {each.crossEntropy.low, each.crossEntropy.high};
        point.label = QString::fromStdString(each.name);
        point.color = Theme::instance().colors().heavy;
        point.tooltip = tr("%1\ncross-entropy %2 nats a token (n = %3)\nBrierLM %4 (n = %5)")
                            .arg(point.label, formatEstimate(each.crossEntropy))
                            .arg(each.crossEntropy.n)
                            .arg(formatEstimate(*each.brierLm))
                            .arg(each.brierLm->n);
        plot.points.push_back(std::move(point));
    }
    if (plot.points.size() > 2)
        addLeastSquares(plot);
    return plot;
}

int withoutBrierLm(const CorrelationStudy& study) {
    return static_cast<int>(
        std::ranges::count_if(study.points, [](const CorrelationPoint& point) { return !point.brierLm; }));
}

QString correlationLabel(const CorrelationRecord& study) {
    const nlohmann::json& settings = study.stored.settings;
    const auto points = study.result.points.size();
    QStringList parts{points == 1 ? tr("1 checkpoint") : tr("%1 checkpoints").arg(points)};
    if (const int windows = numberSetting(settings, "windows"))
        parts += tr("%1 windows").arg(windows);
    parts += QString::fromStdString(textSetting(settings, "text"));
    parts += dayOf(study.stored);
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

} // namespace steploom
