// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generation_request.h"

#include <nlohmann/json.hpp>

namespace steploom {

class Evaluator;

// Parts of StoredAnalysis::settings that several kinds have.

/// [{letter, sha256, precision}] in pool order, as importanceKey() has them; the precision is the effective
/// one.
nlohmann::json modelsJson(const ModelPool& pool);
/// The request without pool, tokenizer and schedule, whose number of steps stays, and without what changes no
/// token.
nlohmann::json requestSettings(const GenerationRequest& request);
/// {evaluator_sha256, evaluator_precision, evaluator}: the last one is its name.
nlohmann::json evaluatorSettings(const Evaluator& evaluator);
/// [{letter, name}]
nlohmann::json poolNames(const ModelPool& pool);

/// Whether these settings differ in names at most ("pool", "evaluator", "text"), which no result depends on.
bool sameAnalysis(nlohmann::json first, nlohmann::json second);

} // namespace steploom
