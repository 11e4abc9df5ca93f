// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run_store.h"
#include "engine/runs/store_reading.h"

#include <SQLiteCpp/Database.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>

namespace steploom {

/// What a store object holds: the connection and what it remembers beside the file.
struct RunStore::Database {
    Database(const std::filesystem::path& path, const RunStoreOptions& options);

    void requireWritable();
    void switchToWal(std::chrono::milliseconds timeout);
    void markCutOff(const std::string& table);
    void requireChanged(int changed, std::int64_t run) const {
        if (changed == 0)
            throw noSuchRun(file, run);
    }
    StoreSource source() { return {sqlite, file}; }

    std::filesystem::path file;
    SQLite::Database sqlite;
    /// Since when the runs that this object began are running: a run that is cut off keeps the time it had.
    std::unordered_map<std::int64_t, std::chrono::steady_clock::time_point> began;
    // What changeCounter has seen.
    std::int64_t changes = 0;
    std::int64_t dataVersion = 0;
    int ownChanges = 0;
};

} // namespace steploom
