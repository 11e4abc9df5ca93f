// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_tools.h"

#include "app/widgets/timeline_edit.h"

#include <algorithm>

namespace steploom {

namespace {

MovedEdge movedEdge(const TimelineDrag& drag) {
    return drag.keepShares ? moveEdgeKeepingShares(drag.before, drag.anchor, drag.current)
                           : moveEdge(drag.before, drag.anchor, drag.current);
}

} // namespace

QString describeRange(TimelineGeometry::Range range) {
    return range.end - range.begin == 1 ? QStringLiteral("step %1").arg(range.begin)
                                        : QStringLiteral("%1–%2").arg(range.begin).arg(range.end - 1);
}

TimelineGeometry::Range TimelineDrag::range() const {
    if (tool == TimelineTool::Edge) {
        const MovedEdge moved = movedEdge(*this);
        return {std::min(moved.from, moved.to), std::max(moved.from, moved.to)};
    }
    return {std::min(anchor, current), std::max(anchor, current) + 1};
}

StepSchedule TimelineDrag::result() const {
    if (tool == TimelineTool::Edge) {
        return movedEdge(*this).schedule;
    }
    const auto [begin, end] = range();
    return before.filled(begin, end, letter);
}

QString TimelineDrag::description() const {
    if (tool == TimelineTool::Edge) {
        const MovedEdge moved = movedEdge(*this);
        return QStringLiteral("Drag edge at step %1 → %2").arg(moved.from).arg(moved.to);
    }
    return QStringLiteral("%1 %2 over %3")
        .arg(tool == TimelineTool::Paint ? QStringLiteral("Paint") : QStringLiteral("Fill"))
        .arg(QLatin1Char(letter))
        .arg(describeRange(range()));
}

QString TimelineDrag::figures() const {
    if (tool == TimelineTool::Edge) {
        const MovedEdge moved = movedEdge(*this);
        if (keepShares && moved.partnerFrom == 0) {
            return QStringLiteral("budget locked: no opposite edge can give");
        }
        QString text = QStringLiteral("edge %1 → %2").arg(moved.from).arg(moved.to);
        if (moved.partnerFrom != 0) {
            text += QStringLiteral(" and %1 → %2").arg(moved.partnerFrom).arg(moved.partnerTo);
        }
        return text;
    }
    const auto covered = range();
    const int count = covered.end - covered.begin;
    return count == 1 ? QStringLiteral("%1 → %2").arg(describeRange(covered)).arg(QLatin1Char(letter))
                      : QStringLiteral("steps %1 → %2 · %3 steps")
                            .arg(describeRange(covered))
                            .arg(QLatin1Char(letter))
                            .arg(count);
}

} // namespace steploom
