// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <string>

namespace steploom::testing {

/// A finished run of 16 samples on a heavy/light pool, judged by `evaluator` unless the perplexity is 0.
struct SampleRun {
    std::int64_t id = 1;
    std::string letters = "LLHHHHHHLL";
    double saved = 0.2;
    double perplexity = 31;
    double margin = 1;
    std::string evaluator = "reader";
    std::uint64_t seed = 1;
};

inline RunSummary summaryOf(const SampleRun& run) {
    RunSummary summary;
    summary.id = run.id;
    summary.state = RunState::Finished;
    summary.started = "2026-03-0" + std::to_string(1 + run.id % 9) + "T10:00:00Z";
    summary.request.pool = {{'H', "heavy", "heavy", Precision::F32, "aa"},
                            {'L', "light", "light", Precision::BF16, "bb"}};
    summary.request.schedule = StepSchedule(run.letters);
    summary.request.samples = summary.finishedSamples = 16;
    summary.request.seed = run.seed;
    summary.cost.executedSaving = run.saved;
    summary.executedFlops = 16 * 2e9 * (1 - run.saved);
    summary.seconds = 8;
    if (run.perplexity > 0)
        summary.measures.push_back(
            {"generative_perplexity",
             {run.perplexity, run.perplexity - run.margin, run.perplexity + run.margin, 16},
             "",
             "",
             {{"evaluator", run.evaluator}, {"evaluator_sha256", "sha of " + run.evaluator}}});
    summary.measures.push_back({"entropy", {4.6, 4.55, 4.65, 16}, "nats"});
    return summary;
}

} // namespace steploom::testing
