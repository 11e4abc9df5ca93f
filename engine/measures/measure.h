// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"

#include <nlohmann/json.hpp>

#include <string>

namespace steploom {

/// A figure about a run: name, value with interval and n, how it was estimated, under which settings.
struct Measure {
    std::string name; ///< "generative_perplexity", "entropy"
    Estimate estimate;
    std::string unit; ///< "", "nats"
    std::string
        estimator; ///< one line: "exp of the token-weighted mean NLL, delta-method t interval over samples"
    nlohmann::json settings = nlohmann::json::object(); ///< evaluator, its SHA-256, context, stride
    double seconds = 0;

    friend bool operator==(const Measure&, const Measure&) = default;
};

} // namespace steploom
