// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_reading.h"

#include "engine/core/json_text.h"
#include "engine/runs/run_json.h"
#include "engine/runs/store_columns.h"
#include "engine/runs/trace_blob.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <unordered_map>

namespace steploom {

namespace {

/// Turns a stored JSON text into a value; whatever is wrong with it is said with run and column.
template <class Value>
Value parsed(const SQLite::Column& column, const StoreSource& source, std::int64_t run) {
    const std::string where =
        fmt::format("{}, run {}, column {}", source.file.string(), run, column.getName());
    Error::Parts parts{
        "cannot read a stored run", where, {}, "Restore the file from a copy, or remove this run"};
    const nlohmann::json json = parseJson(column.getString(), ErrorKind::Store, parts);
    try {
        return json.get<Value>();
    } catch (const nlohmann::json::exception& cause) {
        parts.why = cause.what();
    } catch (const Error& cause) {
        parts.why = cause.what();
    }
    throw Error(ErrorKind::Store, std::move(parts));
}

RunState stateOf(const std::string& name) {
    // The table's CHECK allows these four only.
    for (const RunState state : {RunState::Running, RunState::Finished, RunState::Stopped})
        if (runStateName(state) == name)
            return state;
    return RunState::CutOff;
}

std::vector<RunSummary> summariesOf(const StoreSource& source, const std::string& selection,
                                    std::int64_t bound) {
    std::vector<RunSummary> summaries;
    std::unordered_map<std::int64_t, std::size_t> rows;
    SQLite::Statement runs(
        source.database,
        "SELECT id, state, started, seconds, finished_samples, executed_flops, note, request, cost, batch, "
        "peak_memory FROM runs " +
            selection);
    runs.bind(1, bound);
    while (runs.executeStep()) {
        RunSummary summary;
        summary.id = runs.getColumn(0).getInt64();
        summary.state = stateOf(runs.getColumn(1).getString());
        summary.started = runs.getColumn(2).getString();
        summary.seconds = runs.getColumn(3).getDouble();
        summary.finishedSamples = runs.getColumn(4).getInt();
        summary.executedFlops = runs.getColumn(5).getDouble();
        summary.note = runs.getColumn(6).getString();
        summary.request = parsed<GenerationRequest>(runs.getColumn(7), source, summary.id);
        summary.cost = parsed<ScheduleCost>(runs.getColumn(8), source, summary.id);
        summary.work.batch = runs.getColumn(9).getInt();
        summary.work.peakMemory = runs.getColumn(10).getInt64();
        rows.emplace(summary.id, summaries.size());
        summaries.push_back(std::move(summary));
    }
    if (summaries.empty())
        return summaries;

    // Newest first: the ids run from the last row's to the first row's.
    const std::int64_t lowest = summaries.back().id;
    const std::int64_t highest = summaries.front().id;
    SQLite::Statement calls(source.database,
                            "SELECT run, letter, calls FROM run_calls WHERE run BETWEEN ? AND ?");
    calls.bind(1, lowest);
    calls.bind(2, highest);
    while (calls.executeStep()) {
        const auto row = rows.find(calls.getColumn(0).getInt64());
        const std::string letter = calls.getColumn(1).getString();
        if (row != rows.end() && !letter.empty())
            summaries[row->second].calls[letter.front()] = calls.getColumn(2).getInt64();
    }
    SQLite::Statement work(source.database,
                           "SELECT run, letter, sample_calls, network_calls, rows, flops, seconds "
                           "FROM run_work WHERE run BETWEEN ? AND ?");
    work.bind(1, lowest);
    work.bind(2, highest);
    while (work.executeStep()) {
        const auto row = rows.find(work.getColumn(0).getInt64());
        const std::string letter = work.getColumn(1).getString();
        if (row != rows.end() && !letter.empty())
            summaries[row->second].work.members[letter.front()] = {
                work.getColumn(2).getInt64(), work.getColumn(3).getInt64(), work.getColumn(4).getInt64(),
                work.getColumn(5).getDouble(), work.getColumn(6).getDouble()};
    }
    SQLite::Statement measures(source.database,
                               "SELECT run, name, value, low, high, n, seconds, unit, estimator, settings "
                               "FROM measures WHERE run BETWEEN ? AND ? ORDER BY rowid");
    measures.bind(1, lowest);
    measures.bind(2, highest);
    while (measures.executeStep()) {
        const std::int64_t run = measures.getColumn(0).getInt64();
        const auto row = rows.find(run);
        if (row == rows.end())
            continue;
        Measure measure;
        measure.name = measures.getColumn(1).getString();
        measure.estimate = {numberOrNaN(measures.getColumn(2)), numberOrNaN(measures.getColumn(3)),
                            numberOrNaN(measures.getColumn(4)), measures.getColumn(5).getInt()};
        measure.seconds = measures.getColumn(6).getDouble();
        measure.unit = measures.getColumn(7).getString();
        measure.estimator = measures.getColumn(8).getString();
        measure.settings = parsed<nlohmann::json>(measures.getColumn(9), source, run);
        summaries[row->second].measures.push_back(std::move(measure));
    }
    return summaries;
}

} // namespace

Error noSuchRun(const std::filesystem::path& file, std::int64_t run) {
    return Error(ErrorKind::Store,
                 {"there is no such run", file.string(), fmt::format("the store holds no run {}", run),
                  "List the runs to see which there are"});
}

std::vector<RunSummary> readSummaries(const StoreSource& source, int limit) {
    return summariesOf(source, "ORDER BY id DESC LIMIT ?", limit < 0 ? -1 : limit);
}

RunSummary readSummary(const StoreSource& source, std::int64_t run) {
    std::vector<RunSummary> found = summariesOf(source, "WHERE id = ?", run);
    if (found.empty())
        throw noSuchRun(source.file, run);
    return std::move(found.front());
}

Provenance readProvenance(const StoreSource& source, std::int64_t run) {
    SQLite::Statement row(source.database, "SELECT provenance FROM runs WHERE id = ?");
    row.bind(1, run);
    if (!row.executeStep())
        throw noSuchRun(source.file, run);
    return parsed<Provenance>(row.getColumn(0), source, run);
}

std::vector<RunSample> readSamples(const StoreSource& source, std::int64_t run) {
    std::vector<RunSample> samples;
    SQLite::Statement rows(source.database, "SELECT sample, flops, seconds, calls, text, trace, nats, "
                                            "scored_tokens FROM samples WHERE run = ? ORDER BY sample");
    rows.bind(1, run);
    while (rows.executeStep()) {
        RunSample& sample = samples.emplace_back();
        sample.trace.index = rows.getColumn(0).getInt();
        sample.trace.flops = rows.getColumn(1).getDouble();
        sample.trace.seconds = rows.getColumn(2).getDouble();
        sample.trace.calls = callsFromJson(parsed<nlohmann::json>(rows.getColumn(3), source, run));
        sample.text = rows.getColumn(4).getString();
        const SQLite::Column trace = rows.getColumn(5);
        const auto* bytes = static_cast<const std::byte*>(trace.getBlob());
        traceFromBlob({bytes, static_cast<std::size_t>(trace.getBytes())},
                      fmt::format("{}, run {}, sample {}", source.file.string(), run, sample.trace.index),
                      sample.trace);
        if (!rows.getColumn(7).isNull())
            sample.score = {numberOrNaN(rows.getColumn(6)), rows.getColumn(7).getInt()};
    }
    return samples;
}

} // namespace steploom
