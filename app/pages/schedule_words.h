// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot.h"
#include "engine/schedule/step_schedule.h"

#include <string>

namespace steploom {

/// The notation, as the timeline takes it.
QString notationOf(const StepSchedule& schedule);
/// The preset's name where it is one of the first two letters' presets, else the notation.
QString wordsOf(const StepSchedule& schedule, const std::string& letters);
/// The schedule as a strip in the members' colours, members other than the first hatched; `letters`: the
/// pool's, in order.
std::vector<PlotStripe> stripesOf(const StepSchedule& schedule, const std::string& letters);

} // namespace steploom
