// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <vector>

namespace steploom {

/// What a member of a pool that writes in order has to read when its turn comes.
struct CatchUp {
    char letter = 'H';
    int steps = 0;   ///< that others wrote before a step of its own, beyond its cache
    int returns = 0; ///< calls in which it reads them
};

/// Of each member that has something to catch up on, in the order of their first steps. The steps before
/// `first` are the prompt, which every member reads once and nobody writes.
std::vector<CatchUp> catchUpsOf(const StepSchedule& schedule, int first);

} // namespace steploom
