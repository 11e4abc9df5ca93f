// SPDX-License-Identifier: GPL-3.0-or-later
// What RunStore offers to find runs by, and what people put on them.
#include "engine/runs/run_store.h"

#include "engine/runs/store_care.h"
#include "engine/runs/store_database.h"
#include "engine/runs/store_error.h"
#include "engine/runs/store_facts.h"
#include "engine/runs/store_writing.h"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

namespace steploom {

void RunStore::setStarred(std::span<const std::int64_t> runs, bool starred) {
    guarded("cannot star the runs", file(),
            [&] { steploom::setStarred(m_database->source(), runs, starred); });
}

void RunStore::addTag(std::span<const std::int64_t> runs, const std::string& tag) {
    guarded("cannot tag the runs", file(), [&] { steploom::addTag(m_database->source(), runs, tag); });
}

void RunStore::removeTag(std::span<const std::int64_t> runs, const std::string& tag) {
    guarded("cannot take the tag off the runs", file(),
            [&] { steploom::removeTag(m_database->source(), runs, tag); });
}

std::vector<std::pair<std::string, int>> RunStore::listTags() const {
    return guarded("cannot list the tags", file(), [&] { return readTags(m_database->source()); });
}

void RunStore::moveToBin(std::span<const std::int64_t> runs) {
    guarded("cannot move the runs to the bin", file(),
            [&] { steploom::moveToBin(m_database->source(), runs); });
}

void RunStore::restoreFromBin(std::span<const std::int64_t> runs) {
    guarded("cannot restore the runs", file(), [&] { steploom::restoreFromBin(m_database->source(), runs); });
}

int RunStore::emptyBin() {
    return guarded("cannot empty the bin", file(), [&] { return steploom::emptyBin(m_database->source()); });
}

int RunStore::binCount() const {
    return guarded("cannot count the runs in the bin", file(), [&] {
        return m_database->sqlite.execAndGet("SELECT count(*) FROM run_facts WHERE binned IS NOT NULL")
            .getInt();
    });
}

std::vector<std::int64_t> RunStore::findRuns(const RunQuery& query) const {
    return guarded("cannot search the runs", file(), [&] {
        SQLite::Transaction snapshot(m_database->sqlite);
        return steploom::findRuns(m_database->source(), query);
    });
}

std::vector<RunSummary> RunStore::summaries(std::span<const std::int64_t> runs) const {
    return guarded("cannot read the runs", file(), [&] {
        SQLite::Transaction snapshot(m_database->sqlite);
        return readSummaries(m_database->source(), runs);
    });
}

std::vector<RunGroup> RunStore::groupRuns(const RunQuery& query, RunGrouping grouping) const {
    return guarded("cannot group the runs", file(), [&] {
        SQLite::Transaction snapshot(m_database->sqlite);
        return steploom::groupRuns(m_database->source(), query, grouping);
    });
}

std::vector<std::string> RunStore::listMeasureNames() const {
    return guarded("cannot list the measures", file(),
                   [&] { return readMeasureNames(m_database->source()); });
}

std::vector<std::string> RunStore::checkIntegrity() const {
    return guarded("cannot check the run store", file(),
                   [&] { return steploom::checkIntegrity(m_database->source()); });
}

void RunStore::backUp(const std::filesystem::path& copy) const {
    copyStore(m_database->sqlite, copy, "cannot copy the run store");
}

std::optional<std::int64_t> RunStore::findIdentity(const std::string& identity) const {
    return guarded("cannot look for a run", file(), [&] {
        Statements statements(m_database->source());
        return runWithIdentity(statements, identity);
    });
}

std::vector<std::int64_t> RunStore::unidentifiedRuns(const std::string& started) const {
    return guarded("cannot look for runs", file(), [&] {
        SQLite::Statement rows(
            m_database->sqlite,
            "SELECT run FROM run_facts WHERE started = ? AND state <> 'running' AND run NOT IN "
            "(SELECT run FROM run_identities) ORDER BY run DESC");
        rows.bind(1, started);
        std::vector<std::int64_t> runs;
        while (rows.executeStep())
            runs.push_back(rows.getColumn(0).getInt64());
        return runs;
    });
}

} // namespace steploom
