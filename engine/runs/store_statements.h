// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/store_reading.h"

#include <SQLiteCpp/Statement.h>

#include <string>
#include <unordered_map>

namespace steploom {

/// Statements that are prepared once for many rows: with the triggers behind them that takes longer than to
/// run them. They end with this object, which does not outlive the connection.
class Statements {
public:
    explicit Statements(const StoreSource& whose) : source(whose) {}

    /// Ready to be bound; what was bound before is forgotten.
    SQLite::Statement& operator()(const std::string& sql) {
        const auto place = m_prepared.try_emplace(sql, source.database, sql).first;
        SQLite::Statement& statement = place->second;
        statement.tryReset(); // of a failure that was told already
        statement.clearBindings();
        return statement;
    }

    const StoreSource source;

private:
    std::unordered_map<std::string, SQLite::Statement> m_prepared;
};

} // namespace steploom
