// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <cmath>
#include <limits>

namespace steploom {

// SQLite has no NaN: it is kept as NULL.

inline void bindNumber(SQLite::Statement& statement, int index, double value) {
    if (std::isnan(value))
        statement.bind(index);
    else
        statement.bind(index, value);
}

inline double numberOrNaN(const SQLite::Column& column) {
    return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}

} // namespace steploom
