// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generation_request.h"
#include "engine/sampling/model_pool.h"
#include "experiments/cli/order_options.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace steploom::cli {

/// --model, as often as there are members; read by membersOf().
void addModelOption(CLI::App& command, std::vector<std::string>& models);
/// "H=PATH[:precision]" words as pool members: absolute paths, letters apart, H first. Throws Error(Request,
/// Pool).
std::vector<PoolMemberSpec> membersOf(const std::vector<std::string>& models);

/// The options that name a pool and a schedule over it, shared by `cost` and `generate`.
struct PoolOptions {
    std::vector<std::string> models; ///< "H=PATH[:precision]", in pool order
    std::string tokenizer;
    std::string schedule; ///< empty: all by the first member, where the length says how many steps there are
    std::string store;    ///< where a schedule that is named saved:NAME is looked up; empty: this user's
    OrderOptions order;
    int steps = 0;              ///< 0: what the notation or the kind of pool says; 256 for presets
    int length = 0;             ///< 0: what the first member was made for
    std::string batch = "auto"; ///< or a number
    int threads = 0;            ///< 0: one per processor
    bool noTiming = false;

    void addTo(CLI::App& command);
    /// What the options say of a request: pool with absolute paths, schedule (its letters checked against the
    /// pool), length, order of reveal, batch. Reads the checkpoints' configs, no weights. Throws Error.
    GenerationRequest request() const;
    /// --schedule over a pool of these letters; presets take `presetSteps` unless --steps is given.
    StepSchedule scheduleFor(const std::string& letters, int presetSteps) const;
    /// Throws Error(Schedule): only masked diffusion needs to be told.
    void requireScheduleGiven() const;
    int batchSize() const; ///< kAutomaticBatch for auto
};

/// Paths that go into a request are absolute: a run must be repeatable from any folder.
std::string absolutePath(const std::string& path);

} // namespace steploom::cli
