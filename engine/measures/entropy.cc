// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/generative_perplexity.h"

#include <cmath>
#include <map>

namespace steploom {

double unigramEntropyOf(std::span<const std::int32_t> tokens) {
    // Ordered, so that the sum is made in one order and the figure is the same everywhere.
    std::map<std::int32_t, int> counts;
    for (const std::int32_t token : tokens)
        ++counts[token];
    double entropy = 0;
    for (const auto& [token, count] : counts) {
        const double frequency = static_cast<double>(count) / static_cast<double>(tokens.size());
        entropy -= frequency * std::log(frequency);
    }
    return entropy;
}

Measure unigramEntropy(std::span<const std::vector<std::int32_t>> samples) {
    std::vector<double> entropies;
    std::size_t tokens = 0;
    for (const auto& sample : samples) {
        entropies.push_back(unigramEntropyOf(sample));
        tokens += sample.size();
    }
    Measure measure;
    measure.name = "entropy";
    measure.estimate = meanWithInterval(entropies);
    measure.unit = "nats";
    measure.estimator = "mean over samples of the unigram entropy of a sample's tokens, t interval";
    measure.settings = {{"level", 0.95}, {"tokens", tokens}};
    return measure;
}

} // namespace steploom
