// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/sampling/reference_orders.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace steploom::testing {

namespace {

constexpr double kEpsilon = 1e-5;

/// softmax(logits / temperature) without the mask, the last of the vocabulary.
std::vector<double> softmax(std::vector<float> logits, double temperature) {
    logits.pop_back();
    const float highest = *std::max_element(logits.begin(), logits.end()); // a cold softmax stays finite
    std::vector<double> p;
    for (float logit : logits)
        p.push_back(std::exp((logit - highest) / temperature));
    const double sum = std::accumulate(p.begin(), p.end(), 0.0);
    for (double& each : p)
        each /= sum;
    return p;
}

std::vector<double> nucleus(std::vector<double> p, double topP) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] > p[b]; });
    double kept = 0;
    for (std::size_t id : order) {
        const bool inside = kept < topP;
        kept += p[id];
        if (!inside)
            p[id] = 0;
    }
    const double sum = std::accumulate(p.begin(), p.end(), 0.0);
    for (double& each : p)
        each /= sum;
    return p;
}

std::int32_t inverseCdf(const std::vector<double>& p, double uniform) {
    double cumulative = 0;
    for (std::size_t id = 0; id < p.size(); ++id)
        if ((cumulative += p[id]) >= uniform && p[id] > 0)
            return static_cast<std::int32_t>(id);
    return static_cast<std::int32_t>(p.size()) - 1;
}

double certaintyBy(Sampler order, std::vector<double> p, std::int32_t drawn) {
    if (order == Sampler::Entropy) {
        double sum = 0;
        for (double each : p)
            sum += each > 0 ? each * std::log(each) : 0;
        return sum;
    }
    if (order == Sampler::Margin) {
        std::sort(p.rbegin(), p.rend());
        return p[0] - p[1];
    }
    return p[static_cast<std::size_t>(drawn)];
}

/// What one call says of the positions: x̂₀ and certainty, −∞ where nothing is to be revealed.
struct Answer {
    std::vector<std::int32_t> drawn;
    std::vector<double> certainty;
};

Answer ask(const OrderInput& input, const ReferenceSample& sample, int index, int step, double t,
           std::uint32_t key, const std::vector<bool>& inBlock) {
    const std::int32_t mask = input.base.vocabulary - 1;
    const auto sigma = static_cast<float>(-std::log(1 - (1 - kEpsilon) * t));
    Answer answer;
    for (std::size_t at = 0; at < sample.tokens.size(); ++at) {
        std::vector<float> logits(static_cast<std::size_t>(input.base.vocabulary));
        input.base.rules.at(input.base.schedule.at(step))(sample.tokens, sigma, static_cast<int>(at), logits);
        const double uniform = CounterRandom(input.seed)
                                   .uniform(Purpose::Token, static_cast<std::uint32_t>(index),
                                            static_cast<std::uint32_t>(at), key);
        answer.drawn.push_back(inverseCdf(nucleus(softmax(logits, input.temperature), input.topP), uniform));
        answer.certainty.push_back(sample.tokens[at] == mask && inBlock[at]
                                       ? certaintyBy(input.order, softmax(logits, 1), answer.drawn.back())
                                       : -std::numeric_limits<double>::infinity());
    }
    return answer;
}

/// The blocks: each holds blockLength masked positions, from left to right.
std::vector<std::vector<bool>> blocksOf(const OrderInput& input) {
    const auto& tokens = input.base.initialTokens;
    std::vector<std::vector<bool>> blocks;
    int count = 0;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        if (tokens[at] != input.base.vocabulary - 1)
            continue;
        if (count == 0 || (input.blockLength > 0 && count % input.blockLength == 0))
            blocks.emplace_back(tokens.size());
        blocks.back()[at] = true;
        ++count;
    }
    return blocks;
}

std::size_t surest(const std::vector<double>& certainty) {
    return static_cast<std::size_t>(std::max_element(certainty.begin(), certainty.end()) - certainty.begin());
}

void keep(ReferenceSample& sample, Answer& answer, std::size_t at, int step) {
    sample.tokens[at] = answer.drawn[at];
    sample.revealStep[at] = step;
    answer.certainty[at] = -std::numeric_limits<double>::infinity();
}

} // namespace

ReferenceSample sampleSurestFirst(const OrderInput& input, int index) {
    const int steps = input.base.schedule.steps();
    ReferenceSample sample{input.base.initialTokens, std::vector<int>(input.base.initialTokens.size(), -1)};
    const auto blocks = blocksOf(input);
    const auto all = static_cast<double>(std::count(
        input.base.initialTokens.begin(), input.base.initialTokens.end(), input.base.vocabulary - 1));
    double before = 0;
    for (const std::vector<bool>& block : blocks) {
        const auto positions = static_cast<double>(std::count(block.begin(), block.end(), true));
        const int begin = static_cast<int>(std::floor(steps * before / all));
        const int end = static_cast<int>(std::floor(steps * (before + positions) / all));
        int done = 0;
        for (int step = begin; step < end; ++step) {
            const double t = 1 - step * (1 - kEpsilon) / steps;
            Answer answer = ask(input, sample, index, step, t, static_cast<std::uint32_t>(step), block);
            const double due = positions * (step + 1 - begin) / (end - begin);
            for (; done < static_cast<int>(std::floor(due + 0.5)); ++done)
                keep(sample, answer, surest(answer.certainty), step);
        }
        before += positions;
    }
    return sample;
}

ReferenceSample sampleAboveThreshold(const OrderInput& input, int index) {
    const std::int32_t mask = input.base.vocabulary - 1;
    const int steps = input.base.schedule.steps();
    ReferenceSample sample{input.base.initialTokens, std::vector<int>(input.base.initialTokens.size(), -1)};
    const auto masked = [&] {
        return static_cast<double>(std::count(sample.tokens.begin(), sample.tokens.end(), mask));
    };
    const double all = masked();
    std::uint32_t call = 0;
    for (const std::vector<bool>& block : blocksOf(input)) {
        const auto open = [&] {
            for (std::size_t at = 0; at < block.size(); ++at)
                if (block[at] && sample.tokens[at] == mask)
                    return true;
            return false;
        };
        while (open()) {
            const int step = static_cast<int>(std::floor((all - masked()) * steps / all));
            Answer answer = ask(input, sample, index, step, masked() / all, call++, block);
            keep(sample, answer, surest(answer.certainty), step);
            for (std::size_t at = 0; at < block.size(); ++at)
                if (answer.certainty[at] >= input.threshold)
                    keep(sample, answer, at, step);
        }
    }
    return sample;
}

ReferenceSample sampleRemasking(const ReferenceInput& input, const Remasking& remasking,
                                std::mt19937_64& random) {
    const std::int32_t mask = input.vocabulary - 1;
    const auto maskId = static_cast<std::size_t>(mask);
    const int steps = input.schedule.steps();
    ReferenceSample sample{input.initialTokens, std::vector<int>(input.initialTokens.size(), -1)};
    const auto alpha = [&](int i) {
        const double t = 1 - i * (1 - kEpsilon) / steps;
        if (remasking.kind != Remask::Loop)
            return 1 - t;
        if (t > remasking.loopOn)
            return remasking.alphaOn * (1 - t) / (1 - remasking.loopOn);
        return t > remasking.loopOff ? remasking.alphaOn
                                     : 1 - (1 - remasking.alphaOn) * t / remasking.loopOff;
    };
    std::vector<double> psi(sample.tokens.size(), std::numeric_limits<double>::infinity());
    const auto predicted = [&](int i, const std::vector<std::int32_t>& z, std::size_t at) {
        std::vector<float> logits(static_cast<std::size_t>(input.vocabulary));
        const auto sigma = static_cast<float>(-std::log(1 - (1 - kEpsilon) * (1 - alpha(i))));
        input.rules.at(input.schedule.at(std::min(i, steps - 1)))(z, sigma, static_cast<int>(at), logits);
        return softmax(logits, 1);
    };

    for (int i = 0; i < steps; ++i) {
        const double alphaT = alpha(i), alphaS = alpha(i + 1), t = 1 - i * (1 - kEpsilon) / steps;
        const double most = alphaT > 0 ? std::min(1.0, (1 - alphaS) / alphaT) : 1;
        double sigma = 0;
        if (remasking.kind == Remask::Cap)
            sigma = std::min(remasking.eta, most);
        else if (remasking.kind == Remask::Rescale || remasking.kind == Remask::Confidence)
            sigma = remasking.eta * most;
        else if (t <= remasking.loopOn && t > remasking.loopOff)
            sigma = std::min(remasking.eta, most);
        const std::vector<std::int32_t> z = sample.tokens; // z_t
        const std::vector<double> psiT = psi;
        double sum = 0;
        for (double each : psiT)
            sum += std::exp(-each);
        for (std::size_t at = 0; at < z.size(); ++at) {
            if (input.initialTokens[at] != mask)
                continue; // given
            double own = sigma;
            if (remasking.kind == Remask::Confidence)
                own = z[at] == mask ? 0 : sigma * std::exp(-psiT[at]) / sum;
            std::vector<double> q(static_cast<std::size_t>(input.vocabulary));
            if (z[at] == mask) {
                const auto x = predicted(i, z, at);
                for (std::size_t id = 0; id < x.size(); ++id)
                    q[id] = x[id] * (alphaS - (1 - own) * alphaT) / (1 - alphaT);
                q[maskId] = (1 - alphaS - own * alphaT) / (1 - alphaT);
                sample.tokens[at] = std::discrete_distribution<std::int32_t>(q.begin(), q.end())(random);
                if (sample.tokens[at] != mask) {
                    sample.revealStep[at] = i;
                    psi[at] = x[static_cast<std::size_t>(sample.tokens[at])];
                }
            } else {
                q[static_cast<std::size_t>(z[at])] = 1 - own;
                q[maskId] = own;
                sample.tokens[at] = std::discrete_distribution<std::int32_t>(q.begin(), q.end())(random);
                if (sample.tokens[at] == mask) {
                    sample.revealStep[at] = -1;
                    psi[at] = std::numeric_limits<double>::infinity();
                }
            }
        }
    }
    const std::vector<std::int32_t> z = sample.tokens;
    for (std::size_t at = 0; at < z.size(); ++at) {
        if (z[at] != mask)
            continue;
        const auto x = predicted(steps, z, at);
        sample.tokens[at] = static_cast<std::int32_t>(std::max_element(x.begin(), x.end()) - x.begin());
        sample.revealStep[at] = steps;
    }
    return sample;
}

} // namespace steploom::testing
