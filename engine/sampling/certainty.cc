// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/certainty.h"

#include <cmath>
#include <limits>

namespace steploom {

double certaintyOf(Sampler sampler, std::span<const float> logits, std::int32_t maskToken,
                   std::int32_t drawnToken) {
    if (!looksAtCandidates(sampler))
        return 0;
    constexpr double kLeast = -std::numeric_limits<double>::infinity();
    const auto mask = static_cast<std::size_t>(maskToken);
    double highest = kLeast, second = kLeast;
    for (std::size_t id = 0; id < logits.size(); ++id) {
        const double logit = logits[id];
        if (id == mask || !(logit > second))
            continue;
        second = logit > highest ? highest : logit;
        highest = logit > highest ? logit : highest;
    }
    // Weights are relative to the likeliest token's; comparing first keeps them right where it is infinite.
    const auto logWeight = [highest](double logit) { return logit == highest ? 0.0 : logit - highest; };
    double total = 0, weightedLog = 0;
    for (std::size_t id = 0; id < logits.size(); ++id) {
        if (id == mask || !(logits[id] > kLeast)) // a NaN logit weighs nothing
            continue;
        const double log = logWeight(logits[id]);
        const double weight = std::exp(log);
        total += weight;
        if (weight > 0)
            weightedLog += weight * log;
    }
    if (!(total > 0))
        return kLeast;
    switch (sampler) {
    case Sampler::Margin:
        return (1 - std::exp(logWeight(second))) / total;
    case Sampler::Entropy:
        return weightedLog / total - std::log(total);
    default:
        break;
    }
    const double drawn = logits[static_cast<std::size_t>(drawnToken)];
    return drawn > kLeast ? std::exp(logWeight(drawn)) / total : 0;
}

} // namespace steploom
