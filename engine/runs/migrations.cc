// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/migrations.h"

#include "engine/core/error.h"
#include "engine/runs/finding_migration.h"
#include "engine/runs/run_store.h"
#include "engine/runs/store_care.h"
#include "engine/runs/store_error.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <array>

namespace steploom {

namespace {

// The wide columns of a table come last: SQLite reads a row from its start, so a scan of the narrow ones
// never touches the overflow pages that hold text and traces.
//
// runs.finished_samples, executed_flops and run_calls are totals over the samples, written in the transaction
// of the sample they count: a list of 100,000 runs then reads no sample.
constexpr const char* kCreate = R"sql(
CREATE TABLE runs (
    id               INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    state            TEXT NOT NULL CHECK (state IN ('running', 'finished', 'stopped', 'cut off')),
    started          TEXT NOT NULL,                     -- UTC, ISO 8601
    seconds          REAL NOT NULL DEFAULT 0,           -- wall time of generation
    finished_samples INTEGER NOT NULL DEFAULT 0,
    executed_flops   REAL NOT NULL DEFAULT 0,
    process_id       INTEGER NOT NULL,                  -- of the writer: these three tell whether it still lives
    process_start    INTEGER NOT NULL,
    boot_id          TEXT NOT NULL,
    schedule         TEXT NOT NULL,                     -- run-length notation
    note             TEXT NOT NULL DEFAULT '',
    request          TEXT NOT NULL,                     -- JSON
    cost             TEXT NOT NULL,                     -- JSON
    provenance       TEXT NOT NULL                      -- JSON
);
CREATE INDEX runs_by_state ON runs (state);

CREATE TABLE run_calls (
    run    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    letter TEXT NOT NULL,
    calls  INTEGER NOT NULL,
    PRIMARY KEY (run, letter)
) WITHOUT ROWID;

CREATE TABLE samples (
    run     INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    sample  INTEGER NOT NULL,                           -- index in the request, from 0
    flops   REAL NOT NULL,
    seconds REAL NOT NULL,
    calls   TEXT NOT NULL,                              -- JSON, letter: network calls
    text    TEXT NOT NULL,
    trace   BLOB NOT NULL,                              -- trace_blob.h
    UNIQUE (run, sample)
);

CREATE TABLE measures (
    run       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    value     REAL,                                     -- NULL: not a number
    low       REAL,
    high      REAL,
    n         INTEGER NOT NULL,
    seconds   REAL NOT NULL,
    unit      TEXT NOT NULL,
    estimator TEXT NOT NULL,
    settings  TEXT NOT NULL,                            -- JSON
    UNIQUE (run, name)
);
)sql";

// What was executed, by pool member: of the whole run, unfinished samples included, while run_calls and
// runs.executed_flops count the finished ones. Runs of before have none of it. (ALTER puts columns behind the
// wide ones; rows fit on a page mostly, and a list reads the request anyway.)
constexpr const char* kCountWork = R"sql(
ALTER TABLE runs ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;       -- samples in one call at most; 0: not known
ALTER TABLE runs ADD COLUMN peak_memory INTEGER NOT NULL DEFAULT 0; -- bytes; 0: not known

CREATE TABLE run_work (
    run           INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    letter        TEXT NOT NULL,
    sample_calls  INTEGER NOT NULL,                     -- counted for every sample in a call
    network_calls INTEGER NOT NULL,
    rows          INTEGER NOT NULL,                     -- through the last block and the output layer
    flops         REAL NOT NULL,
    seconds       REAL NOT NULL,                        -- wall time within the calls
    PRIMARY KEY (run, letter)
) WITHOUT ROWID;
)sql";

// Training runs and their curves. A point is found by its run and step alone, and points of one run lie
// together.
constexpr const char* kKeepTrainings = R"sql(
CREATE TABLE training_runs (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    key           TEXT NOT NULL UNIQUE,              -- the trainer's: a resumed training goes on in its row
    name          TEXT NOT NULL,
    kind          TEXT NOT NULL,
    folder        TEXT NOT NULL,                     -- of the checkpoint it writes
    validation    TEXT NOT NULL,                     -- what training_points.validation measures
    planned_steps INTEGER NOT NULL,                  -- 0: not known
    note          TEXT NOT NULL DEFAULT '',
    state         TEXT NOT NULL CHECK (state IN ('running', 'finished', 'stopped', 'cut off', 'failed')),
    started       TEXT NOT NULL,                     -- UTC, ISO 8601
    process_id    INTEGER NOT NULL,                  -- of the writer, as in runs
    process_start INTEGER NOT NULL,
    boot_id       TEXT NOT NULL,
    config        TEXT NOT NULL,                     -- JSON
    provenance    TEXT NOT NULL                      -- JSON
);

CREATE TABLE training_points (
    training      INTEGER NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
    step          INTEGER NOT NULL,
    tokens        INTEGER NOT NULL,                  -- since step 0, as seconds and flops
    seconds       REAL NOT NULL,
    flops         REAL NOT NULL,
    learning_rate REAL NOT NULL,
    loss          REAL,                              -- nats per token; NULL: not a number
    validation    REAL,                              -- nats per token; NULL: not measured at this step
    PRIMARY KEY (training, step)
) WITHOUT ROWID;
)sql";

// The library of schedules. A name is how a schedule is asked for, so it is given once, in whatever case.
constexpr const char* kKeepSchedules = R"sql(
CREATE TABLE schedules (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,      -- never given twice
    name     TEXT NOT NULL UNIQUE COLLATE NOCASE,
    created  TEXT NOT NULL,                          -- UTC, ISO 8601
    notation TEXT NOT NULL                           -- run-length notation in step counts
);
)sql";

// Runs that go on from a sample of another run: the canvas they began with is in the request. The parent may
// be removed, so it is no reference; ids are never given twice. And what the evaluator said of each sample.
constexpr const char* kKeepBranches = R"sql(
ALTER TABLE runs ADD COLUMN parent_run INTEGER;                     -- NULL: began with the first step
ALTER TABLE runs ADD COLUMN parent_sample INTEGER;
ALTER TABLE runs ADD COLUMN parent_step INTEGER;                    -- the first step of the branch
CREATE INDEX runs_by_parent ON runs (parent_run) WHERE parent_run IS NOT NULL;

ALTER TABLE samples ADD COLUMN nats REAL;                           -- NULL: not scored, or not a number
ALTER TABLE samples ADD COLUMN scored_tokens INTEGER;               -- NULL: not scored
)sql";

// The queue of generations. An item that is finished leaves it: its run is in runs. Whoever runs an item says
// so with the three that tell a process, as in runs: two programs never run the same one, and one whose
// program is gone waits again. What it had finished by then is kept by its run, which is continued (and may
// be removed, so it is no reference).
constexpr const char* kKeepQueue = R"sql(
CREATE TABLE queue (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    position      INTEGER NOT NULL,                  -- the order; where it is the same, the id's
    state         TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'failed')),
    run           INTEGER,                           -- NULL: not begun
    process_id    INTEGER NOT NULL DEFAULT 0,        -- of who runs it
    process_start INTEGER NOT NULL DEFAULT 0,
    boot_id       TEXT NOT NULL DEFAULT '',
    added         TEXT NOT NULL,                     -- UTC, ISO 8601
    name          TEXT NOT NULL,                     -- what people call its schedule
    error         TEXT NOT NULL DEFAULT '',          -- JSON; '': not failed
    request       TEXT NOT NULL                      -- JSON
);
)sql";

// What was measured of models under everything it depends on, which is how it is found again.
constexpr const char* kKeepAnalyses = R"sql(
CREATE TABLE analyses (
    kind     TEXT NOT NULL,                          -- 'step importance'
    settings TEXT NOT NULL,                          -- JSON with its keys in order: models, text, numbers
    result   TEXT NOT NULL,                          -- JSON
    created  TEXT NOT NULL,                          -- UTC, ISO 8601
    seconds  REAL NOT NULL,                          -- that it took
    PRIMARY KEY (kind, settings)
) WITHOUT ROWID;
)sql";

// An analysis waits in the queue as a generation does.
constexpr const char* kQueueAnalyses = R"sql(
ALTER TABLE queue ADD COLUMN analysis TEXT NOT NULL DEFAULT '';     -- JSON; '': a generation
)sql";

// What CALM draws to write a vector.
constexpr const char* kCountDraws = R"sql(
ALTER TABLE run_work ADD COLUMN draws INTEGER NOT NULL DEFAULT 0;      -- vectors
ALTER TABLE run_work ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;   -- beginnings; one led to each chunk
ALTER TABLE run_work ADD COLUMN fall_backs INTEGER NOT NULL DEFAULT 0; -- chunks that came to the limit
)sql";

const std::array kMigrations{
    Migration{1, kCreate},        Migration{2, kCountWork},     Migration{3, kKeepTrainings},
    Migration{4, kKeepSchedules}, Migration{5, kKeepBranches},  Migration{6, kKeepQueue},
    Migration{7, kKeepAnalyses},  Migration{8, kQueueAnalyses}, Migration{9, kFindRuns, fillFindRuns},
    Migration{10, kCountDraws}};
static_assert(std::tuple_size_v<decltype(kMigrations)> == RunStore::kSchemaVersion);

int pragma(SQLite::Database& database, const char* name) {
    return database.execAndGet(std::string("PRAGMA ") + name).getInt();
}

void backUp(SQLite::Database& database, const std::filesystem::path& file, int version) {
    std::filesystem::path copy = file;
    copy += fmt::format(".v{}.bak", version);
    copyStore(database, copy, "cannot copy the run store before upgrading it");
}

} // namespace

std::span<const Migration> storeMigrations() { return kMigrations; }

void requireOwnStore(SQLite::Database& database, const std::filesystem::path& file,
                     std::span<const Migration> steps) {
    int application = 0;
    int version = 0;
    bool empty = false;
    {
        // One look: another process may be creating the store between two of them.
        SQLite::Transaction snapshot(database);
        application = pragma(database, "application_id");
        version = pragma(database, "user_version");
        empty = database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
    }
    if (application != kStoreApplicationId && !(empty && application == 0 && version == 0))
        throw Error(ErrorKind::Store, {"cannot open the run store", file.string(),
                                       "this SQLite file belongs to another program",
                                       "Choose another file; this one was not touched"});
    const int newest = steps.empty() ? 0 : steps.back().to;
    if (version > newest)
        throw Error(
            ErrorKind::Store,
            {"cannot open the run store", file.string(),
             fmt::format("its schema is version {}, this program knows versions up to {}", version, newest),
             "Open it with the newer Steploom that wrote it; it was not touched"});
}

void migrate(SQLite::Database& database, const std::filesystem::path& file,
             std::span<const Migration> steps) {
    requireOwnStore(database, file, steps);
    if (const int version = pragma(database, "user_version"); version > 0 && version < steps.back().to)
        backUp(database, file, version);
    for (const Migration& step : steps) {
        guarded(fmt::format("cannot bring the run store to schema version {}", step.to), file, [&] {
            if (pragma(database, "user_version") >= step.to)
                return;
            SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
            // Asked again under the lock: another process may have done the step meanwhile.
            if (pragma(database, "user_version") >= step.to)
                return;
            database.exec(step.sql);
            if (step.fill)
                step.fill(database);
            database.exec(fmt::format("PRAGMA application_id = {}", kStoreApplicationId));
            database.exec(fmt::format("PRAGMA user_version = {}", step.to));
            transaction.commit();
        });
    }
}

} // namespace steploom
