// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/known_importance.h"
#include "engine/sampling/model_pool.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <stop_token>
#include <string>
#include <vector>

namespace steploom {
class ComputeContext;
}

namespace steploom::cli {

/// The options that measure the importance of steps, shared by `importance` and `optimise`.
struct ImportanceOptions {
    std::vector<std::string> models;
    std::string tokenizer, text, store;
    ImportanceSettings settings{.length = 0}; ///< 0: what the first member was made for
    int threads = 0;

    void addTo(CLI::App& command);
};

/// What was measured, or found in the store.
struct MeasuredImportance {
    ModelPool pool;
    ImportanceSettings settings; ///< with the length that was taken
    nlohmann::json key;
    KnownImportance found;
};

/// Loads the pool, looks the figures up, and measures and keeps them where they are not there. Draws a
/// progress bar. The pool borrows `context`. Throws Error.
MeasuredImportance measuredImportance(const ImportanceOptions& options, ComputeContext& context,
                                      const std::stop_token& stop);

} // namespace steploom::cli
