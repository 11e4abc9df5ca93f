// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot.h"

#include <QLineF>
#include <QPolygonF>
#include <QRectF>

class QFontMetricsF;

namespace steploom {

/// The stroke of a curve as it can be seen, from its values in px by x: of those that share a column of one
/// pixel the first, lowest, highest and last. Looks the same and costs no more than the chart is wide.
QPolygonF visibleStroke(const QPolygonF& stroke);

/// One entry of a legend: a sample of the stroke and the curve's name beside it.
struct PlotLegendEntry {
    std::size_t curve = 0;
    QLineF sample; ///< px
    QRectF text;
    QString name; ///< elided to its room
};
struct PlotLegend {
    QRectF box; ///< px; empty without curves
    std::vector<PlotLegendEntry> entries;
};
/// In the upper right corner of the plot area, where falling curves leave room. Curves without values or name
/// are left out, and so is what does not fit in.
PlotLegend legendOf(const Plot& plot, const QRectF& area, const QFontMetricsF& metrics);

} // namespace steploom
