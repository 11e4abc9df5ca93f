// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

namespace steploom {

/// What the timeline's tools do to a schedule, without a mouse. An edge is named by the step at which its
/// right-hand segment begins; 0 and T are no edges.

struct MovedEdge {
    StepSchedule schedule;
    int from = 0;
    int to = 0;          ///< where the edge came to lie: the wanted step, or as near as its neighbours allow
    int partnerFrom = 0; ///< the edge that moved along to keep the share; 0: none
    int partnerTo = 0;
};

/// The schedule with one edge moved. The segments on both sides give and take; neither gets shorter than
/// nothing, and a segment of no steps is gone. No other segment changes.
MovedEdge moveEdge(const StepSchedule& schedule, int edge, int to);

/// The same, with the nearest edge of the opposite kind (L|H for H|L) moved by as many steps, so that every
/// member keeps its number of steps. Where there is no such edge nothing moves.
MovedEdge moveEdgeKeepingShares(const StepSchedule& schedule, int edge, int to);

} // namespace steploom
