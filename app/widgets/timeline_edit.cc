// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_edit.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace steploom {

namespace {

/// A schedule taken apart: boundary k lies between segment k − 1 and segment k.
struct Parts {
    std::vector<StepSchedule::Segment> segments;
    std::vector<int> boundaries; ///< segments + 1 of them, 0 first, T last

    explicit Parts(const StepSchedule& schedule) : segments(schedule.segments()) {
        for (const auto& segment : segments) {
            boundaries.push_back(segment.begin);
        }
        boundaries.push_back(schedule.steps());
    }

    /// Index of the inner boundary at this step; 0 when there is none.
    std::size_t boundaryAt(int step) const {
        const auto found = std::lower_bound(boundaries.begin(), boundaries.end(), step);
        const auto index = static_cast<std::size_t>(found - boundaries.begin());
        const bool inner =
            found != boundaries.end() && *found == step && index > 0 && index + 1 < boundaries.size();
        return inner ? index : 0;
    }

    StepSchedule joined() const {
        std::string letters;
        for (std::size_t i = 0; i < segments.size(); ++i) {
            letters.append(static_cast<std::size_t>(boundaries[i + 1] - boundaries[i]), segments[i].letter);
        }
        return StepSchedule(letters);
    }
};

/// `delta` cut down until no boundary in `moving` overtakes a neighbour that stays.
int clampedDelta(const Parts& parts, std::initializer_list<std::size_t> moving, int delta) {
    const auto moves = [&](std::size_t k) {
        return std::find(moving.begin(), moving.end(), k) != moving.end();
    };
    for (const std::size_t k : moving) {
        if (delta < 0 && !moves(k - 1)) {
            delta = std::max(delta, parts.boundaries[k - 1] - parts.boundaries[k]);
        }
        if (delta > 0 && !moves(k + 1)) {
            delta = std::min(delta, parts.boundaries[k + 1] - parts.boundaries[k]);
        }
    }
    return delta;
}

} // namespace

MovedEdge moveEdge(const StepSchedule& schedule, int edge, int to) {
    Parts parts(schedule);
    const std::size_t k = parts.boundaryAt(edge);
    if (k == 0) {
        return {schedule, edge, edge};
    }
    parts.boundaries[k] += clampedDelta(parts, {k}, to - edge);
    return {parts.joined(), edge, parts.boundaries[k]};
}

MovedEdge moveEdgeKeepingShares(const StepSchedule& schedule, int edge, int to) {
    Parts parts(schedule);
    const std::size_t k = parts.boundaryAt(edge);
    if (k == 0) {
        return {schedule, edge, edge};
    }
    const char before = parts.segments[k - 1].letter;
    const char after = parts.segments[k].letter;
    std::size_t partner = 0;
    for (std::size_t j = 1; j < parts.segments.size(); ++j) {
        if (parts.segments[j - 1].letter == after && parts.segments[j].letter == before &&
            (partner == 0 ||
             std::abs(parts.boundaries[j] - edge) < std::abs(parts.boundaries[partner] - edge))) {
            partner = j;
        }
    }
    if (partner == 0) {
        return {schedule, edge, edge};
    }
    const int delta = clampedDelta(parts, {k, partner}, to - edge);
    MovedEdge moved{{}, edge, edge + delta, parts.boundaries[partner], parts.boundaries[partner] + delta};
    parts.boundaries[k] += delta;
    parts.boundaries[partner] += delta;
    moved.schedule = parts.joined();
    return moved;
}

} // namespace steploom
