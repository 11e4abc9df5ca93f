// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_records.h"
#include "app/widgets/plot.h"
#include "engine/analyses/search_result.h"

namespace steploom {

using SearchRecord = AnalysisRecord<SearchResult>;

/// A bar a schedule, the cheapest in quality first: nats a token more than the baseline.
Plot searchBars(const SearchRecord& search);
/// The same over the pairs of segments that are not the first member's. Empty unless there are two of them.
Plot searchMap(const SearchRecord& search);
/// Which of `segments` equal parts of a schedule the first letter does not have (from 0), by their middles.
std::vector<int> lightSegments(const StepSchedule& schedule, int segments, char heavy);

/// "10 segments, 2 light · 32 samples · reader · 22 Nov"
QString searchLabel(const StoredAnalysis& stored);
/// What the best schedule is and whether it can be told from the baseline.
QString searchFinding(const SearchRecord& search);

} // namespace steploom
