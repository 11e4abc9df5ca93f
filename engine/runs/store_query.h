// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"
#include "engine/runs/run_query.h"
#include "engine/runs/store_reading.h"

#include <map>
#include <string>
#include <vector>

namespace steploom {

/// What runs of one group have in common.
enum class RunGrouping {
    Schedule,
    Pool,     ///< the same checkpoints under the same letters
    Settings, ///< everything but the seed
};
std::string_view runGroupingName(RunGrouping grouping) noexcept; ///< "schedule", "pool", "settings"
/// Throws Error(Request).
RunGrouping parseRunGrouping(std::string_view text);

struct RunGroup {
    std::string label;
    std::vector<std::int64_t> runs; ///< in the order of the query
    /// Mean with its 95% interval (Student's t) over the runs that have it, one of each request and seed (a
    /// run that was made twice says nothing new): every measure's value by its name, and "light", "saved",
    /// "flops", "flops_per_sample", "seconds", "seconds_per_sample".
    std::map<std::string, Estimate> measures;
};

// What RunStore says of them, within the caller's transaction. They throw SQLite::Exception and
// Error(Request).

std::vector<std::int64_t> findRuns(const StoreSource& source, const RunQuery& query);
/// In the order of their first run.
std::vector<RunGroup> groupRuns(const StoreSource& source, const RunQuery& query, RunGrouping grouping);
/// Of all measures of runs, sorted.
std::vector<std::string> readMeasureNames(const StoreSource& source);

} // namespace steploom
