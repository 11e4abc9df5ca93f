// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/finding_migration.h"

#include "engine/runs/store_facts.h"

#include <SQLiteCpp/Database.h>

namespace steploom {

// run_facts repeats five columns of runs, whose rows are wide: a search among 100,000 runs then reads some
// megabytes instead of hundreds. Triggers keep them the same, so that no writing can forget it.
//
// The texts that can be searched lie in samples, runs.note and run_prompts; run_text is their index alone
// (contentless: what is in it is taken out by telling it the old text). Its row tells the run by a shift, so
// a search touches no other table: run · 2²⁰ + sample + 1, + 1,048,575 for the note, + 1,048,574 for the
// prompt (a request has at most 1,000,000 samples).
//
// The views are for other programs: they use nothing that is not built into SQLite.
const char* const kFindRuns = R"sql(
CREATE TABLE run_facts (
    run              INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    state            TEXT NOT NULL,                     -- these five as in runs
    started          TEXT NOT NULL,
    seconds          REAL NOT NULL,
    finished_samples INTEGER NOT NULL,
    executed_flops   REAL NOT NULL,
    starred          INTEGER NOT NULL DEFAULT 0,
    noted            INTEGER NOT NULL,                  -- whether there is a note
    binned           TEXT,                              -- UTC, ISO 8601; NULL: not in the bin
    steps            INTEGER NOT NULL,
    light            REAL,                              -- shares from 0 to 1
    saved            REAL,                              -- executed
    saved_nominal    REAL,
    saved_blocks     REAL,
    length           INTEGER NOT NULL,                  -- tokens of a sample
    samples          INTEGER NOT NULL,                  -- asked for
    seed             INTEGER NOT NULL,                  -- from 2^63 on a REAL near it
    temperature      REAL NOT NULL,
    top_p            REAL NOT NULL,
    block_length     INTEGER NOT NULL,                  -- 0: no blocks
    threshold        REAL,                              -- NULL: another sampler
    eta              REAL,                              -- NULL: nothing is masked again
    parent           INTEGER,                           -- NULL: began with the first step
    sampler          TEXT NOT NULL,
    remasking        TEXT NOT NULL,
    pool             TEXT NOT NULL,                     -- "H heavy, L light"
    label            TEXT NOT NULL,                     -- "sandwich 25%", or the notation
    schedule         TEXT NOT NULL,                     -- run-length notation
    pool_key         TEXT NOT NULL,                     -- the same for the same checkpoints
    settings_key     TEXT NOT NULL                      -- the same but for the seed
);
CREATE INDEX runs_by_start ON run_facts (started);
CREATE INDEX runs_in_bin ON run_facts (binned) WHERE binned IS NOT NULL;

CREATE TABLE run_tags (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    tag TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (run, tag)
) WITHOUT ROWID;
CREATE INDEX runs_by_tag ON run_tags (tag, run);

CREATE TABLE run_prompts (
    run  INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    text TEXT NOT NULL                                  -- prompt or template
);

-- What runs that were imported are called everywhere (SHA-256 of what made them and what they made).
CREATE TABLE run_identities (
    identity TEXT PRIMARY KEY,
    run      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX identities_by_run ON run_identities (run);

CREATE INDEX measures_by_name ON measures (name, value, run);

CREATE VIRTUAL TABLE run_text USING fts5 (text, content = '', tokenize = 'unicode61 remove_diacritics 2');

CREATE TRIGGER facts_follow AFTER UPDATE OF state, started, seconds, finished_samples, executed_flops, note
ON runs BEGIN
    UPDATE run_facts SET state = new.state, started = new.started, seconds = new.seconds,
        finished_samples = new.finished_samples, executed_flops = new.executed_flops, noted = new.note <> ''
    WHERE run = new.id;
END;

CREATE TRIGGER sample_text_in AFTER INSERT ON samples BEGIN
    INSERT INTO run_text (rowid, text) VALUES ((new.run << 20) + new.sample + 1, new.text);
END;
CREATE TRIGGER sample_text_out AFTER DELETE ON samples BEGIN
    INSERT INTO run_text (run_text, rowid, text)
        VALUES ('delete', (old.run << 20) + old.sample + 1, old.text);
END;
CREATE TRIGGER sample_text_changed AFTER UPDATE OF run, sample, text ON samples BEGIN
    INSERT INTO run_text (run_text, rowid, text)
        VALUES ('delete', (old.run << 20) + old.sample + 1, old.text);
    INSERT INTO run_text (rowid, text) VALUES ((new.run << 20) + new.sample + 1, new.text);
END;

CREATE TRIGGER note_text_in AFTER INSERT ON runs WHEN new.note <> '' BEGIN
    INSERT INTO run_text (rowid, text) VALUES ((new.id << 20) + 1048575, new.note);
END;
CREATE TRIGGER note_text_out AFTER DELETE ON runs WHEN old.note <> '' BEGIN
    INSERT INTO run_text (run_text, rowid, text) VALUES ('delete', (old.id << 20) + 1048575, old.note);
END;
CREATE TRIGGER note_text_changed AFTER UPDATE OF note ON runs WHEN old.note <> new.note BEGIN
    INSERT INTO run_text (run_text, rowid, text)
        SELECT 'delete', (old.id << 20) + 1048575, old.note WHERE old.note <> '';
    INSERT INTO run_text (rowid, text) SELECT (new.id << 20) + 1048575, new.note WHERE new.note <> '';
END;

CREATE TRIGGER prompt_text_in AFTER INSERT ON run_prompts BEGIN
    INSERT INTO run_text (rowid, text) VALUES ((new.run << 20) + 1048574, new.text);
END;
CREATE TRIGGER prompt_text_out AFTER DELETE ON run_prompts BEGIN
    INSERT INTO run_text (run_text, rowid, text) VALUES ('delete', (old.run << 20) + 1048574, old.text);
END;

CREATE VIEW measure_long AS
SELECT m.run, f.label AS schedule, m.name, m.value, m.low, m.high, m.n, m.unit
FROM measures m JOIN run_facts f ON f.run = m.run
WHERE f.binned IS NULL;

CREATE VIEW run_summary AS
SELECT f.run, f.state, f.started, f.seconds, f.finished_samples, f.samples AS requested_samples,
    f.label AS schedule, f.schedule AS notation, f.steps, f.light AS light_share,
    f.saved AS executed_saving, f.saved_nominal AS nominal_saving, f.saved_blocks AS blocks_only_saving,
    f.executed_flops, f.pool, f.sampler, f.length, f.seed, f.temperature, f.top_p, f.block_length,
    f.threshold, f.remasking, f.eta, f.parent, f.starred,
    (SELECT group_concat(t.tag, ', ') FROM run_tags t WHERE t.run = f.run) AS tags,
    (SELECT r.note FROM runs r WHERE r.id = f.run) AS note,
    p.value AS generative_perplexity, p.low AS generative_perplexity_low,
    p.high AS generative_perplexity_high,
    e.value AS entropy, e.low AS entropy_low, e.high AS entropy_high,
    b.value AS brier_lm, b.low AS brier_lm_low, b.high AS brier_lm_high,
    d.value AS distinct_2, s.value AS self_bleu, k.value AS repeated_4
FROM run_facts f
LEFT JOIN measures p ON p.run = f.run AND p.name = 'generative_perplexity'
LEFT JOIN measures e ON e.run = f.run AND e.name = 'entropy'
LEFT JOIN measures b ON b.run = f.run AND b.name = 'brier_lm'
LEFT JOIN measures d ON d.run = f.run AND d.name = 'distinct_2'
LEFT JOIN measures s ON s.run = f.run AND s.name = 'self_bleu'
LEFT JOIN measures k ON k.run = f.run AND k.name = 'repeated_4'
WHERE f.binned IS NULL;
)sql";

void fillFindRuns(SQLite::Database& database) {
    writeMissingFacts({database, database.getFilename()});
    database.exec("INSERT INTO run_text (rowid, text) SELECT (run << 20) + sample + 1, text FROM samples; "
                  "INSERT INTO run_text (rowid, text) SELECT (id << 20) + 1048575, note FROM runs "
                  "WHERE note <> ''");
}

} // namespace steploom
