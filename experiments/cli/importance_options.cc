// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/importance_options.h"

#include "engine/core/read_file.h"
#include "engine/core/thread_pool.h"
#include "engine/runs/known_importance.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/console.h"
#include "experiments/cli/pool_options.h"

#include <optional>

namespace steploom::cli {

void ImportanceOptions::addTo(CLI::App& command) {
    addModelOption(command, models);
    command.add_option("--text", text, "UTF-8 text, best one that no model was trained on")
        ->required()
        ->type_name("FILE");
    command
        .add_option("--tokenizer", tokenizer,
                    "tokenizer.json or its folder, where the checkpoints hold none (mdlm-owt: GPT-2's)")
        ->type_name("PATH");
    command.add_option("--grid", settings.times, "Times, each in the middle of an equal part of the run")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command
        .add_option("--windows", settings.windows,
                    "Windows of the text at most, spread over it evenly; they do not overlap")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        .add_option("--length", settings.length,
                    "Tokens in a window; default: what the first model was made for")
        ->check(CLI::PositiveNumber);
    command.add_option("--seed", settings.seed, "Seed of the masks")->capture_default_str();
    command.add_option("--threads", threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command
        .add_option("--store", store,
                    "Keep the figures in this file, and take them from there when they are known")
        ->type_name("FILE");
}

MeasuredImportance measuredImportance(const ImportanceOptions& options, ComputeContext& context,
                                      const std::stop_token& stop) {
    MeasuredImportance measured;
    const std::vector<PoolMemberSpec> members = membersOf(options.models);
    const std::string text = readFile(options.text, ErrorKind::File, "cannot read the text");
    measured.pool = ModelPool::load(
        members, options.tokenizer.empty() ? std::string() : absolutePath(options.tokenizer), context);
    measured.settings = options.settings;
    if (measured.settings.length == 0)
        measured.settings.length = measured.pool.members()[0].model->facts().length;
    std::optional<RunStore> store;
    if (!options.store.empty())
        store.emplace(options.store);
    measured.key = importanceKey(measured.pool, text, measured.settings);
    ProgressBar bar("measuring ");
    measured.found = findOrMeasureImportance(
        store ? &*store : nullptr, measured.key, measured.pool, text, measured.settings, context.threads(),
        [&](double share, const ImportanceProfile&) { bar.advance(share); }, stop);
    return measured;
}

} // namespace steploom::cli
