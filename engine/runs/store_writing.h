// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"
#include "engine/runs/store_statements.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace steploom {

// The rows of a run. All within the caller's transaction, and none asks whether there is such a run. They
// throw SQLite::Exception.

/// `trace`: of the sample, as traceToCompactBlob makes it.
void writeSample(Statements& statements, std::int64_t run, const RunSample& sample,
                 std::span<const std::byte> trace);
/// Adds or replaces the measure of that name.
void writeMeasure(Statements& statements, std::int64_t run, const Measure& measure);
/// Replaces what was known; empty work is not known and replaces nothing.
void writeWork(Statements& statements, std::int64_t run, const RunWork& work);
/// A score that is not there replaces the one that is.
void writeScores(Statements& statements, std::int64_t run, std::span<const RunSample> samples);

/// What RunStore::addRuns does, without its transaction.
std::vector<std::int64_t> addRuns(Statements& statements, std::span<const Run> runs,
                                  std::span<const std::string> identities);
/// The run that was added with this identity, if any.
std::optional<std::int64_t> runWithIdentity(Statements& statements, const std::string& identity);

} // namespace steploom
