// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"
#include "engine/runs/store_reading.h"

#include <cstddef>
#include <span>
#include <vector>

namespace steploom {

// The rows of a run. All within the caller's transaction, and none asks whether there is such a run. They
// throw SQLite::Exception.

/// `trace`: of the sample, as traceToBlob makes it.
void writeSample(const StoreSource& source, std::int64_t run, const RunSample& sample,
                 std::span<const std::byte> trace);
/// Adds or replaces the measure of that name.
void writeMeasure(const StoreSource& source, std::int64_t run, const Measure& measure);
/// Replaces what was known; empty work is not known and replaces nothing.
void writeWork(const StoreSource& source, std::int64_t run, const RunWork& work);
/// A score that is not there replaces the one that is.
void writeScores(const StoreSource& source, std::int64_t run, std::span<const RunSample> samples);

/// What RunStore::addRuns does, without its transaction.
std::vector<std::int64_t> addRuns(const StoreSource& source, std::span<const Run> runs);

} // namespace steploom
