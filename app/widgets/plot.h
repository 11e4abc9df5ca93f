// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QColor>
#include <QPointF>
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
};

/// A measured point. Its interval is drawn when finite.
struct PlotPoint {
    double x = 0;
    double y = 0;
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();
    QString label;   ///< beside the point, where there is room
    QString tooltip; ///< plain text, lines separated by \n
    QColor color;
    qint64 id = 0; ///< given back by pointClicked

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
};

/// A figure to compare with, as a dashed horizontal line.
struct PlotAnchor {
    double y = 0;
    QString label;
    QColor color;
};

/// A whole chart as values: what PlotWidget shows and the exporters write.
struct Plot {
    PlotAxis x, y;
    std::vector<PlotPoint> points;
    std::vector<QPointF> line; ///< through these values in order; may be empty
    std::vector<PlotAnchor> anchors;
    std::vector<PlotCurve> curves; ///< the first lies lowest

    /// Nothing to show.
    bool isEmpty() const noexcept;
};

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
    bool xLog = false, yLog = false;
    PlotUnit xUnit, yUnit;

    /// Share of the way from low to high, 0…1 inside the frame.
    double xShare(double x) const noexcept;
    double yShare(double y) const noexcept;
};
PlotFrame frameOf(const Plot& plot, int wantedXMarks, int wantedYMarks);
/// A mark as written at the axis: as many decimals as its neighbours need.
QString markText(double value, const std::vector<double>& marks, const PlotUnit& unit);

/// Header line and one line a point or value of a curve (whose name is the label), comma-separated, numbers
/// in full precision and in base units.
QByteArray plotCsv(const Plot& plot);

/// Colours and font of an exported drawing.
struct PlotStyle {
    QColor background, ink, dim, grid, line;
    QString fontFamily;
};
/// The chart as a self-contained SVG document of that size, text as text.
QByteArray plotSvg(const Plot& plot, QSize size, const PlotStyle& style);

} // namespace steploom
