// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_writing.h"

#include "engine/runs/run_json.h"
#include "engine/runs/run_tag.h"
#include "engine/runs/store_columns.h"
#include "engine/runs/store_facts.h"
#include "engine/runs/trace_blob.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

namespace steploom {

namespace {

void requireEnded(const StoreSource& source, const RunSummary& run) {
    if (run.state == RunState::Running)
        throw Error(ErrorKind::Store,
                    {"cannot add the run", source.file.string(),
                     fmt::format("the run started {} is still running", run.started), "Wait until it ends"});
}

/// What people put on it. In the bin it is not: it was just added.
void writeMarks(Statements& statements, std::int64_t run, const RunSummary& summary) {
    if (summary.starred) {
        SQLite::Statement& star = statements("UPDATE run_facts SET starred = 1 WHERE run = ?");
        star.bind(1, run);
        star.exec();
    }
    for (const std::string& tag : summary.tags) {
        SQLite::Statement& insert = statements("INSERT OR IGNORE INTO run_tags (run, tag) VALUES (?, ?)");
        insert.bind(1, run);
        insert.bind(2, trimmedTag(tag));
        insert.exec();
    }
}

std::int64_t writeRun(Statements& statements, const Run& run) {
    const RunSummary& summary = run.summary;
    // No process writes it: the three that would tell one apart are those of none.
    SQLite::Statement& insert = statements(
        "INSERT INTO runs (state, started, seconds, finished_samples, executed_flops, process_id, "
        "process_start, boot_id, schedule, note, request, cost, provenance, parent_run, parent_sample, "
        "parent_step) VALUES (?, ?, ?, ?, ?, 0, 0, '', ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, std::string(runStateName(summary.state)));
    insert.bind(2, summary.started);
    insert.bind(3, summary.seconds);
    insert.bind(4, static_cast<std::int64_t>(run.samples.size()));
    insert.bind(5, summary.executedFlops);
    insert.bind(6, printSchedule(summary.request.schedule));
    insert.bind(7, summary.note);
    insert.bind(8, jsonText(summary.request));
    insert.bind(9, jsonText(summary.cost));
    insert.bind(10, jsonText(run.provenance));
    if (const auto& branch = summary.request.branch) { // unbound is NULL
        insert.bind(11, branch->parent);
        insert.bind(12, branch->sample);
        insert.bind(13, branch->step);
    }
    insert.exec();
    const std::int64_t id = statements.source.database.getLastInsertRowid();
    writeFacts(statements, id, factsOf(summary.request, summary.cost));
    writeMarks(statements, id, summary);
    return id;
}

void writeIdentity(Statements& statements, std::int64_t run, const std::string& identity) {
    SQLite::Statement& insert = statements("INSERT INTO run_identities (identity, run) VALUES (?, ?)");
    insert.bind(1, identity);
    insert.bind(2, run);
    insert.exec();
}

void writeCalls(Statements& statements, std::int64_t run, const std::map<char, std::int64_t>& calls) {
    SQLite::Statement& insert = statements("INSERT INTO run_calls (run, letter, calls) VALUES (?, ?, ?)");
    for (const auto& [letter, count] : calls) {
        insert.bind(1, run);
        insert.bind(2, std::string(1, letter));
        insert.bind(3, count);
        insert.exec();
        insert.reset();
    }
}

} // namespace

void writeSample(Statements& statements, std::int64_t run, const RunSample& sample,
                 std::span<const std::byte> trace) {
    SQLite::Statement& insert =
        statements("INSERT INTO samples (run, sample, flops, seconds, calls, text, trace) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, run);
    insert.bind(2, sample.trace.index);
    insert.bind(3, sample.trace.flops);
    insert.bind(4, sample.trace.seconds);
    insert.bind(5, jsonText(callsToJson(sample.trace.calls)));
    insert.bind(6, sample.text);
    insert.bindNoCopy(7, trace.data(), static_cast<int>(trace.size()));
    insert.exec();
}

void writeMeasure(Statements& statements, std::int64_t run, const Measure& measure) {
    SQLite::Statement& insert = statements(
        "INSERT INTO measures (run, name, value, low, high, n, seconds, unit, estimator, settings) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, name) DO UPDATE SET value = excluded.value, "
        "low = excluded.low, high = excluded.high, n = excluded.n, seconds = excluded.seconds, "
        "unit = excluded.unit, estimator = excluded.estimator, settings = excluded.settings");
    insert.bind(1, run);
    insert.bind(2, measure.name);
    bindNumber(insert, 3, measure.estimate.value);
    bindNumber(insert, 4, measure.estimate.low);
    bindNumber(insert, 5, measure.estimate.high);
    insert.bind(6, measure.estimate.n);
    insert.bind(7, measure.seconds);
    insert.bind(8, measure.unit);
    insert.bind(9, measure.estimator);
    insert.bind(10, jsonText(measure.settings));
    insert.exec();
}

void writeWork(Statements& statements, std::int64_t run, const RunWork& work) {
    if (work == RunWork{})
        return;
    SQLite::Statement& whole = statements("UPDATE runs SET batch = ?, peak_memory = ? WHERE id = ?");
    whole.bind(1, work.batch);
    whole.bind(2, work.peakMemory);
    whole.bind(3, run);
    whole.exec();
    SQLite::Statement& insert =
        statements("INSERT INTO run_work (run, letter, sample_calls, network_calls, rows, flops, seconds, "
                   "draws, attempts, fall_backs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, "
                   "letter) DO UPDATE SET "
                   "sample_calls = excluded.sample_calls, network_calls = excluded.network_calls, "
                   "rows = excluded.rows, flops = excluded.flops, seconds = excluded.seconds, "
                   "draws = excluded.draws, attempts = excluded.attempts, fall_backs = excluded.fall_backs");
    for (const auto& [letter, member] : work.members) {
        insert.bind(1, run);
        insert.bind(2, std::string(1, letter));
        insert.bind(3, member.sampleCalls);
        insert.bind(4, member.networkCalls);
        insert.bind(5, member.rows);
        insert.bind(6, member.flops);
        insert.bind(7, member.seconds);
        insert.bind(8, member.draws);
        insert.bind(9, member.attempts);
        insert.bind(10, member.fallBacks);
        insert.exec();
        insert.reset();
    }
}

void writeScores(Statements& statements, std::int64_t run, std::span<const RunSample> samples) {
    SQLite::Statement& update =
        statements("UPDATE samples SET nats = ?, scored_tokens = ? WHERE run = ? AND sample = ?");
    for (const RunSample& sample : samples) {
        if (sample.score) {
            bindNumber(update, 1, sample.score->nats);
            update.bind(2, sample.score->tokens);
        }
        update.bind(3, run);
        update.bind(4, sample.trace.index);
        if (update.exec() == 0)
            throw noSuchRun(statements.source.file, run);
        update.reset();
        update.clearBindings();
    }
}

std::optional<std::int64_t> runWithIdentity(Statements& statements, const std::string& identity) {
    SQLite::Statement& known = statements("SELECT run FROM run_identities WHERE identity = ?");
    known.bind(1, identity);
    if (!known.executeStep())
        return std::nullopt;
    const std::int64_t run = known.getColumn(0).getInt64();
    known.reset(); // an open statement would keep the snapshot
    return run;
}

std::vector<std::int64_t> addRuns(Statements& statements, std::span<const Run> runs,
                                  std::span<const std::string> identities) {
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Run& run = runs[i];
        requireEnded(statements.source, run.summary);
        if (!identities.empty())
            // Within the transaction of the writing: another program may have added it just now.
            if (const auto known = runWithIdentity(statements, identities[i])) {
                ids.push_back(*known);
                continue;
            }
        const std::int64_t id = ids.emplace_back(writeRun(statements, run));
        if (!identities.empty())
            writeIdentity(statements, id, identities[i]);
        writeCalls(statements, id, run.summary.calls);
        writeWork(statements, id, run.summary.work);
        for (const RunSample& sample : run.samples) {
            const std::vector<std::byte> trace = traceToCompactBlob(sample.trace);
            writeSample(statements, id, sample, trace);
            if (sample.score)
                writeScores(statements, id, {&sample, 1});
        }
        for (const Measure& measure : run.summary.measures)
            writeMeasure(statements, id, measure);
    }
    return ids;
}

} // namespace steploom
