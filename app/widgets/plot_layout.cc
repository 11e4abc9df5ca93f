// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_layout.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

constexpr double kMarkSpacingX = 90, kMarkSpacingY = 58; ///< wanted px between marks
constexpr double kGap = 10;                              ///< px between the parts at a bar's row
constexpr double kStripes = 132;                         ///< px, where there is room
constexpr double kScale = 96;                            ///< px for a heat map's scale of colours
constexpr double kTallestRow = 30;

int marksIn(double length, double spacing) { return std::clamp(static_cast<int>(length / spacing), 2, 12); }

double widest(const std::vector<double>& marks, const PlotUnit& unit, const QFontMetricsF& metrics) {
    double width = 0;
    for (const double mark : marks)
        width = std::max(width, metrics.horizontalAdvance(markText(mark, marks, unit)));
    return width;
}

/// Height of marks and title below the area.
double footOf(const QFontMetricsF& metrics) { return 2 * metrics.height() + 20; }

double lowestRow(const QFontMetricsF& metrics) { return metrics.height() + 5; }

void layOutBars(const Plot& plot, PlotLayout& layout, const QFontMetricsF& metrics) {
    double labels = 0, remarks = 0;
    bool stripes = false;
    for (const PlotBar& bar : plot.bars) {
        labels = std::max(labels, metrics.horizontalAdvance(bar.label));
        remarks = std::max(remarks, metrics.horizontalAdvance(bar.remark));
        stripes = stripes || !bar.stripes.empty();
    }
    const double width = layout.size.width();
    layout.labelsWidth = std::min(labels, 0.26 * width);
    layout.stripesLeft = kGap + layout.labelsWidth + (labels > 0 ? kGap : 0);
    layout.stripesWidth = stripes ? std::min(kStripes, 0.18 * width) : 0;
    const double left = layout.stripesLeft + layout.stripesWidth + (stripes ? 1.4 * kGap : 0);
    const double right = std::min(remarks, 0.3 * width) + 2 * kGap;
    const double foot = footOf(metrics);
    layout.area = QRectF(left, 6, std::max(40.0, width - left - right),
                         std::max(20.0, layout.size.height() - foot - 6));
    layout.rowHeight = std::clamp(layout.area.height() / static_cast<double>(plot.bars.size()),
                                  lowestRow(metrics), kTallestRow);
    // Whole rows: one cut in half looks like a fault.
    const double rows = std::floor(layout.area.height() / layout.rowHeight + 1e-6);
    layout.area.setHeight(std::min(std::max(1.0, rows) * layout.rowHeight, layout.barsHeight(plot)));
    layout.frame = frameOf(plot, marksIn(layout.area.width(), kMarkSpacingX), 2);
}

void layOutMap(const Plot& plot, PlotLayout& layout, const QFontMetricsF& metrics) {
    const double left = 2 * metrics.height() + 16, foot = footOf(metrics);
    const double room = std::min(layout.size.width() - left - kScale, layout.size.height() - foot - 8);
    const double side = std::max(40.0, room);
    layout.cell = side / std::max(1, plot.heatMap.size);
    // In the middle, the scale counted in.
    const double x = left + std::max(0.0, (layout.size.width() - left - kScale - side) / 2);
    layout.area = QRectF(x, 8, side, side);
}

} // namespace

QPointF PlotLayout::at(double x, double y) const noexcept {
    return {area.left() + frame.xShare(x) * area.width(), area.bottom() - frame.yShare(y) * area.height()};
}

QRectF PlotLayout::row(std::size_t bar) const noexcept {
    return {area.left(), area.top() - scrolled + rowHeight * static_cast<double>(bar), area.width(),
            rowHeight};
}

QRectF PlotLayout::cellAt(int column, int row) const noexcept {
    return {area.left() + cell * column, area.bottom() - cell * (row + 1), cell, cell};
}

double PlotLayout::barsHeight(const Plot& plot) const noexcept {
    return rowHeight * static_cast<double>(plot.bars.size());
}

PlotLayout layOut(const Plot& plot, QSizeF size, const QFontMetricsF& metrics, double scrolled) {
    PlotLayout layout;
    layout.size = size;
    layout.scrolled = scrolled;
    if (!plot.bars.empty()) {
        layOutBars(plot, layout, metrics);
        return layout;
    }
    if (plot.heatMap.size > 0) {
        layOutMap(plot, layout, metrics);
        return layout;
    }
    const double foot = footOf(metrics), top = 0.5 * metrics.height() + 6;
    const double height = std::max(20.0, size.height() - foot - top);
    const int yMarks = marksIn(height, kMarkSpacingY);
    layout.frame = frameOf(plot, marksIn(size.width(), kMarkSpacingX), yMarks);
    const double left = metrics.height() + 22 + widest(layout.frame.yMarks, layout.frame.yUnit, metrics);
    layout.area = QRectF(left, top, std::max(40.0, size.width() - left - 24), height);
    return layout;
}

double heightOf(const Plot& plot, double wanted, const QFontMetricsF& metrics) {
    return plot.bars.empty() ? wanted
                             : std::max(wanted, lowestRow(metrics) * static_cast<double>(plot.bars.size()) +
                                                    6 + footOf(metrics));
}

} // namespace steploom
