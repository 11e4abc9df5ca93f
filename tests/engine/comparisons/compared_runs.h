// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/engine/runs/sample_runs.h"

#include <array>
#include <cmath>
#include <span>

namespace steploom::testing {

inline constexpr std::array kSpread{0.3, -0.2, 0.1, -0.4, 0.25, -0.05, 0.15, -0.15};

/// A finished run of eight samples of one seed, judged by "reader": sample i costs `nats` and a spread of its
/// own per token, which all runs share, and a part of it (`noise`) that depends on the run's id.
inline Run comparedRun(std::int64_t id, double nats, double flops = 1e9, double noise = 0.01) {
    Run run;
    run.summary.id = id;
    run.summary.state = RunState::Finished;
    run.summary.request = makeRequest();
    run.summary.request.pool = {{'H', "heavy", "checkpoints/heavy", Precision::F32, "aa11"},
                                {'L', "light", "checkpoints/light", Precision::F32, "bb22"}};
    run.summary.request.samples = run.summary.finishedSamples = static_cast<int>(kSpread.size());
    run.summary.cost = makeCost();
    run.summary.measures.push_back({"generative_perplexity",
                                    {std::exp(nats), std::exp(nats) - 1, std::exp(nats) + 1, 8},
                                    "",
                                    "",
                                    {{"evaluator", "reader"}, {"evaluator_sha256", "cc33"}}});
    run.provenance = makeProvenance();
    for (int i = 0; i < static_cast<int>(kSpread.size()); ++i) {
        RunSample sample = makeSample(i);
        const double own = noise * std::sin(static_cast<double>(id) * 12.9898 + i * 78.233);
        sample.score = TextScore{10 * (nats + kSpread[static_cast<std::size_t>(i)] + own), 10};
        sample.trace.flops = flops * (1 + 0.01 * i);
        sample.trace.seconds = 0.1 + 0.01 * i;
        run.samples.push_back(sample);
    }
    return run;
}

} // namespace steploom::testing
