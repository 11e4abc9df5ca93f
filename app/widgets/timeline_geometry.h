// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <optional>
#include <span>
#include <vector>

namespace steploom {

/// Where steps lie on the timeline: a plain value that knows no widget. Step i covers [i, i + 1) on the axis,
/// so the boundaries 0…T are where segments begin and end. x in pixels of the widget.
struct TimelineGeometry {
    int steps = 1;           ///< T
    double left = 0;         ///< x of the plot's left border
    double width = 1;        ///< of the plot, px
    double firstStep = 0;    ///< at the left border; fractional while panning
    double visibleSteps = 1; ///< across the width; T when nothing is zoomed

    /// Shows all of `count` steps.
    void setSteps(int count);
    /// New place of the plot; zoom and first step stay.
    void setPlot(double newLeft, double newWidth);

    double right() const noexcept { return left + width; }
    double pixelsPerStep() const noexcept { return width / visibleSteps; }
    double xOf(double step) const noexcept { return left + (step - firstStep) * pixelsPerStep(); }
    /// Position on the step axis, fractional, not clamped.
    double positionAt(double x) const noexcept { return firstStep + (x - left) / pixelsPerStep(); }
    /// The step under x, clamped to 0…T−1.
    int stepAt(double x) const noexcept;
    /// The boundary nearest to x, clamped to 0…T.
    int boundaryAt(double x) const noexcept;
    /// The boundary nearest to x, or the anchor (ruler tick, other edge) within `tolerance` px of it.
    int snappedBoundary(double x, std::span<const int> anchors, double tolerance) const noexcept;

    bool isZoomed() const noexcept { return visibleSteps < steps; }
    /// `factor` > 1 shows fewer steps; the step under x stays where it is. At least kFewestVisible steps (or
    /// all) show.
    void zoomAbout(double x, double factor);
    /// Moves the view by pixels of the axis (positive: to later steps).
    void panBy(double pixels);
    void showAll();
    /// Pans as little as needed for the step to be visible.
    void reveal(int step);

    struct Range {
        int begin, end; ///< [begin, end)
        friend bool operator==(const Range&, const Range&) = default;
    };
    /// Steps of which at least a part shows.
    Range visibleRange() const noexcept;

    static constexpr double kFewestVisible = 8;

private:
    void clampView();
};

/// Inner edge of a schedule nearest to x, as the step where its right-hand segment begins; nothing when none
/// lies within `tolerance` px. With `minimumWidth` > 0 an edge counts only when the segments on both sides
/// are at least that many px wide: what is too fine to grab must not stand in the way of painting.
std::optional<int> edgeNear(const TimelineGeometry& geometry, std::span<const StepSchedule::Segment> segments,
                            double x, double tolerance, double minimumWidth = 0);

} // namespace steploom
