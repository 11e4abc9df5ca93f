// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_records.h"
#include "app/widgets/plot.h"
#include "engine/analyses/frontier.h"

namespace steploom {

using FrontierRecord = AnalysisRecord<Frontier>;

/// A series a schedule: its points over temperature, connected. Perplexity over entropy.
Plot frontierPlot(const FrontierRecord& frontier, bool logarithmic);
/// "3 schedules, 5 temperatures · 16 samples · reader · 22 Nov"
QString frontierLabel(const FrontierRecord& frontier);

} // namespace steploom
