// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_facts.h"

#include "engine/runs/run_json.h"
#include "engine/runs/run_tag.h"
#include "engine/runs/store_columns.h"
#include "engine/runs/utc_now.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <limits>

namespace steploom {

namespace {

template <class Number>
void bindOptional(SQLite::Statement& statement, int index, const std::optional<Number>& value) {
    if (value)
        statement.bind(index, *value);
    else
        statement.bind(index);
}

/// Runs `sql`, whose ?1 is a run, for each of them in one transaction; each has to be there.
template <class Bind>
void changeEach(const StoreSource& source, std::span<const std::int64_t> runs, const char* sql, Bind&& bind) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement known(source.database, "SELECT 1 FROM run_facts WHERE run = ?");
    SQLite::Statement change(source.database, sql);
    for (const std::int64_t run : runs) {
        known.bind(1, run);
        if (!known.executeStep())
            throw noSuchRun(source.file, run);
        known.reset();
        change.bind(1, run);
        bind(change);
        change.exec();
        change.reset();
    }
    transaction.commit();
}

/// What a stored JSON says, or nothing.
template <class Value>
std::optional<Value> valueOf(const SQLite::Column& column) {
    try {
        return nlohmann::json::parse(column.getString()).get<Value>();
    } catch (const nlohmann::json::exception&) {
    } catch (const Error&) {
    }
    return std::nullopt;
}

} // namespace

void writeFacts(Statements& statements, std::int64_t run, const RunFacts& facts) {
    SQLite::Statement& insert = statements(
        "INSERT INTO run_facts (run, state, started, seconds, finished_samples, executed_flops, noted, "
        "steps, light, saved, saved_nominal, saved_blocks, length, samples, seed, temperature, top_p, "
        "block_length, threshold, eta, parent, sampler, remasking, pool, label, schedule, pool_key, "
        "settings_key) SELECT id, state, started, seconds, finished_samples, executed_flops, note <> '', "
        "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22 "
        "FROM runs WHERE id = ?1");
    insert.bind(1, run);
    insert.bind(2, facts.steps);
    bindNumber(insert, 3, facts.light);
    bindNumber(insert, 4, facts.saved);
    bindNumber(insert, 5, facts.savedNominal);
    bindNumber(insert, 6, facts.savedBlocks);
    insert.bind(7, facts.length);
    insert.bind(8, facts.samples);
    // SQLite's whole numbers are signed: a larger seed is kept as near as a double comes.
    if (facts.seed <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        insert.bind(9, static_cast<std::int64_t>(facts.seed));
    else
        insert.bind(9, static_cast<double>(facts.seed));
    insert.bind(10, facts.temperature);
    insert.bind(11, facts.topP);
    insert.bind(12, facts.blockLength);
    bindOptional(insert, 13, facts.threshold);
    bindOptional(insert, 14, facts.eta);
    bindOptional(insert, 15, facts.parent);
    insert.bind(16, facts.sampler);
    insert.bind(17, facts.remasking);
    insert.bind(18, facts.pool);
    insert.bind(19, facts.label);
    insert.bind(20, facts.schedule);
    insert.bind(21, facts.poolKey);
    insert.bind(22, facts.settingsKey);
    insert.exec();
    if (facts.prompt.empty())
        return;
    SQLite::Statement& prompt = statements("INSERT INTO run_prompts (run, text) VALUES (?, ?)");
    prompt.bind(1, run);
    prompt.bind(2, facts.prompt);
    prompt.exec();
}

void writeMissingFacts(const StoreSource& source) {
    SQLite::Statement rows(source.database, "SELECT id, request, cost, schedule FROM runs "
                                            "WHERE id NOT IN (SELECT run FROM run_facts) ORDER BY id");
    Statements statements(source);
    while (rows.executeStep()) {
        const auto request = valueOf<GenerationRequest>(rows.getColumn(1));
        const auto cost = valueOf<ScheduleCost>(rows.getColumn(2));
        RunFacts facts;
        if (request) {
            facts = factsOf(*request, cost.value_or(ScheduleCost{}));
        } else {
            facts.schedule = facts.label = rows.getColumn(3).getString();
            facts.settingsKey = fmt::format("run {}", rows.getColumn(0).getInt64()); // of none but itself
        }
        writeFacts(statements, rows.getColumn(0).getInt64(), facts);
    }
}

namespace {

std::string tagText(const StoreSource& source, const std::string& tag) {
    std::string text = trimmedTag(tag);
    if (std::string why = tagFault(text); !why.empty())
        throw Error(ErrorKind::Store, {"cannot tag the run", source.file.string(), std::move(why),
                                       "Give it a short name, of letters, numbers and blanks"});
    return text;
}

} // namespace

void setStarred(const StoreSource& source, std::span<const std::int64_t> runs, bool starred) {
    changeEach(source, runs, "UPDATE run_facts SET starred = ?2 WHERE run = ?1",
               [&](SQLite::Statement& change) { change.bind(2, starred ? 1 : 0); });
}

void addTag(const StoreSource& source, std::span<const std::int64_t> runs, const std::string& tag) {
    const std::string text = tagText(source, tag);
    changeEach(source, runs, "INSERT OR IGNORE INTO run_tags (run, tag) VALUES (?1, ?2)",
               [&](SQLite::Statement& change) { change.bind(2, text); });
}

void removeTag(const StoreSource& source, std::span<const std::int64_t> runs, const std::string& tag) {
    const std::string text = tagText(source, tag);
    changeEach(source, runs, "DELETE FROM run_tags WHERE run = ?1 AND tag = ?2",
               [&](SQLite::Statement& change) { change.bind(2, text); });
}

std::vector<std::pair<std::string, int>> readTags(const StoreSource& source) {
    SQLite::Statement rows(source.database,
                           "SELECT min(t.tag), count(*) FROM run_tags t JOIN run_facts f ON f.run = t.run "
                           "WHERE f.binned IS NULL GROUP BY t.tag ORDER BY t.tag");
    std::vector<std::pair<std::string, int>> tags;
    while (rows.executeStep())
        tags.emplace_back(rows.getColumn(0).getString(), rows.getColumn(1).getInt());
    return tags;
}

void moveToBin(const StoreSource& source, std::span<const std::int64_t> runs) {
    // One that is in the bin keeps its time.
    changeEach(source, runs, "UPDATE run_facts SET binned = coalesce(binned, ?2) WHERE run = ?1",
               [now = utcNow()](SQLite::Statement& change) { change.bind(2, now); });
}

void restoreFromBin(const StoreSource& source, std::span<const std::int64_t> runs) {
    changeEach(source, runs, "UPDATE run_facts SET binned = NULL WHERE run = ?1", [](SQLite::Statement&) {});
}

int emptyBin(const StoreSource& source) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    const int removed = source.database.exec(
        "DELETE FROM runs WHERE state <> 'running' AND id IN (SELECT run FROM run_facts WHERE binned IS NOT "
        "NULL)");
    transaction.commit();
    return removed;
}

} // namespace steploom
