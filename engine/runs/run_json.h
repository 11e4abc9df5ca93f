// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <nlohmann/json.hpp>

namespace steploom {

// The JSON of what a run is made of, as in the store, in `--json` and in exports. Reading throws
// nlohmann::json::exception for a missing or unfit key, and Error for a name that nothing has.

void to_json(nlohmann::json& json, const ModelFacts& facts);
void from_json(const nlohmann::json& json, ModelFacts& facts);

void to_json(nlohmann::json& json, const Provenance& provenance);
void from_json(const nlohmann::json& json, Provenance& provenance);

void to_json(nlohmann::json& json, const ScheduleCost& cost);
void from_json(const nlohmann::json& json, ScheduleCost& cost);

/// JSON knows no NaN and no infinity: what is not finite becomes null. It is read back by what an estimate
/// can be: a null value is NaN (nothing to estimate from); a null end of the interval of a value is
/// infinitely far (one observation).
void to_json(nlohmann::json& json, const Estimate& estimate); ///< {value, low, high, n}
void from_json(const nlohmann::json& json, Estimate& estimate);

void to_json(nlohmann::json& json, const Measure& measure);
void from_json(const nlohmann::json& json, Measure& measure);

/// {"H": 12, "L": 3}
nlohmann::json callsToJson(const std::map<char, std::int64_t>& calls);
std::map<char, std::int64_t> callsFromJson(const nlohmann::json& json);

/// Compact text. Strings that are not UTF-8 (file names may be anything) have the offending bytes replaced.
std::string jsonText(const nlohmann::json& json);

} // namespace steploom
