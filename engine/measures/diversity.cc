// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/diversity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

namespace steploom {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kBleuOrders = 4;

/// Up to four tokens, −1 behind the last.
using NGram = std::array<std::int32_t, kBleuOrders>;

struct NGramHash {
    std::size_t operator()(const NGram& gram) const noexcept {
        std::uint64_t hash = 0;
        for (const std::int32_t token : gram) {
            hash = (hash ^ static_cast<std::uint32_t>(token)) * 0x9E3779B97F4A7C15U;
            hash ^= hash >> 32U;
        }
        return hash;
    }
};
template <class Value>
using ByNGram = std::unordered_map<NGram, Value, NGramHash>;

/// How often each n-gram of a text stands there.
ByNGram<int> countsOf(std::span<const std::int32_t> tokens, int n) {
    ByNGram<int> counts;
    counts.reserve(tokens.size());
    const auto length = static_cast<std::size_t>(n);
    for (std::size_t at = 0; at + length <= tokens.size(); ++at) {
        NGram gram{-1, -1, -1, -1};
        std::copy_n(tokens.begin() + static_cast<std::ptrdiff_t>(at), length, gram.begin());
        ++counts[gram];
    }
    return counts;
}

int totalOf(std::span<const std::int32_t> tokens, int n) {
    return std::max(0, static_cast<int>(tokens.size()) - n + 1);
}

/// What the other samples hold of an n-gram at most: the two highest counts, of which one may be one's own.
struct HighestCounts {
    int first = 0, second = 0;
    std::size_t firstSample = 0;

    void add(int count, std::size_t sample) {
        if (count > first) {
            second = std::exchange(first, count);
            firstSample = sample;
        } else {
            second = std::max(second, count);
        }
    }
    int without(std::size_t sample) const { return sample == firstSample ? second : first; }
};

} // namespace

Estimate distinctShare(TokenTexts samples, int n) {
    struct Holder {
        int samples = 0;
        std::size_t last = 0;
    };
    ByNGram<Holder> holders;
    double all = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        all += totalOf(samples[i], n);
        for (const auto& [gram, count] : countsOf(samples[i], n)) {
            Holder& holder = holders[gram];
            ++holder.samples;
            holder.last = i;
        }
    }
    const int size = static_cast<int>(samples.size());
    if (all == 0)
        return {kNaN, kNaN, kNaN, size};
    // The jackknife: what the share would be without each sample, whose own n-grams go with it.
    std::vector<double> own(samples.size());
    for (const auto& [gram, holder] : holders)
        if (holder.samples == 1)
            ++own[holder.last];
    const double distinct = static_cast<double>(holders.size()), share = distinct / all;
    std::vector<double> pseudo;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double rest = all - totalOf(samples[i], n);
        const double without = rest > 0 ? (distinct - own[i]) / rest : share;
        pseudo.push_back(size * share - (size - 1) * without);
    }
    Estimate estimate = meanWithInterval(pseudo);
    const double half = estimate.margin();
    return {share, share - half, share + half, size};
}

double repeatedShare(std::span<const std::int32_t> tokens, int n) {
    const int all = totalOf(tokens, n);
    return all == 0 ? 0 : 1 - static_cast<double>(countsOf(tokens, n).size()) / all;
}

std::vector<double> selfBleu(TokenTexts samples) {
    std::vector<double> logPrecision(samples.size(), 0);
    for (int n = 1; n <= kBleuOrders; ++n) {
        std::vector<ByNGram<int>> counts;
        ByNGram<HighestCounts> highest;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            counts.push_back(countsOf(samples[i], n));
            for (const auto& [gram, count] : counts.back())
                highest[gram].add(count, i);
        }
        for (std::size_t i = 0; i < samples.size(); ++i) {
            double matches = 0;
            for (const auto& [gram, count] : counts[i])
                matches += std::min(count, highest.at(gram).without(i));
            const double all = std::max(1, totalOf(samples[i], n));
            logPrecision[i] += std::log((matches > 0 ? matches : 0.1) / all) / kBleuOrders;
        }
    }
    std::vector<double> scores;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto length = static_cast<double>(samples[i].size());
        double nearest = kNaN;
        for (std::size_t j = 0; j < samples.size(); ++j)
            if (const auto other = static_cast<double>(samples[j].size());
                j != i && other > 0 &&
                (std::isnan(nearest) || std::abs(other - length) < std::abs(nearest - length)))
                nearest = other;
        const double brevity = length >= nearest ? 0 : 1 - nearest / length;
        scores.push_back(length == 0 || std::isnan(nearest) ? kNaN : std::exp(logPrecision[i] + brevity));
    }
    return scores;
}

std::vector<Measure> diversityMeasures(TokenTexts samples) {
    std::vector<Measure> measures;
    const nlohmann::json settings = {{"level", 0.95}, {"units", "the pool's tokens"}};
    for (int n = 1; n <= 3; ++n)
        measures.push_back(
            {.name = fmt::format("distinct_{}", n),
             .estimate = distinctShare(samples, n),
             .estimator = fmt::format("distinct {0}-grams of all {0}-grams of all samples, jackknife "
                                      "t interval over samples",
                                      n),
             .settings = settings});
    std::vector<double> repeated;
    for (const std::vector<std::int32_t>& tokens : samples)
        repeated.push_back(repeatedShare(tokens, 4));
    measures.push_back(
        {.name = "repeated_4",
         .estimate = meanWithInterval(repeated),
         .estimator = "mean over samples of the share of 4-grams that stood there before, t interval",
         .settings = settings});
    std::vector<double> bleu = selfBleu(samples);
    std::erase_if(bleu, [](double score) { return std::isnan(score); });
    if (bleu.size() >= 2)
        measures.push_back({.name = "self_bleu",
                            .estimate = meanWithInterval(bleu),
                            .estimator =
                                "mean over samples of BLEU-4 against all others, method-1 smoothing, t "
                                "interval",
                            .settings = settings});
    return measures;
}

} // namespace steploom
