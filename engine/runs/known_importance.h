// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/step_importance.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace steploom {

class ModelPool;
class RunStore;
class ThreadPool;

/// StoredAnalysis::kind of an ImportanceProfile.
inline constexpr const char* kImportanceKind = "step importance";

/// Everything that the importance of a pool's steps depends on: its models in their order, by letter, SHA-256
/// and precision; the text by SHA-256; the settings.
nlohmann::json importanceKey(const ModelPool& pool, std::string_view text,
                             const ImportanceSettings& settings);

/// What was found in a store, or measured.
struct KnownImportance {
    ImportanceProfile profile;
    bool known = false;   ///< the store had it
    bool stopped = false; ///< broken off: what the complete windows say
};

/// What `store` (null: none) has of the pool's steps on this text under `key`, which is importanceKey()'s;
/// else measures it, and keeps it when it was not stopped. Throws as findImportance() and measureImportance()
/// do.
KnownImportance findOrMeasureImportance(RunStore* store, const nlohmann::json& key, const ModelPool& pool,
                                        const std::string& text, const ImportanceSettings& settings,
                                        ThreadPool& threads, const ImportanceProgress& progress,
                                        const std::stop_token& stop);

/// What the store has under this key, measured to its end (an analysis that was stopped keeps what it has
/// with "stopped": true). Throws Error(Store) when it cannot be read.
std::optional<ImportanceProfile> findImportance(const RunStore& store, const nlohmann::json& key);
/// Only what was measured to its end belongs there.
void keepImportance(RunStore& store, const nlohmann::json& key, const ImportanceProfile& profile,
                    double seconds);

/// {times, windows, members: [{letter, cross_entropy: [{value, low, high, n}], divergence}]}; what is not
/// finite is null.
void to_json(nlohmann::json& json, const ImportanceProfile& profile);
/// Throws nlohmann::json::exception for what is missing or unfit.
void from_json(const nlohmann::json& json, ImportanceProfile& profile);

} // namespace steploom
