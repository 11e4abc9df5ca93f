// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot.h"

#include "app/widgets/number_format.h"
#include "engine/reports/axis_ticks.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

/// Smallest range that holds values added one by one.
struct Extent {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    void add(double value) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
};

AxisTicks ticksOf(const Extent& extent, const PlotUnit& unit, bool logarithmic, int wanted) {
    // Marks are chosen in the unit they are written in, so that 2.5 GFLOP is a mark and 2.5e9 need not be.
    const double low = extent.low * unit.factor, high = extent.high * unit.factor;
    AxisTicks ticks = logarithmic ? logTicks(low, high, wanted) : linearTicks(low, high, wanted);
    ticks.low /= unit.factor;
    ticks.high /= unit.factor;
    for (double& mark : ticks.marks)
        mark /= unit.factor;
    return ticks;
}

double shareOf(double value, double low, double high, bool logarithmic) {
    return logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
}

double valueAt(double share, double low, double high, bool logarithmic) {
    return logarithmic ? low * std::pow(high / low, share) : low + share * (high - low);
}

} // namespace

bool Plot::isEmpty() const noexcept {
    return points.empty() && bars.empty() && heatMap.cells.empty() &&
           std::ranges::all_of(curves, [](const PlotCurve& curve) { return curve.values.empty(); });
}

bool PlotPoint::hasInterval() const noexcept { return std::isfinite(low) && std::isfinite(high); }
bool PlotInterval::isFinite() const noexcept { return std::isfinite(low) && std::isfinite(high); }

Plot withoutSeries(const Plot& plot, const QSet<QString>& hidden) {
    Plot rest = plot;
    std::erase_if(rest.points, [&](const PlotPoint& point) {
        return !point.series.isEmpty() && hidden.contains(point.series);
    });
    std::erase_if(rest.anchors, [&](const PlotAnchor& anchor) { return hidden.contains(anchor.label); });
    std::erase_if(rest.curves, [&](const PlotCurve& curve) { return hidden.contains(curve.name); });
    return rest;
}

PlotUnit plotUnit(PlotQuantity quantity, double largest) {
    switch (quantity) {
    case PlotQuantity::Share:
        return {100, QStringLiteral("%"), {}};
    case PlotQuantity::Seconds:
        if (largest >= 2 * 3600)
            return {1.0 / 3600, {}, QStringLiteral("h")};
        if (largest >= 5 * 60)
            return {1.0 / 60, {}, QStringLiteral("min")};
        return {1, {}, QStringLiteral("s")};
    case PlotQuantity::Count:
        if (largest >= 1e9)
            return {1e-9, {}, QStringLiteral("billions")};
        if (largest >= 1e6)
            return {1e-6, {}, QStringLiteral("millions")};
        if (largest >= 1e4)
            return {1e-3, {}, QStringLiteral("thousands")};
        return {};
    case PlotQuantity::Flops: {
        static const char* const kUnits[] = {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP"};
        int unit = 0;
        for (; unit < 6 && std::abs(largest) >= 1000; ++unit)
            largest /= 1000;
        return {std::pow(10.0, -3 * unit), {}, QString::fromLatin1(kUnits[unit])};
    }
    case PlotQuantity::Plain:
        break;
    }
    return {};
}

QString axisTitle(const PlotAxis& axis, const PlotUnit& unit) {
    return unit.name.isEmpty() ? axis.title : QStringLiteral("%1 (%2)").arg(axis.title, unit.name);
}

double PlotFrame::xShare(double x) const noexcept {
    const double share = shareOf(x, xLow, xHigh, xLog);
    return xReversed ? 1 - share : share;
}
double PlotFrame::yShare(double y) const noexcept { return shareOf(y, yLow, yHigh, yLog); }
double PlotFrame::xAt(double share) const noexcept {
    return valueAt(xReversed ? 1 - share : share, xLow, xHigh, xLog);
}
double PlotFrame::yAt(double share) const noexcept { return valueAt(share, yLow, yHigh, yLog); }

PlotFrame frameOf(const Plot& plot, int wantedXMarks, int wantedYMarks) {
    Extent x, y;
    for (const PlotPoint& point : plot.points) {
        x.add(point.x);
        y.add(point.y);
        if (point.hasInterval()) {
            y.add(point.low);
            y.add(point.high);
        }
        if (point.across.isFinite()) {
            x.add(point.across.low);
            x.add(point.across.high);
        }
    }
    for (const PlotCurve& curve : plot.curves) {
        for (const QPointF& value : curve.values) {
            if (!std::isfinite(value.x()) || !std::isfinite(value.y()))
                continue;
            x.add(value.x());
            y.add(value.y());
        }
        for (const PlotInterval& interval : curve.band) {
            if (interval.isFinite()) {
                y.add(interval.low);
                y.add(interval.high);
            }
        }
    }
    for (const PlotBar& bar : plot.bars) {
        x.add(0);
        x.add(bar.value);
        if (bar.interval.isFinite()) {
            x.add(bar.interval.low);
            x.add(bar.interval.high);
        }
    }
    for (const QPointF& point : plot.line) {
        x.add(point.x());
        y.add(point.y());
    }
    for (const PlotAnchor& anchor : plot.anchors)
        y.add(anchor.y);

    PlotFrame frame;
    frame.xReversed = plot.x.reversed;
    frame.xLog = plot.x.logarithmic && x.low > 0 && std::isfinite(x.low);
    frame.yLog = plot.y.logarithmic && y.low > 0 && std::isfinite(y.low);
    frame.xUnit = plotUnit(plot.x.quantity, std::isfinite(x.high) ? x.high : 0);
    frame.yUnit = plotUnit(plot.y.quantity, std::isfinite(y.high) ? y.high : 0);
    const AxisTicks xTicks = ticksOf(x, frame.xUnit, frame.xLog, wantedXMarks);
    const AxisTicks yTicks = ticksOf(y, frame.yUnit, frame.yLog, wantedYMarks);
    frame.xLow = xTicks.low;
    frame.xHigh = xTicks.high;
    frame.xMarks = xTicks.marks;
    frame.yLow = yTicks.low;
    frame.yHigh = yTicks.high;
    frame.yMarks = yTicks.marks;
    return frame;
}

QString markText(double value, const std::vector<double>& marks, const PlotUnit& unit) {
    double gap = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < marks.size(); ++i)
        gap = std::min(gap, (marks[i] - marks[i - 1]) * unit.factor);
    int decimals = 0;
    if (std::isfinite(gap) && gap > 0) {
        // Enough decimals that the smallest gap is written exactly (steps are 1, 2, 2.5 or 5 times a power of
        // ten).
        while (decimals < 12 && std::abs(gap - std::round(gap)) > 1e-6 * std::max(1.0, gap)) {
            gap *= 10;
            ++decimals;
        }
    }
    const double size = std::abs(value * unit.factor);
    QString text = QString::number(size, 'f', decimals);
    // In groups, as elsewhere in the window, where a mark of the axis has five digits.
    if (size >= 1000 && !marks.empty() && marks.back() * unit.factor >= 9'999.5)
        text = QLocale(QLocale::English, QLocale::UnitedStates).toString(size, 'f', decimals);
    if (value < 0 && text.toDouble() != 0)
        text.prepend(QChar(0x2212));
    return text + unit.suffix;
}

QString valueText(double value, const PlotUnit& unit) {
    return formatNumber(value * unit.factor) + unit.suffix;
}

} // namespace steploom
