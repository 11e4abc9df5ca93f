// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace steploom {

/// A setting of config.json that changes what the model computes, and the one value of it that is computed
/// here.
struct FixedSetting {
    const char* key;
    nlohmann::json supported;              ///< null: the key must be absent or null
    nlohmann::json whenAbsent = supported; ///< what an absent (or null) key stands for
};

/// Refuses a config, by the setting's name, that would silently give other logits. Throws Error(Config).
void requireSettings(const Checkpoint& checkpoint, const std::vector<FixedSetting>& settings);
/// Error(Config) about config.json.
[[noreturn]] void refuseConfig(const Checkpoint& checkpoint, std::string what, std::string why,
                               std::string remedy);

} // namespace steploom
