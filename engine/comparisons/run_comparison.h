// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/generative_perplexity.h"
#include "engine/runs/run.h"

#include <span>

namespace steploom {

/// How a run differs from a baseline, sample against sample of the same index: both have the same random
/// numbers, so what they share cancels out. n counts the pairs.
struct RunComparison {
    /// Run − baseline of the samples' negative log-likelihood per token, nats, under one evaluator. Pairs in
    /// which a text has no scored token are left out.
    Estimate natsPerToken;
    /// Of that difference, by the paired t test; NaN below two pairs.
    double pValue = 1;
    /// exp of that: how many times the baseline's perplexity the run's is, as a geometric mean over samples.
    Estimate perplexityRatio;
    /// Run − baseline of the samples' unigram entropy, nats.
    Estimate entropy;
};

/// `baselineScores` and `runScores` belong to the samples of the runs, in their order. Samples that only one
/// of the runs has are left out. Intervals are at `level`. Throws Error(Request), naming what differs, when
/// the runs were not given the same seed, length, prompt and template.
RunComparison compareRuns(const Run& baseline, std::span<const Evaluator::TextScore> baselineScores,
                          const Run& run, std::span<const Evaluator::TextScore> runScores,
                          double level = 0.95);

} // namespace steploom
