// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/step_importance.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>

namespace steploom {

class ModelPool;
class RunStore;

/// Everything that the importance of a pool's steps depends on: its models in their order, by letter, SHA-256
/// and precision; the text by SHA-256; the settings.
nlohmann::json importanceKey(const ModelPool& pool, std::string_view text,
                             const ImportanceSettings& settings);

/// What the store has under this key. Throws Error(Store) when it cannot be read.
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
