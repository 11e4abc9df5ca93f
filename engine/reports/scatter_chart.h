// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"
#include "engine/reports/report_document.h"
#include "engine/reports/svg_drawing.h"

#include <span>
#include <string>

namespace steploom {

/// A point with the intervals of its two values; one that is not finite is not drawn.
struct ScatterPoint {
    std::string name; ///< beside it
    Estimate x, y;
    SvgDrawing::Mark mark = SvgDrawing::Mark::Disc;
    std::string_view colour = "member-0"; ///< class
    bool background = false;              ///< small and pale, without name and intervals
};

/// What a mark stands for.
struct ScatterKey {
    std::string name;
    SvgDrawing::Mark mark;
    std::string_view colour;
};

struct ScatterChart {
    std::string xTitle, yTitle; ///< with units
    std::span<const ScatterPoint> points;
    std::span<const ScatterKey> key; ///< none: no legend
    bool front = false; ///< a dashed line through the points that no other one is left of and below
};

/// Points whose values are not finite are left out. At least one has to be left. Without caption and
/// alternative.
ReportFigure drawScatter(const ScatterChart& chart);

} // namespace steploom
