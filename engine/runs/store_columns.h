// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <cmath>
#include <limits>

namespace steploom {

/// Of a row of `runs`: the kind of its models; NULL is masked diffusion, as all were before there were
/// others. A provenance that is damaged is told by who reads it whole.
inline constexpr const char* kKindColumn =
    "CASE WHEN json_valid(provenance) THEN json_extract(provenance, '$.members[0].kind') END";

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
