// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_reading.h"

#include "engine/core/json_text.h"
#include "engine/runs/run_json.h"
#include "engine/runs/store_columns.h"
#include "engine/runs/trace_blob.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>
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

/// The rows of a table that belong to the runs that were read. Runs that lie close together are read in one
/// stretch, others one by one.
struct RunRows {
    std::unordered_map<std::int64_t, std::size_t> places;
    std::string where;
    std::string ids; ///< JSON; empty: a stretch
    std::int64_t lowest = 0;
    std::int64_t highest = 0;

    explicit RunRows(const std::vector<RunSummary>& summaries) {
        constexpr std::int64_t kSparse = 4;
        lowest = highest = summaries.front().id;
        for (const RunSummary& summary : summaries) {
            places.emplace(summary.id, places.size());
            lowest = std::min(lowest, summary.id);
            highest = std::max(highest, summary.id);
        }
        if ((highest - lowest) / kSparse <= static_cast<std::int64_t>(summaries.size())) {
            where = " WHERE run BETWEEN ? AND ?";
            return;
        }
        where = " WHERE run IN (SELECT value FROM json_each(?))";
        nlohmann::json list = nlohmann::json::array();
        for (const RunSummary& summary : summaries)
            list.push_back(summary.id);
        ids = list.dump();
    }

    /// `handle`: takes the statement at a row and the place of its run, which its first column names.
    template <class Handle>
    void each(const StoreSource& source, const std::string& select, const char* order,
              Handle&& handle) const {
        SQLite::Statement rows(source.database, select + where + order);
        if (ids.empty()) {
            rows.bind(1, lowest);
            rows.bind(2, highest);
        } else {
            rows.bind(1, ids);
        }
        while (rows.executeStep())
            if (const auto place = places.find(rows.getColumn(0).getInt64()); place != places.end())
                handle(rows, place->second);
    }
};

/// `bind`: what `selection` asks for.
template <class Bind>
std::vector<RunSummary> summariesOf(const StoreSource& source, const std::string& selection, Bind&& bind) {
    std::vector<RunSummary> summaries;
    SQLite::Statement runs(
        source.database,
        "SELECT id, r.state, r.started, r.seconds, r.finished_samples, r.executed_flops, note, request, "
        "cost, "
        "batch, peak_memory, starred, binned, " +
            std::string(kKindColumn) + " FROM runs r LEFT JOIN run_facts f ON f.run = r.id " + selection);
    bind(runs);
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
        summary.starred = runs.getColumn(11).getInt() != 0;
        summary.binned = runs.getColumn(12).getString();
        if (!runs.getColumn(13).isNull())
            summary.kind = parseGenerationKind(runs.getColumn(13).getString());
        summaries.push_back(std::move(summary));
    }
    if (summaries.empty())
        return summaries;

    const RunRows rows(summaries);
    rows.each(source, "SELECT run, letter, calls FROM run_calls", "",
              [&](SQLite::Statement& calls, std::size_t place) {
                  const std::string letter = calls.getColumn(1).getString();
                  if (!letter.empty())
                      summaries[place].calls[letter.front()] = calls.getColumn(2).getInt64();
              });
    rows.each(source,
              "SELECT run, letter, sample_calls, network_calls, rows, flops, seconds, draws, attempts, "
              "fall_backs FROM run_work",
              "", [&](SQLite::Statement& work, std::size_t place) {
                  const std::string letter = work.getColumn(1).getString();
                  if (!letter.empty())
                      summaries[place].work.members[letter.front()] = {
                          work.getColumn(2).getInt64(),  work.getColumn(3).getInt64(),
                          work.getColumn(4).getInt64(),  work.getColumn(5).getDouble(),
                          work.getColumn(6).getDouble(), work.getColumn(7).getInt64(),
                          work.getColumn(8).getInt64(),  work.getColumn(9).getInt64()};
              });
    rows.each(
        source, "SELECT run, name, value, low, high, n, seconds, unit, estimator, settings FROM measures",
        " ORDER BY rowid", [&](SQLite::Statement& measures, std::size_t place) {
            Measure measure;
            measure.name = measures.getColumn(1).getString();
            measure.estimate = {numberOrNaN(measures.getColumn(2)), numberOrNaN(measures.getColumn(3)),
                                numberOrNaN(measures.getColumn(4)), measures.getColumn(5).getInt()};
            measure.seconds = measures.getColumn(6).getDouble();
            measure.unit = measures.getColumn(7).getString();
            measure.estimator = measures.getColumn(8).getString();
            measure.settings = parsed<nlohmann::json>(measures.getColumn(9), source, summaries[place].id);
            summaries[place].measures.push_back(std::move(measure));
        });
    rows.each(source, "SELECT run, tag FROM run_tags", " ORDER BY run, tag",
              [&](SQLite::Statement& tags, std::size_t place) {
                  summaries[place].tags.push_back(tags.getColumn(1).getString());
              });
    return summaries;
}

} // namespace

Error noSuchRun(const std::filesystem::path& file, std::int64_t run) {
    return Error(ErrorKind::Store,
                 {"there is no such run", file.string(), fmt::format("the store holds no run {}", run),
                  "List the runs to see which there are"});
}

std::vector<RunSummary> readSummaries(const StoreSource& source, int limit) {
    return summariesOf(source, "WHERE f.binned IS NULL ORDER BY id DESC LIMIT ?",
                       [limit](SQLite::Statement& runs) { runs.bind(1, limit < 0 ? -1 : limit); });
}

std::vector<RunSummary> readSummaries(const StoreSource& source, std::span<const std::int64_t> runs) {
    const std::string ids = nlohmann::json(std::vector(runs.begin(), runs.end())).dump();
    std::vector<RunSummary> found =
        summariesOf(source, "WHERE id IN (SELECT value FROM json_each(?))",
                    [&ids](SQLite::Statement& statement) { statement.bind(1, ids); });
    std::unordered_map<std::int64_t, std::size_t> places;
    for (std::size_t i = 0; i < runs.size(); ++i)
        places.emplace(runs[i], i); // the first place of one that is asked for twice
    std::ranges::sort(found, {}, [&places](const RunSummary& run) { return places.at(run.id); });
    return found;
}

RunSummary readSummary(const StoreSource& source, std::int64_t run) {
    std::vector<RunSummary> found =
        summariesOf(source, "WHERE id = ?", [run](SQLite::Statement& runs) { runs.bind(1, run); });
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
