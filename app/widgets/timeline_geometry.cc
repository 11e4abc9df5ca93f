// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_geometry.h"

#include <algorithm>
#include <cmath>

namespace steploom {

void TimelineGeometry::setSteps(int count) {
    steps = std::max(1, count);
    showAll();
}

void TimelineGeometry::setPlot(double newLeft, double newWidth) {
    left = newLeft;
    width = std::max(1.0, newWidth);
}

int TimelineGeometry::stepAt(double x) const noexcept {
    return static_cast<int>(std::clamp(std::floor(positionAt(x)), 0.0, steps - 1.0));
}

int TimelineGeometry::boundaryAt(double x) const noexcept {
    return static_cast<int>(std::clamp(std::round(positionAt(x)), 0.0, static_cast<double>(steps)));
}

int TimelineGeometry::snappedBoundary(double x, std::span<const int> anchors,
                                      double tolerance) const noexcept {
    int best = boundaryAt(x);
    double distance = tolerance;
    for (const int anchor : anchors) {
        const double there = std::abs(xOf(anchor) - x);
        if (there <= distance) {
            distance = there;
            best = anchor;
        }
    }
    return best;
}

void TimelineGeometry::zoomAbout(double x, double factor) {
    const double held = positionAt(x);
    const double share = (x - left) / width;
    const double fewest = std::min(kFewestVisible, static_cast<double>(steps));
    visibleSteps = std::clamp(visibleSteps / factor, fewest, static_cast<double>(steps));
    firstStep = held - share * visibleSteps;
    clampView();
}

void TimelineGeometry::panBy(double pixels) {
    firstStep += pixels / pixelsPerStep();
    clampView();
}

void TimelineGeometry::showAll() {
    firstStep = 0;
    visibleSteps = steps;
}

void TimelineGeometry::reveal(int step) {
    if (step < firstStep) {
        firstStep = step;
    } else if (step + 1 > firstStep + visibleSteps) {
        firstStep = step + 1 - visibleSteps;
    }
    clampView();
}

TimelineGeometry::Range TimelineGeometry::visibleRange() const noexcept {
    const int begin = static_cast<int>(std::floor(firstStep + 1e-9));
    const int end = static_cast<int>(std::ceil(firstStep + visibleSteps - 1e-9));
    return {std::clamp(begin, 0, steps - 1), std::clamp(end, 1, steps)};
}

void TimelineGeometry::clampView() {
    visibleSteps = std::clamp(visibleSteps, std::min(kFewestVisible, static_cast<double>(steps)),
                              static_cast<double>(steps));
    firstStep = std::clamp(firstStep, 0.0, steps - visibleSteps);
}

std::optional<int> edgeNear(const TimelineGeometry& geometry, std::span<const StepSchedule::Segment> segments,
                            double x, double tolerance, double minimumWidth) {
    // Segments are sorted by begin: the nearest inner edges are the two about the cursor's position.
    const double position = geometry.positionAt(x);
    const auto right = std::lower_bound(segments.begin(), segments.end(), position,
                                        [](const auto& segment, double at) { return segment.begin < at; });
    std::optional<int> best;
    double distance = tolerance;
    const auto consider = [&](std::size_t index) {
        if (index == 0 || index >= segments.size()) {
            return; // the schedule's own ends are no edges
        }
        const double scale = geometry.pixelsPerStep();
        if (std::min(segments[index - 1].steps, segments[index].steps) * scale < minimumWidth) {
            return;
        }
        const double there = std::abs(geometry.xOf(segments[index].begin) - x);
        if (there <= distance) {
            distance = there;
            best = segments[index].begin;
        }
    };
    const auto index = static_cast<std::size_t>(right - segments.begin());
    consider(index);
    if (index > 0) {
        consider(index - 1);
    }
    return best;
}

} // namespace steploom
