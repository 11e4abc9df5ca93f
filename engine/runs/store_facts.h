// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run_facts.h"
#include "engine/runs/store_statements.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace steploom {

// The narrow row of a run, and what people put on runs: stars, tags, the bin. Within the caller's
// transaction, but for those of several runs, which make their own. They throw SQLite::Exception, and
// Error(Store) for a run that is not there, when nothing is changed.

/// Writes the narrow row of a run that has none; the columns that change later are copied from `runs` (and
/// kept up by triggers).
void writeFacts(Statements& statements, std::int64_t run, const RunFacts& facts);
/// Of every run that has none, from its stored JSON. One that cannot be read gets what can be said without.
void writeMissingFacts(const StoreSource& source);

void setStarred(const StoreSource& source, std::span<const std::int64_t> runs, bool starred);
void addTag(const StoreSource& source, std::span<const std::int64_t> runs, const std::string& tag);
void removeTag(const StoreSource& source, std::span<const std::int64_t> runs, const std::string& tag);
std::vector<std::pair<std::string, int>> readTags(const StoreSource& source);
void moveToBin(const StoreSource& source, std::span<const std::int64_t> runs);
void restoreFromBin(const StoreSource& source, std::span<const std::int64_t> runs);
int emptyBin(const StoreSource& source);

} // namespace steploom
