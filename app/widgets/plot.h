// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QColor>
#include <QPointF>
#include <QSet>
#include <QSize>
#include <QString>

#include <functional>
#include <limits>
#include <vector>

namespace steploom {

/// What an axis counts: decides scale, unit and how its marks are written.
enum class PlotQuantity {
    Plain,
    Share,   ///< 0…1, written as %
    Flops,   ///< in the unit (MFLOP, GFLOP, …) that suits the largest value
    Seconds, ///< in s, min or h, as suits the largest value
    Count,   ///< in thousands, millions or billions, as suits the largest value
};

struct PlotAxis {
    QString title;
    PlotQuantity quantity = PlotQuantity::Plain;
    bool logarithmic = false; ///< ignored where a value is not above 0
    bool reversed = false;    ///< the largest value at the left; of the horizontal axis
};

struct PlotInterval {
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();

    bool isFinite() const noexcept; ///< both ends; only then is it drawn
};

/// Tells series apart where colours do not.
enum class PlotMarker { Disc, Square, Triangle, Diamond };

/// A measured point. Its interval is drawn when finite.
struct PlotPoint {
    double x = 0;
    double y = 0;
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();
    QString label;   ///< beside the point, where there is room
    QString tooltip; ///< plain text, lines separated by \n
    QColor color;
    qint64 id = 0;       ///< given back by pointClicked; 0: a click means nothing
    QString series;      ///< its name in the legend; empty: of none
    PlotInterval across; ///< of x
    PlotMarker marker = PlotMarker::Disc;
    QString schedule; ///< as notation, for the timeline; empty: none

    bool hasInterval() const noexcept; ///< both ends finite
};

/// A measured curve: a stroke through its values, with its name in the chart's legend.
struct PlotCurve {
    QString name;
    QColor color;
    double width = 1.2;                          ///< px
    bool marked = false;                         ///< a small disc at each value
    std::vector<QPointF> values;                 ///< by x; what is not finite is left out
    std::function<QString(std::size_t)> tooltip; ///< plain text of the value at that index
    std::vector<PlotInterval> band;              ///< of each value's y; empty: none
    bool dashed = false;
};

/// A figure to compare with, as a dashed horizontal line. Its label is its name in the legend.
struct PlotAnchor {
    double y = 0;
    QString label;
    QColor color;
};

/// A part of the strip that is drawn beside a bar: what the bar is of, as a picture.
struct PlotStripe {
    double share = 0; ///< of the strip's width
    QColor color;
    bool hatched = false;
};

/// A bar from 0 to its value.
struct PlotBar {
    QString label; ///< at its left
    std::vector<PlotStripe> stripes;
    double value = 0;
    PlotInterval interval;
    QString remark; ///< at its right
    QString tooltip;
    QColor color;
    bool quiet = false; ///< counts less than the others
    qint64 id = 0;
    QString schedule; ///< as PlotPoint's
};

/// A cell of a heat map over pairs.
struct PlotCell {
    int column = 0, row = 0; ///< from 0; row 0 lies lowest
    double value = 0;        ///< NaN: not measured; drawn as a hatched cell
    QString tooltip;
    qint64 id = 0;
    QString schedule; ///< as PlotPoint's
};

/// Square map whose colours diverge from 0.
struct PlotHeatMap {
    int size = 0;       ///< rows and columns
    QString valueTitle; ///< beside the scale of colours
    QColor below, zero, above;
    std::vector<PlotCell> cells; ///< what has none is left blank
};

/// A whole chart as values: what PlotWidget shows and the exporters write. Points and curves, or bars (whose
/// values x is then the axis of), or a heat map (x and y title its columns and rows). Curves, points
/// and anchors of one name are one series: in the legend once, hidden together.
struct Plot {
    PlotAxis x, y;
    std::vector<PlotPoint> points;
    std::vector<QPointF> line; ///< through these values in order; may be empty
    std::vector<PlotAnchor> anchors;
    std::vector<PlotCurve> curves; ///< the first lies lowest
    std::vector<PlotBar> bars;     ///< from top to bottom
    PlotHeatMap heatMap;

    /// Nothing to show.
    bool isEmpty() const noexcept;
};
/// Without the series of these names.
Plot withoutSeries(const Plot& plot, const QSet<QString>& hidden);

/// Factor and unit of an axis' marks, from its largest value: values are multiplied by `factor` before they
/// are written.
struct PlotUnit {
    double factor = 1;
    QString suffix; ///< on every mark ("%")
    QString name;   ///< behind the title ("GFLOP"); may be empty
};
PlotUnit plotUnit(PlotQuantity quantity, double largest);
/// "executed FLOPs per sample (GFLOP)"
QString axisTitle(const PlotAxis& axis, const PlotUnit& unit);

/// Range and marks of both axes with the room that points, intervals, line and anchors need.
struct PlotFrame {
    double xLow = 0, xHigh = 1, yLow = 0, yHigh = 1;
    std::vector<double> xMarks, yMarks;
    bool xLog = false, yLog = false, xReversed = false;
    PlotUnit xUnit, yUnit;

    /// Share of the way from left to right or bottom to top, 0…1 inside the frame.
    double xShare(double x) const noexcept;
    double yShare(double y) const noexcept;
    /// The values at these shares.
    double xAt(double share) const noexcept;
    double yAt(double share) const noexcept;
};
PlotFrame frameOf(const Plot& plot, int wantedXMarks, int wantedYMarks);
/// A mark as written at the axis: as many decimals as its neighbours need.
QString markText(double value, const std::vector<double>& marks, const PlotUnit& unit);

/// Any value as written in the unit of an axis: at a crosshair.
QString valueText(double value, const PlotUnit& unit);

/// Header line and one line a point or value of a curve (whose name is the label), a bar or a measured cell,
/// comma-separated, numbers in full precision and in base units. Columns that nothing fills are left out: the
/// interval of x, the series, the schedule.
QByteArray plotCsv(const Plot& plot);

/// Colours and font of an exported drawing.
struct PlotStyle {
    QColor background, ink, dim, grid, line;
    QString fontFamily;
    int fontSize = 12; ///< px
};
/// The chart as a self-contained SVG document of that size, text as text.
QByteArray plotSvg(const Plot& plot, QSize size, const PlotStyle& style);

} // namespace steploom
