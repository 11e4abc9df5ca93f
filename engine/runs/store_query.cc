// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_query.h"

#include "engine/core/error.h"
#include "engine/runs/run_columns.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <variant>

namespace steploom {

namespace {

/// A part of a WHERE clause: its text is of this file alone, what people wrote is bound.
struct Condition {
    std::string sql;
    std::vector<std::variant<double, std::string>> values;
};

/// Fewer ids than this are looked up one by one; of more the list is gone through.
constexpr std::size_t kFewRuns = 5'000;

/// For LIKE … ESCAPE '\'.
std::string likeText(const std::string& text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\')
            pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

/// A phrase for FTS5, in which nothing has a meaning.
std::string phraseText(const RunTerm& term) {
    std::string phrase = "\"";
    for (const char c : term.text)
        phrase += c == '"' ? "\"\"" : std::string(1, c);
    return phrase + (term.prefix ? "\" *" : "\"");
}

const char* sqlOf(const std::string& column) {
    if (column == "notation")
        return "f.schedule";
    return findRunColumn(column)->sql; // the parser gives no other
}

Condition boundsOf(const std::string& value, const RunTerm& term) {
    Condition condition{value + " IS NOT NULL", {}};
    if (std::isfinite(term.low)) {
        condition.sql += fmt::format(" AND {} {} ?", value, term.lowIncluded ? ">=" : ">");
        condition.values.emplace_back(term.low);
    }
    if (std::isfinite(term.high)) {
        condition.sql += fmt::format(" AND {} {} ?", value, term.highIncluded ? "<=" : "<");
        condition.values.emplace_back(term.high);
    }
    return condition;
}

Condition timesOf(const RunTerm& term) {
    Condition condition{"1", {}};
    if (!term.from.empty()) {
        condition.sql += " AND f.started >= ?";
        condition.values.emplace_back(term.from);
    }
    if (!term.before.empty()) {
        condition.sql += " AND f.started < ?";
        condition.values.emplace_back(term.before);
    }
    return condition;
}

std::string propertySql(const std::string& name) {
    if (name == "starred")
        return "f.starred <> 0";
    if (name == "noted")
        return "f.noted <> 0";
    if (name == "branch")
        return "f.parent IS NOT NULL";
    if (name == "prompted")
        return "f.run IN (SELECT run FROM run_prompts)";
    if (name == "tagged")
        return "f.run IN (SELECT run FROM run_tags)";
    return "f.run IN (SELECT run FROM measures)";
}

Condition conditionOf(const RunTerm& term) {
    switch (term.kind) {
    case RunTerm::Kind::Number: {
        if (term.name == "started")
            return timesOf(term);
        if (!term.measure)
            return boundsOf(sqlOf(term.name), term);
        Condition bounds = boundsOf("value", term);
        bounds.sql = "f.run IN (SELECT run FROM measures WHERE name = ? AND " + bounds.sql + ")";
        bounds.values.insert(bounds.values.begin(), term.name);
        return bounds;
    }
    case RunTerm::Kind::Contains:
        return {fmt::format("{} LIKE ? ESCAPE '\\'", sqlOf(term.name)), {likeText(term.text)}};
    case RunTerm::Kind::Is:
        return {fmt::format("{} = ? COLLATE NOCASE", sqlOf(term.name)), {term.text}};
    case RunTerm::Kind::Tag:
        return {"f.run IN (SELECT run FROM run_tags WHERE tag = ?)", {term.text}};
    case RunTerm::Kind::State:
        return {propertySql(term.name), {}};
    case RunTerm::Kind::Text:
        break;
    }
    return {"1", {}};
}

/// The runs with a text in which the term is, ascending.
std::vector<std::int64_t> runsWithText(const StoreSource& source, const RunTerm& term) {
    const char* where = term.name == "output"   ? " AND (rowid & 1048575) <= 1000000"
                        : term.name == "note"   ? " AND (rowid & 1048575) = 1048575"
                        : term.name == "prompt" ? " AND (rowid & 1048575) = 1048574"
                                                : "";
    SQLite::Statement rows(source.database,
                           std::string("SELECT rowid >> 20 FROM run_text WHERE run_text MATCH ?") + where);
    rows.bind(1, phraseText(term));
    std::vector<std::int64_t> runs;
    while (rows.executeStep()) // by rowid, so that one run's come together
        if (const std::int64_t run = rows.getColumn(0).getInt64(); runs.empty() || runs.back() != run)
            runs.push_back(run);
    return runs;
}

void bindAll(SQLite::Statement& statement, const std::vector<Condition>& conditions) {
    int index = 1;
    for (const Condition& condition : conditions)
        for (const auto& value : condition.values) {
            if (const auto* text = std::get_if<std::string>(&value))
                statement.bind(index++, *text);
            else
                statement.bind(index++, std::get<double>(value));
        }
}

/// Runs by a measure, those that have it first; the others keep their order.
void sortByMeasure(const StoreSource& source, const RunQuery& query, const std::string& measure,
                   std::vector<std::int64_t>& runs) {
    SQLite::Statement rows(source.database,
                           fmt::format("SELECT run FROM measures WHERE name = ? AND value IS NOT NULL "
                                       "ORDER BY value {0}, run {0}",
                                       query.descending ? "DESC" : "ASC"));
    rows.bind(1, measure);
    std::vector<std::int64_t> wanted = runs;
    std::ranges::sort(wanted);
    std::vector<bool> placed(wanted.size());
    std::vector<std::int64_t> sorted;
    sorted.reserve(runs.size());
    const auto indexOf = [&](std::int64_t run) {
        return static_cast<std::size_t>(std::ranges::lower_bound(wanted, run) - wanted.begin());
    };
    while (rows.executeStep()) {
        const std::int64_t run = rows.getColumn(0).getInt64();
        const std::size_t index = indexOf(run);
        if (index < wanted.size() && wanted[index] == run) {
            placed[index] = true;
            sorted.push_back(run);
        }
    }
    for (const std::int64_t run : runs)
        if (!placed[indexOf(run)])
            sorted.push_back(run);
    runs = std::move(sorted);
}

} // namespace

std::string_view runGroupingName(RunGrouping grouping) noexcept {
    switch (grouping) {
    case RunGrouping::Schedule:
        return "schedule";
    case RunGrouping::Pool:
        return "pool";
    case RunGrouping::Settings:
        return "settings";
    }
    return "settings";
}

RunGrouping parseRunGrouping(std::string_view text) {
    for (const RunGrouping each : {RunGrouping::Schedule, RunGrouping::Pool, RunGrouping::Settings})
        if (runGroupingName(each) == text)
            return each;
    throw Error(ErrorKind::Request, {"cannot group the runs", std::string(text), "runs are not grouped by it",
                                     "Write schedule, pool or settings"});
}

std::vector<std::string> readMeasureNames(const StoreSource& source) {
    // From name to name: the index has an entry for every measure of every run.
    SQLite::Statement next(source.database, "SELECT min(name) FROM measures WHERE name > ?");
    std::vector<std::string> names;
    while (true) {
        next.bind(1, names.empty() ? std::string() : names.back());
        next.executeStep();
        if (next.getColumn(0).isNull())
            return names;
        names.push_back(next.getColumn(0).getString());
        next.reset();
    }
}

std::vector<std::int64_t> findRuns(const StoreSource& source, const RunQuery& query) {
    const std::vector<std::string> measures = readMeasureNames(source);
    const std::vector<RunTerm> terms = parseRunQuery(query.text, measures);
    const RunColumnName sort = runQueryColumn(query.sort, measures);

    std::vector<Condition> conditions{{query.bin ? "f.binned IS NOT NULL" : "f.binned IS NULL", {}}};
    std::vector<std::pair<std::vector<std::int64_t>, bool>> texts; ///< and whether they are taken away
    for (const RunTerm& term : terms) {
        if (term.kind != RunTerm::Kind::Text) {
            Condition condition = conditionOf(term);
            // What is not known is not so.
            condition.sql = (term.negated ? "NOT coalesce((" : "coalesce((") + condition.sql + "), 0)";
            conditions.push_back(std::move(condition));
            continue;
        }
        std::vector<std::int64_t> runs = runsWithText(source, term);
        if (!term.negated && runs.size() < kFewRuns)
            conditions.push_back(
                {"f.run IN (SELECT value FROM json_each(?))", {nlohmann::json(runs).dump()}});
        else
            texts.emplace_back(std::move(runs), term.negated);
    }

    std::string sql = "SELECT f.run FROM run_facts f WHERE ";
    for (std::size_t i = 0; i < conditions.size(); ++i)
        sql += (i == 0 ? "" : " AND ") + conditions[i].sql;
    const char* direction = query.descending ? "DESC" : "ASC";
    if (sort.measure || sort.name == "id")
        sql += fmt::format(" ORDER BY f.run {}", direction);
    else if (sort.name == "started") // has an index
        sql += fmt::format(" ORDER BY f.started {0}, f.run {0}", direction);
    else
        sql += fmt::format(" ORDER BY ({0}) IS NULL, ({0}){1} {2}, f.run {2}", sqlOf(sort.name),
                           sort.number ? "" : " COLLATE NOCASE", direction);
    SQLite::Statement rows(source.database, sql);
    bindAll(rows, conditions);
    std::vector<std::int64_t> found;
    while (rows.executeStep())
        found.push_back(rows.getColumn(0).getInt64());
    for (const auto& [runs, takenAway] : texts)
        std::erase_if(found,
                      [&](std::int64_t run) { return std::ranges::binary_search(runs, run) == takenAway; });
    if (sort.measure)
        sortByMeasure(source, query, sort.name, found);
    return found;
}

std::vector<RunGroup> groupRuns(const StoreSource& source, const RunQuery& query, RunGrouping grouping) {
    const std::vector<std::int64_t> found = findRuns(source, query);
    struct Facts {
        std::string key, label;
        std::array<double, 6> values;
    };
    static constexpr std::array<const char*, 6> kNames{
        "light", "saved", "flops", "flops_per_sample", "seconds", "seconds_per_sample"};
    const char* key = grouping == RunGrouping::Schedule ? "f.schedule"
                      : grouping == RunGrouping::Pool   ? "f.pool_key"
                                                        : "f.settings_key";
    const char* label =
        grouping == RunGrouping::Pool ? "f.pool"
        : grouping == RunGrouping::Schedule
            ? "CASE f.label WHEN f.schedule THEN f.label ELSE f.label || ' · ' || f.steps || ' steps' END"
            : "f.label || ' · ' || f.steps || ' steps · ' || f.sampler || "
              "iif(f.remasking = 'none', '', ' · ' || f.remasking) || "
              "iif(f.temperature = 1, '', ' · temperature ' || f.temperature) || "
              "iif(f.top_p = 1, '', ' · top-p ' || f.top_p) || ' · ' || f.length || ' tokens'";
    std::string sql = fmt::format("SELECT f.run, {}, {}", key, label);
    for (const char* name : kNames)
        sql += fmt::format(", {}", findRunColumn(name)->sql);
    SQLite::Statement rows(source.database, sql + " FROM run_facts f");

    std::unordered_map<std::int64_t, std::size_t>
        groupOf; ///< of the runs found; their place until it is known
    for (const std::int64_t run : found)
        groupOf.emplace(run, 0);
    std::unordered_map<std::int64_t, Facts> facts;
    while (rows.executeStep()) {
        const std::int64_t run = rows.getColumn(0).getInt64();
        if (!groupOf.contains(run))
            continue;
        Facts& each = facts[run];
        each.key = rows.getColumn(1).getString();
        each.label = rows.getColumn(2).getString();
        for (int i = 0; i < 6; ++i)
            each.values[static_cast<std::size_t>(i)] =
                rows.getColumn(3 + i).isNull() ? std::nan("") : rows.getColumn(3 + i).getDouble();
    }
    std::vector<RunGroup> groups;
    std::vector<std::map<std::string, std::vector<double>>> values;
    std::unordered_map<std::string, std::size_t> groupByKey;
    for (const std::int64_t run : found) {
        const Facts& each = facts[run];
        const auto [place, added] = groupByKey.emplace(each.key, groups.size());
        if (added) {
            groups.push_back({each.label, {}, {}});
            values.emplace_back();
        }
        groupOf[run] = place->second;
        groups[place->second].runs.push_back(run);
        for (std::size_t i = 0; i < kNames.size(); ++i)
            if (!std::isnan(each.values[i]))
                values[place->second][kNames[i]].push_back(each.values[i]);
    }
    SQLite::Statement measures(source.database,
                               "SELECT name, value, run FROM measures WHERE value IS NOT NULL");
    while (measures.executeStep()) {
        const auto group = groupOf.find(measures.getColumn(2).getInt64());
        if (group != groupOf.end())
            values[group->second][measures.getColumn(0).getString()].push_back(
                measures.getColumn(1).getDouble());
    }
    for (std::size_t i = 0; i < groups.size(); ++i)
        for (const auto& [name, all] : values[i])
            groups[i].measures.emplace(name, meanWithInterval(all));
    return groups;
}

} // namespace steploom
