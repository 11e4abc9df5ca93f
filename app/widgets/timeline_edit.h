// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <utility>

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

struct GivenSteps {
    StepSchedule schedule;
    int begin = 0, end = 0; ///< the steps that are the member's now; empty when none could be
    bool whole = true;      ///< all that were asked for
};

/// The steps from `anchor` to `current`, both included, in whichever direction, given to `letter`.
GivenSteps giveSteps(const StepSchedule& schedule, int anchor, int current, char letter);

/// The same, with as many steps of `letter` elsewhere given back to those who lost some, so that every member
/// keeps its number of steps: first from the segments that lie nearest, at their edge towards the range, last
/// from those that touch the range, at their far edge. Where nothing is left to give back the range ends
/// early, seen from `anchor`.
GivenSteps giveStepsKeepingShares(const StepSchedule& schedule, int anchor, int current, char letter);

struct MovedBlock {
    StepSchedule schedule;
    int begin = 0, end = 0; ///< where the block came to lie
};

/// Steps [begin, end) moved by `delta` steps, or as far as the schedule's ends allow; what they pass takes
/// their place. Every member keeps its number of steps.
MovedBlock moveBlock(const StepSchedule& schedule, int begin, int end, int delta);

/// The part of the segment at `step` that begins there, or with `before` the part that ends there, `step`
/// included: what a split gives away. [first, second).
std::pair<int, int> splitOff(const StepSchedule& schedule, int step, bool before);

/// Steps [begin, end) read from the last to the first.
StepSchedule mirrorRange(const StepSchedule& schedule, int begin, int end);

} // namespace steploom
