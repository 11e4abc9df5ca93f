// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/store_reading.h"
#include "engine/runs/stored_analysis.h"

#include <optional>

namespace steploom {

// The analyses of a store: what RunStore's methods of the same names do. They throw SQLite::Exception too.

void keepAnalysis(const StoreSource& source, const StoredAnalysis& analysis);
std::optional<StoredAnalysis> findAnalysis(const StoreSource& source, const std::string& kind,
                                           const nlohmann::json& settings);
std::vector<StoredAnalysis> listAnalyses(const StoreSource& source, const std::string& kind);

} // namespace steploom
