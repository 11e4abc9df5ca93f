// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_document.h"
#include "engine/sampling/generation_request.h"

#include <span>
#include <string>

namespace steploom {

/// A schedule to be drawn.
struct DrawnSchedule {
    std::string label;
    const GenerationRequest* request = nullptr; ///< schedule, and the pool that gives colours their order
};

/// Schedules below one another, from step 0 (everything masked) on the left to the last one. A member has its
/// colour, its height (the first one the whole, each further one less) and its letter above, with the number
/// of steps where there is room for it.
ReportFigure scheduleStrips(std::span<const DrawnSchedule> schedules);

} // namespace steploom
