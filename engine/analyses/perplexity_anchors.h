// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"

#include <nlohmann/json.hpp>

#include <string>

namespace steploom {

/// What an evaluator says of real text and of the same text with its words in random order: the ends of the
/// scale that generative perplexity is read on.
struct PerplexityAnchors {
    struct Anchor {
        Estimate perplexity; ///< over pieces
        Estimate entropy;    ///< unigram, nats, of the evaluator's tokens

        friend bool operator==(const Anchor&, const Anchor&) = default;
    };
    std::string evaluator, text; ///< names
    int length = 0;              ///< evaluator's tokens of a piece
    Anchor real, shuffled;

    friend bool operator==(const PerplexityAnchors&, const PerplexityAnchors&) = default;
};

/// {evaluator, text, length, real: {perplexity, entropy}, shuffled: {…}}. Reading throws
/// nlohmann::json::exception for what is missing or unfit.
void to_json(nlohmann::json& json, const PerplexityAnchors& anchors);
void from_json(const nlohmann::json& json, PerplexityAnchors& anchors);

} // namespace steploom
