// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run_facts.h"
#include "engine/runs/store_reading.h"

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
void writeFacts(const StoreSource& source, std::int64_t run, const RunFacts& facts);
/// Of every run that has none, from its stored JSON. One that cannot be read gets what can be said without.
void writeMissingFacts(const StoreSource& source);

void setStarred(const StoreSource& source, std::span<const std::int64_t> runs, bool starred);
void addTag(const StoreSource& source, std::span<const std::int64_t> runs, const std::string& tag);
void removeTag(const StoreSource& source, std::span<const std::int64_t> runs, const std::string& tag);
std::vector<std::pair<std::string, int>> readTags(const StoreSource& source);
void moveToBin(const StoreSource& source, std::span<const std::int64_t> runs);
void restoreFromBin(const StoreSource& source, std::span<const std::int64_t> runs);
int emptyBin(const StoreSource& source);

/// The tag as it is kept: without surrounding blanks. Throws Error(Store) when it is empty, longer than
/// kLongestTag, or has a control character.
std::string tagText(const StoreSource& source, const std::string& tag);
inline constexpr std::size_t kLongestTag = 60; ///< bytes

} // namespace steploom
