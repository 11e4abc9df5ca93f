// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/store_reading.h"

#include <filesystem>
#include <string>
#include <vector>

namespace steploom {

/// What is wrong with the file, a sentence each; empty: nothing. Its pages and indexes (integrity_check),
/// references to what is not there, narrow rows that are missing or differ, samples that were counted and
/// are not there, the index of the texts. Reads all of it: seconds for a large store.
std::vector<std::string> checkIntegrity(const StoreSource& source);

/// Writes a copy of what is committed, WAL included, that appears under its name only when it is whole.
/// Throws Error(Store) with `what`, and SQLite::Exception; what stood there stays.
void copyStore(SQLite::Database& database, const std::filesystem::path& copy, const std::string& what);

} // namespace steploom
