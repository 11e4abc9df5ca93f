// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run_store.h"
#include "tests/app/sample_runs.h"

#include <string>
#include <vector>

namespace steploom::testing {

/// A finished run that a store takes: four tokens a sample, and these texts.
inline Run runOf(const SampleRun& wanted, const std::vector<std::string>& texts = {"a text"}) {
    Run run;
    run.summary = summaryOf(wanted);
    run.summary.request.length = 4;
    run.summary.request.samples = run.summary.finishedSamples = static_cast<int>(texts.size());
    run.provenance.version = "0.1.0";
    for (const std::string& text : texts) {
        RunSample sample;
        sample.trace.index = static_cast<int>(run.samples.size());
        sample.trace.tokens = {1, 2, 3, 4};
        sample.trace.revealStep = {0, 1, 2, 3};
        sample.trace.member = {0, 1, 0, 1};
        sample.trace.logProbability = {-1, -1, -1, -1};
        sample.trace.entropy = {1, 1, 1, 1};
        sample.trace.calls = {{'H', 2}, {'L', 2}};
        sample.trace.flops = 2e9 * (1 - wanted.saved);
        sample.text = text;
        run.samples.push_back(std::move(sample));
    }
    return run;
}

/// Three runs, whose ids in an empty store are 1, 2, 3: perplexity 129.5, none, 30.1; started a day apart.
inline std::vector<Run> threeRuns() {
    std::vector<Run> runs{
        runOf({.id = 1, .letters = "HLHHLLLHHH", .saved = 0.09, .perplexity = 129.5},
              {"the lamplighter went home", "a goose in the rain"}),
        runOf({.id = 2, .saved = 0.158, .perplexity = 0}, {"nothing but rain"}),
        runOf({.id = 3, .letters = "HHHHHHHHHH", .saved = 0, .perplexity = 30.1}, {"the heavy one"})};
    runs[0].summary.note = "night run";
    return runs;
}

} // namespace steploom::testing
