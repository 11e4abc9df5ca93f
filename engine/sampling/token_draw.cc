// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/token_draw.h"

#include "engine/core/random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace steploom {

namespace {

/// Leaves weight only to the smallest set of tokens that has at least the share `topP` of all weight,
/// likeliest first, lower ids first among equals. A heap: the set is small beside the vocabulary, so sorting
/// all of it would be waste.
void keepTopP(std::span<double> weights, double topP, double total, std::vector<std::int32_t>& order) {
    const auto less = [weights](std::int32_t a, std::int32_t b) {
        const double left = weights[static_cast<std::size_t>(a)],
                     right = weights[static_cast<std::size_t>(b)];
        return left != right ? left < right : a > b;
    };
    order.clear();
    for (std::size_t id = 0; id < weights.size(); ++id)
        if (weights[id] > 0)
            order.push_back(static_cast<std::int32_t>(id));
    std::make_heap(order.begin(), order.end(), less);
    auto end = order.end();
    for (double kept = 0; end != order.begin() && kept < topP * total;) {
        kept += weights[static_cast<std::size_t>(order.front())];
        std::pop_heap(order.begin(), end--, less);
    }
    std::for_each(order.begin(), end,
                  [weights](std::int32_t id) { weights[static_cast<std::size_t>(id)] = 0; });
}

/// Leaves weight only to the `topK` likeliest, lower ids first among equals. Returns what is left of the
/// total.
double keepTopK(std::span<double> weights, std::size_t topK, std::vector<std::int32_t>& order) {
    order.clear();
    for (std::size_t id = 0; id < weights.size(); ++id)
        if (weights[id] > 0)
            order.push_back(static_cast<std::int32_t>(id));
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(topK, order.size()));
    std::nth_element(order.begin(), end, order.end(), [weights](std::int32_t a, std::int32_t b) {
        const double left = weights[static_cast<std::size_t>(a)],
                     right = weights[static_cast<std::size_t>(b)];
        return left != right ? left > right : a < b;
    });
    std::for_each(end, order.end(),
                  [weights](std::int32_t id) { weights[static_cast<std::size_t>(id)] = 0; });
    double total = 0;
    for (const double weight : weights)
        total += weight;
    return total;
}

/// The lowest id whose cumulative weight reaches `uniform` of the total.
std::size_t inverseCdf(std::span<const double> weights, double total, double uniform) {
    const double target = uniform * total;
    double cumulative = 0;
    std::size_t last = 0;
    for (std::size_t id = 0; id < weights.size(); ++id) {
        if (weights[id] == 0)
            continue;
        cumulative += weights[id];
        last = id;
        if (cumulative >= target)
            break;
    }
    return last;
}

/// The categorical draw of published masked-diffusion code: argmax of p / (−log u) with u of 24 bits, in
/// float32.
std::size_t float32GumbelDraw(std::span<const double> weights, double total, double uniform) {
    const CounterRandom noise(std::bit_cast<std::uint64_t>(uniform));
    std::size_t best = 0;
    float highest = -1;
    for (std::size_t id = 0; id < weights.size(); ++id) {
        if (weights[id] == 0)
            continue;
        const double u = noise.uniform(Purpose::Token, 0, static_cast<std::uint32_t>(id), 0);
        const auto truncated = static_cast<float>(std::floor(u * 0x1p24) * 0x1p-24);
        const float score = static_cast<float>(weights[id] / total) / (1e-10f - std::log(truncated + 1e-10f));
        if (score > highest) {
            highest = score;
            best = id;
        }
    }
    return best;
}

} // namespace

void TokenDraw::reserve(std::size_t vocabulary) {
    m_weights.reserve(vocabulary);
    m_order.reserve(vocabulary);
}

RevealedToken TokenDraw::draw(std::span<const float> logits, const DrawOptions& options, double uniform) {
    const auto mask =
        static_cast<std::size_t>(options.maskToken); // −1 becomes an id that no vocabulary reaches
    std::size_t likeliest = mask == 0 ? 1 : 0;
    float highest = -std::numeric_limits<float>::infinity();
    for (std::size_t id = 0; id < logits.size(); ++id) {
        if (id != mask && logits[id] > highest) {
            highest = logits[id];
            likeliest = id;
        }
    }
    // log of a token's weight, relative to the likeliest one's. Subtracting before dividing keeps it finite
    // at any temperature; comparing first keeps it right where the highest logit is infinite.
    const auto logWeight = [&](std::size_t id) {
        return logits[id] == highest ? 0.0
                                     : (static_cast<double>(logits[id]) - highest) / options.temperature;
    };

    m_from = {};
    m_weights.resize(logits.size());
    double total = 0;
    for (std::size_t id = 0; id < logits.size(); ++id) {
        const double weight = id == mask ? 0 : std::exp(logWeight(id));
        m_weights[id] = weight > 0 ? weight : 0; // a NaN logit weighs nothing
        total += m_weights[id];
    }
    if (options.topK > 0)
        total = keepTopK(m_weights, static_cast<std::size_t>(options.topK), m_order);
    if (options.topP < 1)
        keepTopP(m_weights, options.topP, total, m_order);

    total = 0;
    double weightedLog = 0;
    for (std::size_t id = 0; id < logits.size(); ++id) {
        if (m_weights[id] > 0) {
            total += m_weights[id];
            weightedLog += m_weights[id] * logWeight(id);
            ++m_from.tokens;
        }
    }
    RevealedToken revealed{.token = static_cast<std::int32_t>(likeliest)};
    if (!(total > 0)) // no logit is a number: nothing to choose by
        return revealed;

    m_from.logTotal = std::log(total);
    std::size_t token = likeliest;
    if (!options.argmax)
        token = options.float32Gumbel ? float32GumbelDraw(m_weights, total, uniform)
                                      : inverseCdf(m_weights, total, uniform);
    revealed.token = static_cast<std::int32_t>(token);
    revealed.logProbability = static_cast<float>(std::min(0.0, logWeight(token) - m_from.logTotal));
    revealed.entropy = static_cast<float>(std::max(0.0, m_from.logTotal - weightedLog / total));
    return revealed;
}

void TokenDraw::likeliest(std::span<const float> logits, const DrawOptions& options, const DrawnFrom& from,
                          std::span<LikelyToken> out) {
    std::ranges::fill(out, LikelyToken{});
    const std::size_t wanted = std::min(out.size(), static_cast<std::size_t>(from.tokens));
    if (wanted == 0)
        return;
    // The few best so far, best first: hardly a logit of a vocabulary gets past the last of them.
    const auto mask = static_cast<std::size_t>(options.maskToken);
    const auto logitOf = [&](const LikelyToken& likely) {
        return logits[static_cast<std::size_t>(likely.token)];
    };
    std::size_t found = 0;
    for (std::size_t id = 0; id < logits.size(); ++id) {
        if (id == mask ||
            !(found < wanted ? logits[id] == logits[id] : logits[id] > logitOf(out[wanted - 1])))
            continue;
        std::size_t at = found < wanted ? found++ : wanted - 1;
        for (; at > 0 && logits[id] > logitOf(out[at - 1]); --at)
            out[at] = out[at - 1];
        out[at].token = static_cast<std::int32_t>(id);
    }
    const double highest = logitOf(out[0]);
    for (LikelyToken& likely : out.first(found)) {
        const double logit = logitOf(likely);
        const double logWeight = logit == highest ? 0 : (logit - highest) / options.temperature;
        likely.logProbability = static_cast<float>(std::min(0.0, logWeight - from.logTotal));
    }
}

} // namespace steploom
