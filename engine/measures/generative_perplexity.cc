// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/generative_perplexity.h"

#include <algorithm>
#include <cmath>

namespace steploom {

Measure generativePerplexity(std::span<const Evaluator::TextScore> scores, const Evaluator& evaluator) {
    std::vector<double> nats;
    std::vector<double> tokens;
    std::int64_t scored = 0;
    int longest = 0;
    for (const Evaluator::TextScore& score : scores) {
        nats.push_back(score.nats);
        tokens.push_back(score.tokens);
        scored += score.tokens;
        longest = std::max(longest, score.tokens);
    }
    // exp keeps order, so the ends of the mean's interval become the ends of the perplexity's; the interval
    // is not symmetric about the value, and (−∞, ∞) becomes (0, ∞).
    const Estimate mean = ratioWithInterval(nats, tokens);
    Measure measure;
    measure.name = "generative_perplexity";
    measure.estimate = {std::exp(mean.value), std::exp(mean.low), std::exp(mean.high), mean.n};
    measure.estimator =
        "exp of the token-weighted mean negative log-likelihood, delta-method t interval over "
        "samples carried through exp";
    measure.settings = {
        {"evaluator", evaluator.name()},
        {"evaluator_path", evaluator.path()},
        {"evaluator_sha256", evaluator.sha256()},
        {"evaluator_precision", precisionName(evaluator.facts().effective)},
        {"context", evaluator.facts().length},
        {"stride", evaluator.stride()},
        {"sliding",
         longest + std::max(1, static_cast<int>(evaluator.beginning().size())) > evaluator.facts().length},
        {"beginning_tokens", evaluator.beginning().size()},
        {"first_token", evaluator.beginning().empty() ? "not scored: nothing precedes it"
                                                      : "scored, given the beginning tokens"},
        {"tokens", scored},
        {"level", 0.95},
    };
    return measure;
}

} // namespace steploom
