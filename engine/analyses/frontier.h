// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"
#include "engine/schedule/step_schedule.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

namespace steploom {

/// A run of a schedule at a temperature: what perplexity it reaches, and how much variety is left.
struct FrontierPoint {
    StepSchedule schedule;
    double temperature = 1;
    std::int64_t run = 0; ///< in the store
    Estimate perplexity;  ///< generative, under the evaluator
    Estimate entropy;     ///< unigram, nats
    double saved = 0;     ///< of the executed FLOPs

    friend bool operator==(const FrontierPoint&, const FrontierPoint&) = default;
};

/// Entropy against generative perplexity over temperatures, schedule by schedule: a schedule that is better
/// only because it is less varied moves along the others' line, not beyond it.
struct Frontier {
    std::vector<FrontierPoint> points; ///< schedule by schedule as asked for, each by rising temperature
    bool stopped = false;

    friend bool operator==(const Frontier&, const Frontier&) = default;
};

/// {points: [{schedule, temperature, run, perplexity, entropy, saved}], stopped}. Reading throws as that of
/// SearchResult does.
void to_json(nlohmann::json& json, const Frontier& frontier);
void from_json(const nlohmann::json& json, Frontier& frontier);

} // namespace steploom
