// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"
#include "engine/reports/axis_ticks.h"
#include "engine/reports/svg_drawing.h"

#include <span>
#include <string>
#include <vector>

namespace steploom {

/// Smallest range that holds what is added; what is not finite is not.
class ChartRange {
public:
    void add(double value);
    /// The value; the ends of its interval count in withEnds().
    void add(const Estimate& estimate);
    /// The range of the values and of the finite ends of their intervals, as far as those leave the values in
    /// sight.
    ChartRange withEnds() const;
    bool empty() const noexcept { return m_low > m_high; }
    double low() const noexcept { return m_low; }
    double high() const noexcept { return m_high; }

private:
    double m_low = 1, m_high = 0;
    std::vector<double> m_ends;
};

/// Values to px along one side of a chart.
struct ChartAxis {
    std::string title; ///< with its unit
    AxisTicks ticks;
    bool logarithmic = false;
    double begin = 0, end = 1; ///< px of the ends of the ticks' range

    double at(double value) const;
    bool holds(double value) const noexcept { return value >= ticks.low && value <= ticks.high; }
    /// at(), or the end of the axis that the value lies beyond.
    double atMost(double value) const;
};

/// Logarithmic where all is above 0 and more than a decade is spanned.
ChartAxis axisOf(const ChartRange& range, std::string title, int wanted);

/// Axes with their grid, marks and titles around `inside`; sets where the axes begin and end.
void drawFrame(SvgDrawing& svg, const DrawnBox& inside, ChartAxis& x, ChartAxis& y);

/// A point of a chart that wants a name.
struct NamedPoint {
    DrawnPoint at;
    std::string name;
    DrawnBox mark; ///< what its mark covers
};

struct DrawnSegment {
    DrawnPoint from, to;
};

/// A place for each name beside, above or below its point: within `bounds`, free of all marks and other
/// names, and off the strokes where that is possible. Names without room get an empty box. Earlier points
/// choose first.
std::vector<DrawnBox> placeNames(std::span<const NamedPoint> points, const DrawnBox& bounds,
                                 std::span<const DrawnSegment> strokes);

} // namespace steploom
