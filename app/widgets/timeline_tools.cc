// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_tools.h"

#include "app/widgets/timeline_edit.h"

#include <algorithm>
#include <cstdlib>

namespace steploom {

namespace {

MovedEdge movedEdge(const TimelineDrag& drag) {
    return drag.keepShares ? moveEdgeKeepingShares(drag.before, drag.anchor, drag.current)
                           : moveEdge(drag.before, drag.anchor, drag.current);
}

MovedBlock movedBlock(const TimelineDrag& drag) {
    return moveBlock(drag.before, drag.block.begin, drag.block.end, drag.current - drag.anchor);
}

/// Paint, Fill, Erase, Split.
GivenSteps givenSteps(const TimelineDrag& drag) {
    int first = drag.anchor, last = drag.current;
    if (drag.tool == TimelineTool::Split) {
        const auto [begin, end] = splitOff(drag.before, drag.current, drag.splitsBefore);
        // From the cut towards the segment's end: a locked budget that runs short ends the part there.
        first = drag.splitsBefore ? end - 1 : begin;
        last = drag.splitsBefore ? begin : end - 1;
    }
    return drag.keepShares ? giveStepsKeepingShares(drag.before, first, last, drag.letter)
                           : giveSteps(drag.before, first, last, drag.letter);
}

bool movesBlock(const TimelineDrag& drag) { return drag.block.end > drag.block.begin; }

QString nameOf(TimelineTool tool) {
    switch (tool) {
    case TimelineTool::Fill:
        return QStringLiteral("Fill");
    case TimelineTool::Split:
        return QStringLiteral("Split off to");
    case TimelineTool::Erase:
        return QStringLiteral("Erase to");
    default:
        return QStringLiteral("Paint");
    }
}

} // namespace

QString describeRange(TimelineGeometry::Range range, const StepWords& words) {
    return range.end - range.begin == 1 ? QStringLiteral("%1 %2").arg(words.one()).arg(range.begin)
                                        : QStringLiteral("%1–%2").arg(range.begin).arg(range.end - 1);
}

TimelineGeometry::Range TimelineDrag::range() const {
    switch (tool) {
    case TimelineTool::Edge: {
        const MovedEdge moved = movedEdge(*this);
        return {std::min(moved.from, moved.to), std::max(moved.from, moved.to)};
    }
    case TimelineTool::Select:
        if (movesBlock(*this)) {
            const MovedBlock moved = movedBlock(*this);
            return {moved.begin, moved.end};
        }
        return {std::min(anchor, current), std::max(anchor, current) + 1};
    default: {
        const GivenSteps given = givenSteps(*this);
        return {given.begin, given.end};
    }
    }
}

StepSchedule TimelineDrag::result() const {
    switch (tool) {
    case TimelineTool::Edge:
        return movedEdge(*this).schedule;
    case TimelineTool::Select:
        return movesBlock(*this) ? movedBlock(*this).schedule : before;
    default:
        return givenSteps(*this).schedule;
    }
}

QString TimelineDrag::description() const {
    if (tool == TimelineTool::Edge) {
        const MovedEdge moved = movedEdge(*this);
        return QStringLiteral("Drag edge at %1 %2 → %3").arg(words.one()).arg(moved.from).arg(moved.to);
    }
    if (tool == TimelineTool::Select) {
        return QStringLiteral("Move %1 to %2")
            .arg(describeRange(block, words), describeRange(range(), words));
    }
    return QStringLiteral("%1 %2 over %3")
        .arg(nameOf(tool))
        .arg(QLatin1Char(letter))
        .arg(describeRange(range(), words));
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
    if (tool == TimelineTool::Select) {
        return movesBlock(*this)
                   ? QStringLiteral("%1 → %2").arg(describeRange(block, words), describeRange(covered, words))
                   : QStringLiteral("%1 · %2").arg(describeRange(covered, words), words.counted(count));
    }
    if (count == 0) {
        return QStringLiteral("budget locked: no other %1 of %2 to give back")
            .arg(words.one())
            .arg(QLatin1Char(letter));
    }
    QString text = count == 1
                       ? QStringLiteral("%1 → %2").arg(describeRange(covered, words)).arg(QLatin1Char(letter))
                       : QStringLiteral("%1 %2 → %3 · %4")
                             .arg(words.many(), describeRange(covered, words), QString(QLatin1Char(letter)),
                                  words.counted(count));
    if (keepShares && !givenSteps(*this).whole) {
        text += QStringLiteral(" (all the budget has)");
    }
    return text;
}

} // namespace steploom
