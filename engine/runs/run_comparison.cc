// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_comparison.h"

#include "engine/core/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace steploom {

namespace {

void requirePaired(const RunSummary& baseline, const RunSummary& run) {
    const GenerationRequest &a = baseline.request, &b = run.request;
    std::vector<std::string> different;
    if (a.seed != b.seed)
        different.push_back(fmt::format("seed ({} and {})", a.seed, b.seed));
    if (a.length != b.length)
        different.push_back(fmt::format("length ({} and {})", a.length, b.length));
    if (a.prompt != b.prompt)
        different.push_back("prompt");
    if (a.templateText != b.templateText)
        different.push_back("template");
    if (!different.empty())
        throw Error(ErrorKind::Request, {"cannot compare the runs sample by sample",
                                         fmt::format("runs {} and {}", baseline.id, run.id),
                                         fmt::format("they differ in {}", fmt::join(different, ", ")),
                                         "Compare runs of the same seed, length, prompt and template"});
}

} // namespace

RunComparison compareRuns(const Run& baseline, std::span<const Evaluator::TextScore> baselineScores,
                          const Run& run, std::span<const Evaluator::TextScore> runScores, double level) {
    requirePaired(baseline.summary, run.summary);
    std::map<int, std::size_t> places;
    for (std::size_t i = 0; i < baseline.samples.size(); ++i)
        places[baseline.samples[i].trace.index] = i;
    std::vector<double> firstNats, secondNats, firstEntropy, secondEntropy;
    for (std::size_t i = 0; i < run.samples.size(); ++i) {
        const auto found = places.find(run.samples[i].trace.index);
        if (found == places.end())
            continue;
        firstEntropy.push_back(unigramEntropyOf(run.samples[i].trace.tokens));
        secondEntropy.push_back(unigramEntropyOf(baseline.samples[found->second].trace.tokens));
        const Evaluator::TextScore &first = runScores[i], &second = baselineScores[found->second];
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
