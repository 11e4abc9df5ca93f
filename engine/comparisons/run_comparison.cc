// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/run_comparison.h"

#include "engine/comparisons/sample_pairs.h"
#include "engine/core/error.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

namespace steploom {

RunComparison compareRuns(const Run& baseline, std::span<const Evaluator::TextScore> baselineScores,
                          const Run& run, std::span<const Evaluator::TextScore> runScores, double level) {
    if (const std::string why = whyUnpaired(baseline.summary, run.summary); !why.empty())
        throw Error(ErrorKind::Request, {"cannot compare the runs sample by sample",
                                         fmt::format("runs {} and {}", baseline.summary.id, run.summary.id),
                                         why, "Compare runs of the same seed, length, prompt and template"});
    std::vector<double> firstNats, secondNats, firstEntropy, secondEntropy;
    for (const auto& [inBaseline, inRun] : samplePairs(baseline, run)) {
        firstEntropy.push_back(unigramEntropyOf(run.samples[inRun].trace.tokens));
        secondEntropy.push_back(unigramEntropyOf(baseline.samples[inBaseline].trace.tokens));
        const TextScore &first = runScores[inRun], &second = baselineScores[inBaseline];
        if (first.tokens == 0 || second.tokens == 0)
            continue;
        firstNats.push_back(first.nats / first.tokens);
        secondNats.push_back(second.nats / second.tokens);
    }
    RunComparison comparison;
    comparison.natsPerToken = pairedDifference(firstNats, secondNats, level);
    comparison.pValue = pairedPValue(firstNats, secondNats);
    const Estimate& nats = comparison.natsPerToken;
    comparison.perplexityRatio = {std::exp(nats.value), std::exp(nats.low), std::exp(nats.high), nats.n};
    comparison.entropy = pairedDifference(firstEntropy, secondEntropy, level);
    return comparison;
}

} // namespace steploom
