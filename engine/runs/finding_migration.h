// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace SQLite {
class Database;
}

namespace steploom {

/// Schema 9: what makes a run findable among 100,000. Narrow rows, tags, the bin, full-text search, views for
/// other programs.
extern const char* const kFindRuns;

/// Its second part: fills what was just created from the runs that there are.
void fillFindRuns(SQLite::Database& database);

} // namespace steploom
