// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/store_reading.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

struct sqlite3_context;
struct sqlite3_value;

namespace SQLite {
class Statement;
}

namespace steploom {

/// Many short rows in one go: "SELECT gather(run, light, schedule) FROM …" hands each row to this object,
/// where fetching 400,000 rows one by one takes several times what SQLite needs to find them. The first
/// argument is a whole number. One of them at a time on a connection.
class GatheredRows {
public:
    /// `columns`: how many arguments follow the run.
    GatheredRows(const StoreSource& source, int columns);
    ~GatheredRows();
    GatheredRows(const GatheredRows&) = delete;
    GatheredRows& operator=(const GatheredRows&) = delete;

    /// In the order in which SQLite came upon them.
    std::vector<std::int64_t> runs;
    /// [rows, columns]. NULL is NaN, a time of UTC the seconds of a calendar whose months have 31 days (which
    /// is in order), another text its place in `texts`.
    std::vector<double> values;
    std::vector<std::string> texts;

    double value(std::size_t row, int column) const {
        return values[row * static_cast<std::size_t>(m_columns) + static_cast<std::size_t>(column)];
    }
    /// Puts what are places of texts in `column` into the order of the texts, ASCII without case.
    void rankTexts(int column);

private:
    static void step(sqlite3_context* context, int count, sqlite3_value** arguments);
    static void finish(sqlite3_context* context);
    void add(int count, sqlite3_value** arguments);
    double textValue(const std::string& text);

    SQLite::Database& m_database;
    int m_columns;
    std::unordered_map<std::string, std::size_t> m_places;
};

/// Where each of many runs is in a list; ids that lie close together take a table.
class RunPlaces {
public:
    explicit RunPlaces(const std::vector<std::int64_t>& runs);
    /// −1: it is not in the list; of a run that is in it twice the last place.
    std::ptrdiff_t operator()(std::int64_t run) const {
        if (!m_table.empty() || m_far.empty())
            return run < m_lowest || run - m_lowest >= static_cast<std::int64_t>(m_table.size())
                       ? -1
                       : m_table[static_cast<std::size_t>(run - m_lowest)];
        const auto found = m_far.find(run);
        return found == m_far.end() ? -1 : found->second;
    }
    bool contains(std::int64_t run) const { return (*this)(run) >= 0; }

private:
    std::int64_t m_lowest = 0;
    std::vector<std::int32_t> m_table;
    std::unordered_map<std::int64_t, std::int32_t> m_far;
};

} // namespace steploom
