// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/prediction_plot.h"

#include "app/pages/schedule_words.h"
#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("PredictionPlot", text); }

/// Whether the importance says something of every model of the search, beside the same first one.
bool covers(const std::vector<AnalysedModel>& importance, const std::vector<AnalysedModel>& search) {
    return !search.empty() && !importance.empty() && importance.front() == search.front() &&
           std::ranges::all_of(search, [&](const AnalysedModel& model) {
               return std::ranges::find(importance, model) != importance.end();
           });
}

} // namespace

const ImportanceRecord* importanceFor(const nlohmann::json& searchSettings,
                                      const std::vector<ImportanceRecord>& importances) {
    const std::vector<AnalysedModel> wanted = modelsOf(searchSettings);
    const ImportanceRecord* partial = nullptr;
    for (const ImportanceRecord& record : importances) {
        if (record.result.members.empty() || !covers(modelsOf(record.stored.settings), wanted))
            continue;
        if (!isPartial(record.stored))
            return &record;
        if (partial == nullptr)
            partial = &record;
    }
    return partial;
}

std::vector<QPointF> leastSquares(const std::vector<PlotPoint>& points) {
    double n = 0, x = 0, y = 0;
    for (const PlotPoint& point : points) {
        n += 1;
        x += point.x;
        y += point.y;
    }
    double xx = 0, xy = 0;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const PlotPoint& point : points) {
        xx += (point.x - x / n) * (point.x - x / n);
        xy += (point.x - x / n) * (point.y - y / n);
        low = std::min(low, point.x);
        high = std::max(high, point.x);
    }
    if (!(xx > 0) || !std::isfinite(xy))
        return {};
    const auto at = [&](double where) { return QPointF(where, y / n + xy / xx * (where - x / n)); };
    return {at(low), at(high)};
}

void addLeastSquares(Plot& plot) {
    std::vector<QPointF> fit = leastSquares(plot.points);
    if (fit.empty())
        return;
    PlotCurve line;
    line.name = tr("least squares");
    line.color = Theme::instance().colors().dim;
    line.width = 1.3;
    line.dashed = true;
    line.values = std::move(fit);
    plot.curves.push_back(std::move(line));
}

Plot predictionPlot(const PredictionStudy& study) {
    Plot plot;
    plot.x.title = tr("predicted from step importance: KL, nats a token");
    plot.y.title = tr("measured: nats a token more than the baseline");
    for (const PredictionPoint& each : study.points) {
        if (!std::isfinite(each.predicted) || !std::isfinite(each.measured.value))
            continue;
        PlotPoint point{.x = each.predicted, .y = each.measured.value, .label = {}};
        if (each.measured.n > 1) {
            point.low = each.measured.low;
            point.high = each.measured.high;
        }
        point.color = Theme::instance().colors().heavy;
        point.id = each.run;
        point.schedule = notationOf(each.schedule);
        point.tooltip = tr("run %1 · %2\npredicted %3 nats a token\nmeasured %4 nats a token (n = %5)")
                            .arg(each.run)
                            .arg(point.schedule, formatNumber(each.predicted), formatEstimate(each.measured))
                            .arg(each.measured.n);
        plot.points.push_back(std::move(point));
    }
    addLeastSquares(plot);
    return plot;
}

} // namespace steploom
