// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <span>

namespace SQLite {
class Database;
}

namespace steploom {

/// One step of the schema, from `to` − 1 to `to`.
struct Migration {
    int to = 0;
    const char* sql = "";
    /// What SQL alone cannot say, in the same transaction after it; nothing: it can.
    void (*fill)(SQLite::Database&) = nullptr;
};

/// Every step there ever was, in order; the first creates the tables. Never edit a step that was released:
/// add one.
std::span<const Migration> storeMigrations();

/// "STPL" in SQLite's header: a file of another program is refused, not scribbled on.
inline constexpr int kStoreApplicationId = 0x5354504C;

/// Throws Error(Store) when the file is another program's, or of a schema newer than the last of `steps`.
/// Reads only.
void requireOwnStore(SQLite::Database& database, const std::filesystem::path& file,
                     std::span<const Migration> steps);

/// Brings the file to the last of `steps`, each step in a transaction of its own. A file that holds an older
/// schema is first copied to "FILE.v<N>.bak". Safe when several processes open one file at once. Throws
/// Error(Store) naming the step that failed; the file then has the schema before that step.
void migrate(SQLite::Database& database, const std::filesystem::path& file, std::span<const Migration> steps);

} // namespace steploom
