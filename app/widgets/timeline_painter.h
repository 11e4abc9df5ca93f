// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/timeline_ruler.h"

#include <QRectF>
#include <QString>

#include <optional>
#include <span>
#include <vector>

class QPainter;

namespace steploom {

/// A lane of the timeline.
struct TimelineMember {
    char letter = 'H';
    QString name;
};

/// What the steps of a run matter, as far as that was measured: in equal parts of the run from its start to
/// its end, one value or more, at least 0. Empty: not known.
struct StepImportance {
    std::vector<double> values;
    QString measure; ///< what the values are, e.g. "KL(H‖L), nats"
};

/// Heights of the timeline's parts, from top to bottom: ruler, importance of the steps, lanes, steps without
/// a call, curve of the masked share, pill.
struct TimelineLayout {
    double gutter = 96;      ///< lane names, left of the plot
    double rightMargin = 20; ///< half of the last tick's label
    double rulerHeight = 24;
    double heatHeight = 0; ///< 0: no importance is known
    double laneHeight = 32;
    double laneGap = 12;
    double idleHeight = 0; ///< 0: no run to tell of
    double curveHeight = 26;
    double pillHeight = 28;
    int lanes = 2;

    /// Shares `size` among the parts; lanes between 14 and 36 px.
    /// Where steps write in order there is no curve: what is left falls as a straight line.
    static TimelineLayout of(QSizeF size, const std::vector<TimelineMember>& members, bool heat = false,
                             bool idle = false, bool curve = true);
    /// Least height for this many lanes, and the height at which they look best.
    static int minimumHeight(int lanes);
    static int comfortableHeight(int lanes);

    double heatTop() const noexcept { return rulerHeight + 2; }
    double laneTop(int lane) const noexcept {
        return rulerHeight + 4 + (heatHeight > 0 ? heatHeight + 6 : 0) + lane * (laneHeight + laneGap);
    }
    double lanesBottom() const noexcept { return laneTop(lanes - 1) + laneHeight; }
    double idleTop() const noexcept { return lanesBottom() + 10; }
    double idleBand() const noexcept { return idleHeight > 0 ? idleHeight + 8 : 0; }
    double curveTop() const noexcept { return lanesBottom() + 8 + idleBand(); }
    double curveBottom() const noexcept { return curveTop() + curveHeight; }
    /// The lane nearest to y within the lanes' area (gaps belong to the nearer lane); nothing above and below
    /// it.
    std::optional<int> laneAt(double y) const noexcept;
};

/// Everything there is to see at one moment.
struct TimelineScene {
    StepSchedule schedule;              ///< as it would be if a drag ended now
    std::optional<StepSchedule> before; ///< during a drag: the schedule at the press, drawn as a ghost
    std::vector<TimelineMember> members;
    TimelineGeometry geometry;
    TimelineLayout layout;
    StepUnit unit = StepUnit::Step;
    StepWords words;
    std::span<const double> importance;                 ///< see StepImportance; outlives the painting
    std::span<const TimelineGeometry::Range> idleSteps; ///< steps of the last run without a call, by step
    int activeMember = -1;                              ///< lane whose name is marked; −1: none
    int playhead = -1;                                  ///< step; −1: none
    int marked = -1;                                    ///< step whose tokens are outlined; −1: none
    int hoverStep = -1;                                 ///< step under the pointer
    double hoverX = -1;                                 ///< px; −1: pointer elsewhere
    int hotEdge = -1;                                 ///< edge under the pointer or being dragged, as a step
    int caret = -1;                                   ///< keyboard position; −1: hidden
    std::optional<TimelineGeometry::Range> selection; ///< selected range, or the range a drag covers
    QString pill;                                     ///< figures at the pointer; empty: none
    bool focusRing = false;
};

/// Paints only what is visible: segments narrower than 2.5 px are merged into columns whose strength is the
/// share of their steps.
void paintTimeline(QPainter& painter, const TimelineScene& scene);

} // namespace steploom
