// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace steploom::cli {

/// The options of `generate` that go on from a stored run.
struct BranchOptions {
    std::int64_t run = 0;
    int step = -1;
    int sample = 0;
    std::vector<std::string> edits;      ///< "POS=TEXT"
    std::vector<std::string> tokenEdits; ///< "POS=ID"
    std::string remask, fix;             ///< "3,7-12"

    /// Options that say what the parent says already are excluded: `command` has those of PoolOptions.
    void addTo(CLI::App& command);
    bool given() const noexcept { return run > 0; }
    /// The canvas of the parent's sample before the step, as it is with the edits. `steps`: of the schedule
    /// for the rest; under another number of steps than the parent's the step keeps its place in time. Throws
    /// Error(Request) naming the option.
    BranchPoint canvas(const Run& parent, const Tokenizer& tokenizer, std::int32_t maskToken,
                       int steps) const;
};

} // namespace steploom::cli
