// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generation_request.h"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace steploom::cli {

/// The options that say in which order positions are revealed, and whether they are masked again.
struct OrderOptions {
    std::string sampler = "ancestral";
    std::optional<double> threshold;
    int blockLength = 0;
    std::string remask = "none";
    std::optional<double> eta, loopOn, loopOff, alphaOn;

    void addTo(CLI::App& command);
    /// Whether any of them was given.
    bool givenTo(const CLI::App& command) const;
    /// Throws Error(Request) for an option that has no meaning beside the others, naming both.
    void writeTo(GenerationRequest& request) const;
};

} // namespace steploom::cli
