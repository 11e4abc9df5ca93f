// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace steploom {

/// What was measured once of models, rather than of a run, under everything it depends on: found again by
/// that.
struct StoredAnalysis {
    std::string kind;        ///< "step importance"
    nlohmann::json settings; ///< the key: models by SHA-256 and precision, text by SHA-256, numbers
    nlohmann::json result;
    std::string created; ///< UTC, ISO 8601; filled in by the store
    double seconds = 0;  ///< that it took
};

} // namespace steploom
