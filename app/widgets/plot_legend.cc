// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_legend.h"

#include <QFontMetricsF>
#include <QLineF>

#include <algorithm>
#include <array>

namespace steploom {
namespace {

constexpr double kSample = 22, kGap = 8, kPadding = 8, kInset = 4; ///< px
constexpr double kWidestName = 260;
constexpr double kCurveMarker = 2.6, kPointMarker = 4.5;

} // namespace

std::vector<PlotSeries> seriesOf(const Plot& plot) {
    std::vector<PlotSeries> series;
    const auto named = [&](const QString& name) {
        return std::ranges::find(series, name, &PlotSeries::name);
    };
    for (const PlotCurve& curve : plot.curves) {
        if (curve.values.empty() || curve.name.isEmpty() || named(curve.name) != series.end())
            continue;
        series.push_back({.name = curve.name,
                          .color = curve.color,
                          .width = curve.width,
                          .dashed = curve.dashed,
                          .marked = curve.marked,
                          .markerRadius = kCurveMarker});
    }
    for (const PlotAnchor& anchor : plot.anchors)
        if (!anchor.label.isEmpty() && named(anchor.label) == series.end())
            series.push_back({.name = anchor.label, .color = anchor.color, .width = 1.2, .dashed = true});
    for (const PlotPoint& point : plot.points) {
        if (point.series.isEmpty())
            continue;
        auto entry = named(point.series);
        if (entry == series.end()) {
            series.push_back({.name = point.series, .color = point.color});
            entry = series.end() - 1;
        }
        entry->marked = true;
        entry->marker = point.marker;
        entry->markerRadius = kPointMarker;
    }
    return series;
}

PlotLegend legendOf(const std::vector<PlotSeries>& series, const QRectF& area, const QFontMetricsF& metrics,
                    std::span<const QPointF> taken) {
    PlotLegend legend;
    const double height = metrics.height() + 4;
    const double room = std::min(kWidestName, area.width() / 2 - kSample - kGap - 2 * kPadding);
    const auto most = static_cast<std::size_t>(std::max(0.0, (area.height() - 2 * kPadding) / height));
    double width = 0;
    for (std::size_t i = 0; i < series.size() && legend.entries.size() < most; ++i) {
        const QString name = metrics.elidedText(series[i].name, Qt::ElideMiddle, room);
        width = std::max(width, metrics.horizontalAdvance(name));
        legend.entries.push_back({i, {}, {}, {}, name});
    }
    if (legend.entries.empty())
        return legend;
    const QSizeF size(kSample + kGap + width + 2 * kPadding,
                      height * static_cast<double>(legend.entries.size()) + kPadding);
    const double left = area.left() + kInset, right = area.right() - size.width() - kInset;
    const double top = area.top() + kInset, bottom = area.bottom() - size.height() - kInset;
    const std::array corners{QPointF(right, top), QPointF(left, top), QPointF(right, bottom),
                             QPointF(left, bottom)};
    const auto covered = [&](const QPointF& corner) {
        return std::ranges::count_if(taken, [box = QRectF(corner, size)](const QPointF& at) {
            return box.adjusted(-kPadding, -kPadding, kPadding, kPadding).contains(at);
        });
    };
    legend.box = QRectF(*std::ranges::min_element(corners, {}, covered), size);
    double y = legend.box.top() + kPadding / 2;
    const double x = legend.box.left() + kPadding;
    for (PlotLegendEntry& entry : legend.entries) {
        entry.box = QRectF(legend.box.left(), y, size.width(), height);
        entry.sample = QLineF(x, y + height / 2, x + kSample, y + height / 2);
        entry.text = QRectF(x + kSample + kGap, y, width + 1, height);
        y += height;
    }
    return legend;
}

} // namespace steploom
