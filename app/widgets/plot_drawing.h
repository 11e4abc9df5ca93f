// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot_canvas.h"
#include "app/widgets/plot_layout.h"
#include "app/widgets/plot_legend.h"

class QFontMetricsF;

namespace steploom {

/// Draws a chart: the same on every canvas. `metrics` are those of the canvas' font. The legend is drawn by
/// drawLegend().
void drawPlot(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
              const QFontMetricsF& metrics);
void drawLegend(PlotCanvas& canvas, const PlotLegend& legend, const std::vector<PlotSeries>& series,
                const PlotStyle& style, const QFontMetricsF& metrics);
/// The sample of a series, in px.
void drawSample(PlotCanvas& canvas, const PlotSeries& series, const QLineF& sample);
/// Where the values of a chart lie, in px: what a legend should not cover.
std::vector<QPointF> placesOf(const Plot& plot, const PlotLayout& layout);
/// Colour of a heat map's cell: `zero` at 0, the others at plus and minus the largest size of a value.
QColor colorOf(const PlotHeatMap& map, double value);

// Parts of drawPlot() that have files of their own.
void drawBars(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
              const QFontMetricsF& metrics);
void drawHeatMap(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
                 const QFontMetricsF& metrics);
/// Marks, grid lines and title of the horizontal axis.
void drawXAxis(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
               const QFontMetricsF& metrics);

} // namespace steploom
