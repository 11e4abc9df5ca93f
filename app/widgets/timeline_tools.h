// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/timeline_geometry.h"

#include <QString>

namespace steploom {

/// Paint: a drag over a lane gives the steps to that lane's member. Fill: a dragged range goes to the active
/// member on release. Edge: the nearest edge follows the pointer. A press near an edge drags it, whatever the
/// tool.
enum class TimelineTool { Paint, Fill, Edge };

/// One drag from press to release, as a value: what the schedule would become, and how the edit is called.
struct TimelineDrag {
    TimelineTool tool = TimelineTool::Paint;
    StepSchedule before;     ///< the schedule at the press
    char letter = 'H';       ///< Paint, Fill: the member the steps go to
    int anchor = 0;          ///< Paint, Fill: the step pressed. Edge: the edge's step
    int current = 0;         ///< Paint, Fill: the step now under the pointer. Edge: where the edge should go
    bool keepShares = false; ///< Edge: an opposite edge moves along (budget lock)

    /// The steps from anchor to pointer, both included, in whichever direction. Edge: the steps that changed
    /// hands.
    TimelineGeometry::Range range() const;
    /// The schedule if the button were released now.
    StepSchedule result() const;
    /// "Paint L over 10–20", "Drag edge at step 32 → 40": names the undo step.
    QString description() const;
    /// The figures at the pointer: "steps 10–20 · 11 steps", "step 32 → 40", "no L|H edge to move along".
    QString figures() const;
};

/// "step 10" or "10–20" (last step included).
QString describeRange(TimelineGeometry::Range range);

} // namespace steploom
