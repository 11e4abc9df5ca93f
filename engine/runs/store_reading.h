// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/runs/run.h"

#include <filesystem>
#include <span>
#include <vector>

namespace SQLite {
class Database;
}

namespace steploom {

/// What a reading needs: the connection, and the file for messages.
struct StoreSource {
    SQLite::Database& database;
    const std::filesystem::path& file;
};

// One query per table whatever the number of runs. All within the caller's transaction, so that they see one
// state of the file. Throw SQLite::Exception, and Error(Store) naming run and column when what is stored
// cannot be understood.

/// Newest first, without the bin's; `limit` −1: all.
std::vector<RunSummary> readSummaries(const StoreSource& source, int limit);
/// In this order; without those that are not there.
std::vector<RunSummary> readSummaries(const StoreSource& source, std::span<const std::int64_t> runs);
/// Throws Error(Store) when there is no such run.
RunSummary readSummary(const StoreSource& source, std::int64_t run);
Provenance readProvenance(const StoreSource& source, std::int64_t run);
std::vector<RunSample> readSamples(const StoreSource& source, std::int64_t run);

Error noSuchRun(const std::filesystem::path& file, std::int64_t run);

} // namespace steploom
