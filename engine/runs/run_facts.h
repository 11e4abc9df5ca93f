// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generation_request.h"
#include "engine/schedule/cost.h"

#include <optional>
#include <string>

namespace steploom {

/// What a run is found, sorted and grouped by, as far as its request and its expected cost say it.
struct RunFacts {
    int steps = 0;
    double light = 0;        ///< share of steps not done by the first member
    double saved = 0;        ///< executed
    double savedNominal = 0; ///< every step, all rows through the output layer
    double savedBlocks = 0;  ///< every step, blocks alone
    int length = 0;
    int samples = 0; ///< asked for
    std::uint64_t seed = 0;
    double temperature = 1;
    double topP = 1;
    int blockLength = 0;             ///< 0: no blocks
    std::optional<double> threshold; ///< of Sampler::Threshold only
    std::optional<double> eta;       ///< where tokens are masked again only
    std::optional<std::int64_t> parent;
    std::string sampler;
    std::string remasking;
    std::string pool;     ///< "H heavy, L light"
    std::string label;    ///< what people call the schedule: scheduleTitle()
    std::string schedule; ///< run-length notation
    std::string poolKey;  ///< the same for the same checkpoints under the same letters in the same precision
    std::string settingsKey; ///< the same for requests that differ in nothing but the seed
    std::string prompt;      ///< prompt or template; empty: neither
};

RunFacts factsOf(const GenerationRequest& request, const ScheduleCost& cost);

/// "sandwich 25%" where it is one of the presets of the first two members, else the notation.
std::string scheduleTitle(const GenerationRequest& request);

/// Lower-case hexadecimal, 32 characters. What changes no token is left out beside the seed: batch, likeliest
/// tokens, and where files lie whose SHA-256 is known.
std::string settingsKey(const GenerationRequest& request);

} // namespace steploom
