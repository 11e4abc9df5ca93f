// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_analyses.h"

#include "engine/core/json_text.h"
#include "engine/runs/run_json.h"
#include "engine/runs/utc_now.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace steploom {

void keepAnalysis(const StoreSource& source, const StoredAnalysis& analysis) {
    SQLite::Statement insert(
        source.database,
        "INSERT INTO analyses (kind, settings, result, created, seconds) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (kind, settings) DO UPDATE SET result = excluded.result, "
        "created = excluded.created, seconds = excluded.seconds");
    insert.bind(1, analysis.kind);
    insert.bind(2, jsonText(analysis.settings)); // keys in alphabetical order: equal settings are equal text
    insert.bind(3, jsonText(analysis.result));
    insert.bind(4, utcNow());
    insert.bind(5, analysis.seconds);
    insert.exec();
}

namespace {

nlohmann::json storedJson(const StoreSource& source, const std::string& kind, const std::string& text) {
    return parseJson(text, ErrorKind::Store,
                     {"cannot read a stored analysis", source.file.string() + ", " + kind, "",
                      "Restore the file from a copy, or measure again"});
}

} // namespace

std::optional<StoredAnalysis> findAnalysis(const StoreSource& source, const std::string& kind,
                                           const nlohmann::json& settings) {
    SQLite::Statement row(source.database,
                          "SELECT result, created, seconds FROM analyses WHERE kind = ? AND settings = ?");
    row.bind(1, kind);
    row.bind(2, jsonText(settings));
    if (!row.executeStep())
        return std::nullopt;
    return StoredAnalysis{.kind = kind,
                          .settings = settings,
                          .result = storedJson(source, kind, row.getColumn(0).getString()),
                          .created = row.getColumn(1).getString(),
                          .seconds = row.getColumn(2).getDouble()};
}

std::vector<StoredAnalysis> listAnalyses(const StoreSource& source, const std::string& kind) {
    SQLite::Statement rows(source.database, "SELECT settings, result, created, seconds FROM analyses "
                                            "WHERE kind = ? ORDER BY created DESC, settings");
    rows.bind(1, kind);
    std::vector<StoredAnalysis> analyses;
    while (rows.executeStep())
        analyses.push_back({.kind = kind,
                            .settings = storedJson(source, kind, rows.getColumn(0).getString()),
                            .result = storedJson(source, kind, rows.getColumn(1).getString()),
                            .created = rows.getColumn(2).getString(),
                            .seconds = rows.getColumn(3).getDouble()});
    return analyses;
}

} // namespace steploom
