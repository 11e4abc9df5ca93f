// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot.h"

#include <QRectF>

#include <span>

class QFontMetricsF;

namespace steploom {

/// What the legend shows of a series.
struct PlotSeries {
    QString name;
    QColor color;
    double width = 0; ///< of its stroke, px; 0: points alone
    bool dashed = false;
    bool marked = false;
    PlotMarker marker = PlotMarker::Disc;
    double markerRadius = 0; ///< px
};
/// The named series of a chart, curves first; curves without values are left out.
std::vector<PlotSeries> seriesOf(const Plot& plot);

/// One entry of a legend: a sample of the stroke and the series' name beside it.
struct PlotLegendEntry {
    std::size_t series = 0;
    QRectF box; ///< px
    QLineF sample;
    QRectF text;
    QString name; ///< elided to its room
};
struct PlotLegend {
    QRectF box; ///< px; empty without series
    std::vector<PlotLegendEntry> entries;
};
/// In that corner of the plot area which covers least of what lies at `taken`, by preference the upper right
/// one. What does not fit in is left out.
PlotLegend legendOf(const std::vector<PlotSeries>& series, const QRectF& area, const QFontMetricsF& metrics,
                    std::span<const QPointF> taken = {});

} // namespace steploom
