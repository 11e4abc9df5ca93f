// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/analysis_order.h"
#include "engine/runs/queued_generation.h"

#include <string>

namespace steploom {

struct GenerationRequest;

/// What people call it: "Search: 2 light of 10 segments, 32 samples", "Frontier, 3 schedules × 5
/// temperatures".
std::string analysisName(const AnalysisOrder& order, const GenerationRequest& request);

/// The name that an item of the queue was given, else what it is: an analysis' name or the schedule's
/// notation.
std::string nameOf(const QueuedGeneration& item);

} // namespace steploom
