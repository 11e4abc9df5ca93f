// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot.h"

#include <QRectF>

class QFontMetricsF;

namespace steploom {

/// Where the parts of a chart lie in a picture of some size, in px.
struct PlotLayout {
    QSizeF size;
    PlotFrame frame;
    QRectF area;          ///< between the axes
    double rowHeight = 0; ///< of a bar; 0: no bars
    double scrolled = 0;  ///< px of the bars above the area
    double stripesLeft = 0, stripesWidth = 0;
    double labelsWidth = 0;
    double cell = 0; ///< side of a heat map's cell; 0: no heat map

    QPointF at(double x, double y) const noexcept;
    /// The row that a bar has to itself, between the axes' ends.
    QRectF row(std::size_t bar) const noexcept;
    QRectF cellAt(int column, int row) const noexcept;
    /// Height of all bars, of which the area may show a part.
    double barsHeight(const Plot& plot) const noexcept;
};
PlotLayout layOut(const Plot& plot, QSizeF size, const QFontMetricsF& metrics, double scrolled = 0);
/// The height a picture needs that is to show every bar; at least `wanted`.
double heightOf(const Plot& plot, double wanted, const QFontMetricsF& metrics);

/// A value under the mouse or the arrow keys: a point, a value of a curve, a bar or a cell.
struct PlotMark {
    enum class Kind { None, Point, Value, Bar, Cell };
    Kind kind = Kind::None;
    int curve = -1; ///< of a value
    int index = -1;

    bool any() const noexcept { return kind != Kind::None; }
    friend bool operator==(const PlotMark&, const PlotMark&) = default;
};
/// What is known of a mark.
struct PlotMarkFacts {
    QPointF at; ///< px
    QString tooltip;
    qint64 id = 0;
    QString schedule;
};
/// The mark at a place: the nearest within reach, or the bar or cell that it lies in.
PlotMark markAt(const Plot& plot, const PlotLayout& layout, QPointF where);
/// `mark` must be one of the plot's.
PlotMarkFacts factsOf(const Plot& plot, const PlotLayout& layout, const PlotMark& mark);
/// The mark of that id, if any.
PlotMark markOf(const Plot& plot, qint64 id);
/// One step of the arrow keys (dx or dy is −1 or 1, dy 1: downwards): through points from left to right,
/// through bars up and down, across cells, along a curve and up and down to the next one. From no mark to the
/// first or last one. What was given where there is nowhere to go.
PlotMark stepFrom(const Plot& plot, const PlotMark& mark, int dx, int dy);

} // namespace steploom
