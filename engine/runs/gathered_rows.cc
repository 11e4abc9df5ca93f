// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/gathered_rows.h"

#include "engine/core/near_names.h"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string_view>

namespace steploom {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr auto kFunction = "gather";

/// "2026-01-31T12:00:00Z", or NaN.
double timeValue(std::string_view text) {
    constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
    if (text.size() != kForm.size())
        return kNaN;
    double parts[6]{};
    int part = 0;
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        if (kForm[i] == '0') {
            if (text[i] < '0' || text[i] > '9')
                return kNaN;
            parts[part] = 10 * parts[part] + (text[i] - '0');
        } else if (text[i] != kForm[i]) {
            return kNaN;
        } else if (part < 5) {
            ++part;
        }
    }
    return ((((parts[0] * 12 + parts[1]) * 31 + parts[2]) * 24 + parts[3]) * 60 + parts[4]) * 60 + parts[5];
}

} // namespace

GatheredRows::GatheredRows(const StoreSource& source, int columns)
    : m_database(source.database), m_columns(columns) {
    sqlite3_create_function_v2(m_database.getHandle(), kFunction, 1 + columns, SQLITE_UTF8, this, nullptr,
                               step, finish, nullptr);
}

GatheredRows::~GatheredRows() {
    sqlite3_create_function_v2(m_database.getHandle(), kFunction, 1 + m_columns, SQLITE_UTF8, nullptr,
                               nullptr, nullptr, nullptr, nullptr);
}

void GatheredRows::step(sqlite3_context* context, int count, sqlite3_value** arguments) {
    try { // SQLite is C
        static_cast<GatheredRows*>(sqlite3_user_data(context))->add(count, arguments);
    } catch (...) {
        sqlite3_result_error_nomem(context);
    }
}

void GatheredRows::finish(sqlite3_context* context) {
    sqlite3_result_int64(context, static_cast<std::int64_t>(
                                      static_cast<GatheredRows*>(sqlite3_user_data(context))->runs.size()));
}

void GatheredRows::add(int count, sqlite3_value** arguments) {
    runs.push_back(sqlite3_value_int64(arguments[0]));
    for (int i = 1; i < count; ++i) {
        switch (sqlite3_value_type(arguments[i])) {
        case SQLITE_NULL:
            values.push_back(kNaN);
            break;
        case SQLITE_TEXT:
            values.push_back(textValue({reinterpret_cast<const char*>(sqlite3_value_text(arguments[i])),
                                        static_cast<std::size_t>(sqlite3_value_bytes(arguments[i]))}));
            break;
        default:
            values.push_back(sqlite3_value_double(arguments[i]));
        }
    }
}

double GatheredRows::textValue(const std::string& text) {
    if (const double time = timeValue(text); time == time)
        return time;
    const auto [place, added] = m_places.try_emplace(text, texts.size());
    if (added)
        texts.push_back(text);
    return static_cast<double>(place->second);
}

void GatheredRows::rankTexts(int column) {
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        return std::ranges::lexicographical_compare(
            texts[a], texts[b], [&](char x, char y) { return lowerCase(x) < lowerCase(y); });
    });
    std::vector<double> ranks(texts.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        ranks[order[i]] = static_cast<double>(i);
    for (std::size_t row = 0; row < runs.size(); ++row) {
        double& place = values[row * static_cast<std::size_t>(m_columns) + static_cast<std::size_t>(column)];
        if (place == place && place < static_cast<double>(ranks.size()))
            place = ranks[static_cast<std::size_t>(place)];
    }
}

RunPlaces::RunPlaces(const std::vector<std::int64_t>& runs) {
    if (runs.empty())
        return;
    constexpr std::int64_t kSparse = 32, kSmall = 1 << 16;
    const auto [lowest, highest] = std::ranges::minmax(runs);
    const auto size = static_cast<std::int64_t>(runs.size());
    if (lowest >= 0 && highest - lowest < kSparse * size + kSmall) {
        m_lowest = lowest;
        m_table.assign(static_cast<std::size_t>(highest - lowest + 1), -1);
        for (std::size_t i = 0; i < runs.size(); ++i)
            m_table[static_cast<std::size_t>(runs[i] - lowest)] = static_cast<std::int32_t>(i);
        return;
    }
    for (std::size_t i = 0; i < runs.size(); ++i)
        m_far[runs[i]] = static_cast<std::int32_t>(i);
}

} // namespace steploom
