// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/sampling/reference_sampler.h"

#include <algorithm>
#include <cmath>

namespace steploom::testing {

namespace {

constexpr double kEpsilon = 1e-5;

double uniform(std::mt19937_64& random) { return std::uniform_real_distribution<double>()(random); }

/// p(x₀ | x_t) at one position, without the mask token.
std::vector<double> probabilities(const ReferenceInput& input, char letter, double t,
                                  const std::vector<std::int32_t>& tokens, int position) {
    std::vector<float> logits(static_cast<std::size_t>(input.vocabulary));
    input.rules.at(letter)(tokens, static_cast<float>(-std::log(1 - (1 - kEpsilon) * t)), position, logits);
    logits.pop_back();
    std::vector<double> p;
    double sum = 0;
    for (float logit : logits)
        sum += p.emplace_back(std::exp(static_cast<double>(logit)));
    for (double& each : p)
        each /= sum;
    return p;
}

std::int32_t drawn(const std::vector<double>& p, std::mt19937_64& random) {
    return std::discrete_distribution<std::int32_t>(p.begin(), p.end())(random);
}

} // namespace

ReferenceSample sampleStepByStep(const ReferenceInput& input, std::mt19937_64& random) {
    const std::int32_t mask = input.vocabulary - 1;
    const int steps = input.schedule.steps();
    const auto length = static_cast<int>(input.initialTokens.size());
    ReferenceSample sample{input.initialTokens, std::vector<int>(input.initialTokens.size(), -1)};
    const auto time = [steps](int i) { return 1 - i * (1 - kEpsilon) / steps; };

    for (int step = 0; step < steps; ++step) {
        const double t = time(step), s = time(step + 1);
        const std::vector<std::int32_t> seen = sample.tokens; // x_t: tokens of one step do not see each other
        for (int position = 0; position < length; ++position) {
            const auto at = static_cast<std::size_t>(position);
            if (seen[at] != mask || uniform(random) >= (t - s) / t)
                continue;
            sample.tokens[at] =
                drawn(probabilities(input, input.schedule.at(step), t, seen, position), random);
            sample.revealStep[at] = step;
        }
    }
    const std::vector<std::int32_t> seen = sample.tokens;
    for (int position = 0; position < length; ++position) {
        const auto at = static_cast<std::size_t>(position);
        if (seen[at] != mask)
            continue;
        const auto p = probabilities(input, input.schedule.at(steps - 1), time(steps), seen, position);
        sample.tokens[at] = static_cast<std::int32_t>(std::max_element(p.begin(), p.end()) - p.begin());
        sample.revealStep[at] = steps;
    }
    return sample;
}

ReferenceSample sampleInContinuousTime(const ReferenceInput& input, std::mt19937_64& random) {
    const std::int32_t mask = input.vocabulary - 1;
    const int steps = input.schedule.steps();
    ReferenceSample sample{input.initialTokens, std::vector<int>(input.initialTokens.size(), -1)};
    std::vector<std::pair<double, int>> hits;
    for (std::size_t position = 0; position < input.initialTokens.size(); ++position)
        if (input.initialTokens[position] == mask)
            hits.emplace_back(uniform(random), static_cast<int>(position));
    std::sort(hits.rbegin(), hits.rend());
    for (const auto& [t, position] : hits) {
        const int step = std::min(static_cast<int>((1 - t) * steps), steps - 1);
        const auto at = static_cast<std::size_t>(position);
        sample.tokens[at] =
            drawn(probabilities(input, input.schedule.at(step), t, sample.tokens, position), random);
        sample.revealStep[at] = step;
    }
    return sample;
}

} // namespace steploom::testing
