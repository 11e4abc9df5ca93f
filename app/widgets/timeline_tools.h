// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/step_words.h"
#include "app/widgets/timeline_geometry.h"

#include <QString>

namespace steploom {

/// Select: a click takes a block, a drag moves it (or the selected range); a drag beside the blocks selects a
/// range. Paint: a drag over a lane gives the steps to that lane's member. Fill: a dragged range goes to the
/// active member on release. Edge: the nearest edge follows the pointer. Split: the part of a segment from
/// the pointer on goes to another member. Erase: a dragged range goes to the first member. A press near an
/// edge drags it with all but Select, Split and Erase.
enum class TimelineTool { Select, Paint, Fill, Edge, Split, Erase };

/// One drag from press to release, as a value: what the schedule would become, and how the edit is called.
struct TimelineDrag {
    TimelineTool tool = TimelineTool::Paint;
    StepSchedule before;                 ///< the schedule at the press
    char letter = 'H';                   ///< Paint, Fill, Split, Erase: the member the steps go to
    int anchor = 0;                      ///< the step pressed. Edge: the edge's step
    int current = 0;                     ///< the step now under the pointer. Edge: where the edge should go
    bool keepShares = false;             ///< every member keeps its number of steps (budget lock)
    bool splitsBefore = false;           ///< Split: the part up to the pointer goes, not the part from it on
    TimelineGeometry::Range block{0, 0}; ///< Select: what is moved; empty: a range is being selected
    StepWords words;                     ///< what a step is called

    /// The steps concerned. Paint, Fill, Erase: from anchor to pointer, both included, in whichever
    /// direction. Split: the part that is split off. Select: where the block came to lie, or the range
    /// selected. Edge: the steps that changed hands.
    TimelineGeometry::Range range() const;
    /// The schedule if the button were released now.
    StepSchedule result() const;
    /// "Paint L over 10–20", "Drag edge at step 32 → 40": names the undo step.
    QString description() const;
    /// The figures at the pointer: "steps 10–20 · 11 steps", "step 32 → 40", "no L|H edge to move along".
    QString figures() const;
};

/// "step 10" or "10–20" (last step included).
QString describeRange(TimelineGeometry::Range range, const StepWords& words = {});

} // namespace steploom
