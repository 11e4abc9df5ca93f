// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_care.h"

#include "engine/runs/store_error.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <unistd.h>

namespace steploom {

namespace {

constexpr int kMostTold = 20; ///< of one kind

/// `sql` gives a sentence a row.
void tell(const StoreSource& source, const std::string& sql, std::vector<std::string>& faults) {
    SQLite::Statement rows(source.database, sql + fmt::format(" LIMIT {}", kMostTold));
    while (rows.executeStep())
        faults.push_back(rows.getColumn(0).getString());
}

} // namespace

std::vector<std::string> checkIntegrity(const StoreSource& source) {
    std::vector<std::string> faults;
    {
        SQLite::Statement pages(source.database, fmt::format("PRAGMA integrity_check({})", kMostTold));
        while (pages.executeStep())
            if (std::string line = pages.getColumn(0).getString(); line != "ok")
                faults.push_back(std::move(line));
    }
    tell(source,
         "SELECT 'row ' || coalesce(rowid, '?') || ' of ' || \"table\" || ' belongs to a row of ' || parent "
         "|| "
         "' that is not there' FROM pragma_foreign_key_check",
         faults);
    tell(source,
         "SELECT 'run ' || id || ' cannot be found: it has no row in run_facts' FROM runs "
         "WHERE id NOT IN (SELECT run FROM run_facts)",
         faults);
    tell(source,
         "SELECT 'run ' || r.id || ' differs from its row in run_facts' FROM runs r "
         "JOIN run_facts f ON f.run = r.id WHERE r.state <> f.state OR r.started <> f.started OR "
         "r.seconds <> f.seconds OR r.finished_samples <> f.finished_samples OR "
         "r.executed_flops <> f.executed_flops OR (r.note <> '') <> f.noted",
         faults);
    tell(source,
         "SELECT 'run ' || r.id || ' counts ' || r.finished_samples || ' samples, the store holds ' || "
         "coalesce(s.held, 0) FROM runs r LEFT JOIN (SELECT run, count(*) AS held FROM samples GROUP BY run) "
         "s "
         "ON s.run = r.id WHERE r.finished_samples <> coalesce(s.held, 0)",
         faults);
    // The index by itself, then whether it has every text and no other.
    try {
        source.database.exec("INSERT INTO run_text (run_text) VALUES ('integrity-check')");
    } catch (const SQLite::Exception& cause) {
        faults.push_back(fmt::format("the index of the texts is damaged: {}", cause.what()));
    }
    tell(source,
         "WITH texts (id) AS (SELECT (run << 20) + sample + 1 FROM samples UNION ALL "
         "SELECT (id << 20) + 1048575 FROM runs WHERE note <> '' UNION ALL "
         "SELECT (run << 20) + 1048574 FROM run_prompts) "
         "SELECT 'a text of run ' || (id >> 20) || ' is not in the index' FROM "
         "(SELECT id FROM texts EXCEPT SELECT id FROM run_text_docsize)",
         faults);
    tell(source,
         "WITH texts (id) AS (SELECT (run << 20) + sample + 1 FROM samples UNION ALL "
         "SELECT (id << 20) + 1048575 FROM runs WHERE note <> '' UNION ALL "
         "SELECT (run << 20) + 1048574 FROM run_prompts) "
         "SELECT 'the index has a text of run ' || (id >> 20) || ' that is not there' FROM "
         "(SELECT id FROM run_text_docsize EXCEPT SELECT id FROM texts)",
         faults);
    return faults;
}

void copyStore(SQLite::Database& database, const std::filesystem::path& copy, const std::string& what) {
    std::filesystem::path partial = copy;
    partial += fmt::format(".{}", ::getpid());
    guarded(what, partial, [&] {
        SQLite::Database target(partial.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        SQLite::Backup backup(target, database);
        backup.executeStep(-1);
    });
    std::error_code failure;
    std::filesystem::rename(partial, copy, failure);
    if (failure)
        throw Error(ErrorKind::Store, {what, copy.string(), failure.message(),
                                       "Allow writing to the folder; the store was not changed"});
}

} // namespace steploom
