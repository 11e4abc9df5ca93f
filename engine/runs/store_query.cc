// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_query.h"

#include "engine/core/error.h"
#include "engine/runs/gathered_rows.h"
#include "engine/runs/run_columns.h"
#include "engine/runs/store_columns.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <unordered_map>
#include <utility>
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
        return boundsOf(sqlOf(term.name), term);
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

/// Runs "SELECT gather(…)" with what is bound to it.
void gather(const StoreSource& source, const std::string& sql, const std::vector<Condition>& conditions) {
    SQLite::Statement rows(source.database, sql);
    int index = 1;
    for (const Condition& condition : conditions)
        for (const auto& value : condition.values) {
            if (const auto* text = std::get_if<std::string>(&value))
                rows.bind(index++, *text);
            else
                rows.bind(index++, std::get<double>(value));
        }
    rows.executeStep();
}

/// The runs of a term that is no condition on run_facts: those with a text in which it is, or with a measure
/// within its bounds.
std::vector<std::int64_t> runsOf(const StoreSource& source, const RunTerm& term) {
    GatheredRows rows(source, 0);
    if (term.measure) {
        Condition bounds = boundsOf("value", term);
        bounds.values.insert(bounds.values.begin(), term.name);
        gather(source, "SELECT gather(run) FROM measures WHERE name = ? AND " + bounds.sql, {bounds});
        return std::move(rows.runs);
    }
    const char* where = term.name == "output"   ? " AND (rowid & 1048575) <= 1000000"
                        : term.name == "note"   ? " AND (rowid & 1048575) = 1048575"
                        : term.name == "prompt" ? " AND (rowid & 1048575) = 1048574"
                                                : "";
    gather(source, std::string("SELECT gather(rowid >> 20) FROM run_text WHERE run_text MATCH ?") + where,
           {{"", {phraseText(term)}}});
    // They come by rowid, so that one run's are together.
    rows.runs.erase(std::unique(rows.runs.begin(), rows.runs.end()), rows.runs.end());
    return std::move(rows.runs);
}

/// A run and what it is sorted by; NaN: it has none.
struct SortedRun {
    std::int64_t run;
    double key;
};

void sortRuns(std::vector<SortedRun>& runs, bool descending) {
    std::ranges::sort(runs, [descending](const SortedRun& a, const SortedRun& b) {
        const bool aNone = std::isnan(a.key), bNone = std::isnan(b.key);
        if (aNone || bNone)
            return aNone != bNone ? bNone : descending ? a.run > b.run : a.run < b.run;
        if (a.key != b.key)
            return descending ? a.key > b.key : a.key < b.key;
        return descending ? a.run > b.run : a.run < b.run;
    });
}

void keyByMeasure(const StoreSource& source, const std::string& measure, std::vector<SortedRun>& runs) {
    GatheredRows measured(source, 1);
    gather(source, "SELECT gather(run, value) FROM measures WHERE name = ?", {{"", {measure}}});
    const RunPlaces places(measured.runs);
    for (SortedRun& each : runs) {
        const std::ptrdiff_t place = places(each.run);
        each.key = place < 0 ? std::nan("") : measured.value(static_cast<std::size_t>(place), 0);
    }
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
    std::vector<std::pair<RunPlaces, bool>> sets; ///< and whether they are taken away
    for (const RunTerm& term : terms) {
        if (term.kind != RunTerm::Kind::Text && !term.measure) {
            Condition condition = conditionOf(term);
            // What is not known is not so.
            if (term.negated)
                condition.sql = "NOT coalesce((" + condition.sql + "), 0)";
            conditions.push_back(std::move(condition));
            continue;
        }
        const std::vector<std::int64_t> runs = runsOf(source, term);
        if (!term.negated && runs.size() < kFewRuns)
            conditions.push_back(
                {"f.run IN (SELECT value FROM json_each(?))", {nlohmann::json(runs).dump()}});
        else
            sets.emplace_back(RunPlaces(runs), term.negated);
    }

    std::string sql = fmt::format("SELECT gather(f.run, {}) FROM run_facts f WHERE ",
                                  sort.measure ? "NULL" : sqlOf(sort.name));
    for (std::size_t i = 0; i < conditions.size(); ++i)
        sql += (i == 0 ? "(" : " AND (") + conditions[i].sql + ")";
    std::vector<SortedRun> found;
    {
        GatheredRows rows(source, 1);
        gather(source, sql, conditions);
        if (!sort.number && sort.name != "started")
            rows.rankTexts(0);
        found.reserve(rows.runs.size());
        for (std::size_t i = 0; i < rows.runs.size(); ++i) {
            const std::int64_t run = rows.runs[i];
            if (std::ranges::all_of(sets,
                                    [run](const auto& set) { return set.first.contains(run) != set.second; }))
                found.push_back({run, rows.value(i, 0)});
        }
    }
    if (sort.measure)
        keyByMeasure(source, sort.name, found);
    sortRuns(found, query.descending);
    std::vector<std::int64_t> ids;
    ids.reserve(found.size());
    for (const SortedRun& each : found)
        ids.push_back(each.run);
    return ids;
}

namespace {

constexpr std::array<const char*, 6> kGroupFigures{
    "light", "saved", "flops", "flops_per_sample", "seconds", "seconds_per_sample"};

std::string keyColumn(RunGrouping grouping) {
    return grouping == RunGrouping::Schedule ? "f.schedule"
           : grouping == RunGrouping::Pool   ? "f.pool_key"
                                             : "f.settings_key";
}

/// Which of many runs are of the same request, seed included: they made the same samples, so that only one of
/// them counts in a mean.
class Requests {
public:
    explicit Requests(std::size_t runs) : m_of(runs) {}
    /// Whether it is the first run of its request.
    bool add(std::size_t run, double settings, double seed) {
        const auto [found, added] = m_places.try_emplace({settings, seed}, m_places.size());
        m_of[run] = found->second;
        return added;
    }
    std::size_t of(std::size_t run) const { return m_of[run]; }
    std::size_t count() const noexcept { return m_places.size(); }

private:
    using Key = std::pair<double, double>;
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept {
            return std::hash<double>()(key.first) * 31 + std::hash<double>()(key.second);
        }
    };
    std::unordered_map<Key, std::size_t, Hash> m_places;
    std::vector<std::size_t> m_of;
};

/// What a group is called, from any of its runs.
std::string labelOf(const StoreSource& source, RunGrouping grouping, std::int64_t run) {
    const char* label =
        grouping == RunGrouping::Pool ? "pool"
        : grouping == RunGrouping::Schedule
            ? "CASE label WHEN schedule THEN label ELSE label || ' · ' || steps || word END"
            : "label || CASE label WHEN schedule THEN '' ELSE ' · ' || steps || word END || "
              "' · ' || coalesce(kind, sampler || iif(remasking = 'none', '', ' · ' || remasking)) || "
              "iif(temperature = 1, '', ' · temperature ' || round(temperature, 4)) || "
              "iif(top_p = 1, '', ' · top-p ' || round(top_p, 4)) || ' · ' || length || ' tokens · ' || pool";
    SQLite::Statement row(
        source.database,
        fmt::format("SELECT {} FROM (SELECT f.*, kind, CASE kind WHEN 'calm' THEN ' vectors' "
                    "WHEN 'autoregressive' THEN ' tokens' ELSE ' steps' END AS word FROM run_facts f "
                    "JOIN (SELECT id, {} AS kind FROM runs) ON id = f.run WHERE f.run = ?)",
                    label, kKindColumn));
    row.bind(1, run);
    return row.executeStep() ? row.getColumn(0).getString() : std::string();
}

} // namespace

std::vector<RunGroup> groupRuns(const StoreSource& source, const RunQuery& query, RunGrouping grouping) {
    const std::vector<std::int64_t> found = findRuns(source, query);
    const RunPlaces places(found);
    const std::size_t figures = kGroupFigures.size();

    std::vector<RunGroup> groups;
    std::vector<std::size_t> groupOf(found.size());
    Requests requests(found.size());
    {
        std::string sql = "SELECT gather(f.run";
        for (const char* name : kGroupFigures)
            sql += fmt::format(", {}", findRunColumn(name)->sql);
        GatheredRows rows(source, static_cast<int>(figures) + 3);
        gather(source, sql + ", " + keyColumn(grouping) + ", f.settings_key, f.seed) FROM run_facts f", {});
        std::vector<std::size_t> rowOf(found.size());
        for (std::size_t row = 0; row < rows.runs.size(); ++row)
            if (const std::ptrdiff_t place = places(rows.runs[row]); place >= 0)
                rowOf[static_cast<std::size_t>(place)] = row;
        std::unordered_map<double, std::size_t> groupOfKey;
        std::vector<std::array<std::vector<double>, 6>> values;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const double key = rows.value(rowOf[i], static_cast<int>(figures));
            const auto [group, added] = groupOfKey.try_emplace(key, groups.size());
            if (added) {
                groups.emplace_back();
                values.emplace_back();
            }
            groupOf[i] = group->second;
            groups[group->second].runs.push_back(found[i]);
            if (!requests.add(i, rows.value(rowOf[i], static_cast<int>(figures) + 1),
                              rows.value(rowOf[i], static_cast<int>(figures) + 2)))
                continue;
            for (std::size_t figure = 0; figure < figures; ++figure)
                if (const double value = rows.value(rowOf[i], static_cast<int>(figure)); !std::isnan(value))
                    values[group->second][figure].push_back(value);
        }
        for (std::size_t group = 0; group < groups.size(); ++group)
            for (std::size_t figure = 0; figure < figures; ++figure)
                if (!values[group][figure].empty())
                    groups[group].measures[kGroupFigures[figure]] = meanWithInterval(values[group][figure]);
    }
    for (RunGroup& group : groups)
        group.label = labelOf(source, grouping, group.runs.front());
    for (const std::string& name : readMeasureNames(source)) {
        GatheredRows rows(source, 1);
        gather(source, "SELECT gather(run, value) FROM measures WHERE name = ? AND value IS NOT NULL",
               {{"", {name}}});
        std::vector<std::vector<double>> values(groups.size());
        std::vector<char> seen(requests.count(), false);
        for (std::size_t row = 0; row < rows.runs.size(); ++row)
            if (const std::ptrdiff_t place = places(rows.runs[row]); place >= 0)
                if (const auto i = static_cast<std::size_t>(place);
                    !std::exchange(seen[requests.of(i)], true))
                    values[groupOf[i]].push_back(rows.value(row, 0));
        for (std::size_t group = 0; group < groups.size(); ++group)
            if (!values[group].empty())
                groups[group].measures[name] = meanWithInterval(values[group]);
    }
    return groups;
}

} // namespace steploom
