// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/token_draw.h"

#include "engine/core/random.h"
#include "tests/engine/sampling/chi_square.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> logitsOf(std::initializer_list<double> probabilities) {
    std::vector<float> logits;
    for (double p : probabilities)
        logits.push_back(static_cast<float>(std::log(p)));
    return logits;
}

std::vector<float> randomLogits(std::mt19937& random, std::size_t size) {
    std::vector<float> logits(size);
    std::normal_distribution<float> normal(0, 2);
    for (float& logit : logits)
        logit = normal(random);
    return logits;
}

int drawnToken(std::span<const float> logits, double uniform, const DrawOptions& options = {}) {
    return TokenDraw().draw(logits, options, uniform).token;
}

/// The top-p distribution by the book: sort all, take until the share is reached, renormalise.
std::vector<double> topPByBruteForce(std::span<const float> logits, double topP) {
    std::vector<double> p(logits.size());
    double sum = 0;
    for (std::size_t id = 0; id < logits.size(); ++id)
        sum += p[id] = std::exp(static_cast<double>(logits[id]));
    std::vector<std::size_t> order(logits.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
    std::vector<double> kept(logits.size());
    double share = 0;
    for (std::size_t id : order) {
        if (share >= topP)
            break;
        share += p[id] / sum;
        kept[id] = p[id] / sum;
    }
    for (double& each : kept)
        each /= share;
    return kept;
}

} // namespace

class TestTokenDraw : public QObject {
    Q_OBJECT
private slots:
    void inverseCdfGoesFromTheFirstIdToTheLast() {
        const auto logits = logitsOf({0.25, 0.5, 0.25});
        QCOMPARE(drawnToken(logits, 0x1p-53), 0);
        QCOMPARE(drawnToken(logits, 0.2499), 0);
        QCOMPARE(drawnToken(logits, 0.2501), 1);
        QCOMPARE(drawnToken(logits, 0.7499), 1);
        QCOMPARE(drawnToken(logits, 0.7501), 2);
        QCOMPARE(drawnToken(logits, 1 - 0x1p-53), 2);
    }

    void anExactEdgeGoesToTheLowerId() {
        const std::vector<float> equal{0, 0, 0, 0};
        QCOMPARE(drawnToken(equal, 0.25), 0);
        QCOMPARE(drawnToken(equal, 0.5), 1);
        QCOMPARE(drawnToken(equal, 0.75), 2);
    }

    void tokensWithoutProbabilityAreNeverDrawn() {
        const std::vector<float> logits{-kInfinity, 0, -kInfinity, 0, -kInfinity};
        QCOMPARE(drawnToken(logits, 0x1p-53), 1);
        QCOMPARE(drawnToken(logits, 0.75), 3);
        QCOMPARE(drawnToken(logits, 1 - 0x1p-53), 3);
    }

    void theMaskTokenIsNeverDrawnNorCounted() {
        const std::vector<float> logits{0, 50, 0};
        for (std::int32_t mask : {0, 1, 2}) {
            for (int i = 1; i < 100; ++i)
                QVERIFY(drawnToken(logits, i / 100.0, {.maskToken = mask}) != mask);
            QVERIFY(drawnToken(logits, 0.5, {.maskToken = mask, .argmax = true}) != mask);
        }
        const RevealedToken revealed = TokenDraw().draw(logits, {.maskToken = 1}, 0.3);
        QVERIFY(std::abs(revealed.logProbability - std::log(0.5)) < 1e-6);
        QVERIFY(std::abs(revealed.entropy - std::log(2.0)) < 1e-6);
    }

    void logProbabilityAndEntropyAreThoseOfTheDistribution() {
        std::mt19937 random(1);
        for (double temperature : {0.5, 1.0, 2.0}) {
            const auto logits = randomLogits(random, 50);
            std::vector<double> p(logits.size());
            double sum = 0, entropy = 0;
            for (std::size_t id = 0; id < p.size(); ++id)
                sum += p[id] = std::exp(logits[id] / temperature);
            for (double& each : p) {
                each /= sum;
                entropy -= each * std::log(each);
            }
            const RevealedToken revealed = TokenDraw().draw(logits, {.temperature = temperature}, 0.6);
            QVERIFY(std::abs(revealed.logProbability -
                             std::log(p[static_cast<std::size_t>(revealed.token)])) < 1e-5);
            QVERIFY(std::abs(revealed.entropy - entropy) < 1e-5);
        }
    }

    void drawnFrequenciesAreTheProbabilities() {
        const auto logits = logitsOf({0.1, 0.2, 0.3, 0.4});
        const CounterRandom random(11);
        TokenDraw draw;
        std::vector<double> counts(4);
        constexpr int draws = 40'000;
        for (std::uint32_t i = 0; i < draws; ++i)
            ++counts[static_cast<std::size_t>(
                draw.draw(logits, {}, random.uniform(Purpose::Token, i, 0, 0)).token)];
        double statistic = 0;
        for (std::size_t id = 0; id < 4; ++id) {
            const double expected = draws * 0.1 * static_cast<double>(id + 1);
            statistic += (counts[id] - expected) * (counts[id] - expected) / expected;
        }
        QVERIFY(chiSquareTail(statistic, 3) > kSmallestP);
    }

    void lowTemperatureApproachesTheArgmax() {
        std::mt19937 random(2);
        for (int i = 0; i < 50; ++i) {
            const auto logits = randomLogits(random, 40);
            const int likeliest = drawnToken(logits, 0.5, {.argmax = true});
            QCOMPARE(likeliest,
                     static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
            for (double temperature : {1e-4, 1e-300, std::numeric_limits<double>::denorm_min()})
                for (double uniform : {0x1p-53, 0.5, 1 - 0x1p-53})
                    QCOMPARE(drawnToken(logits, uniform, {.temperature = temperature}), likeliest);
        }
    }

    void highTemperatureApproachesTheUniformDistribution() {
        std::mt19937 random(3);
        const auto logits = randomLogits(random, 64);
        QVERIFY(std::abs(TokenDraw().draw(logits, {.temperature = 1e6}, 0.5).entropy - std::log(64.0)) <
                1e-6);
    }

    void topPKeepsTheSmallestSufficientSet() {
        std::mt19937 random(4);
        for (double topP : {1e-9, 0.1, 0.5, 0.9, 0.999}) {
            for (int i = 0; i < 20; ++i) {
                const auto logits = randomLogits(random, 60);
                const auto expected = topPByBruteForce(logits, topP);
                double entropy = 0;
                for (double p : expected)
                    entropy -= p > 0 ? p * std::log(p) : 0;
                // Middles of the expected intervals of the CDF: each must give its token, with its
                // probability.
                double cumulative = 0;
                for (std::size_t id = 0; id < expected.size(); ++id) {
                    if (expected[id] == 0)
                        continue;
                    const auto revealed =
                        TokenDraw().draw(logits, {.topP = topP}, cumulative + expected[id] / 2);
                    QCOMPARE(revealed.token, static_cast<std::int32_t>(id));
                    QVERIFY(std::abs(revealed.logProbability - std::log(expected[id])) < 1e-5);
                    QVERIFY(std::abs(revealed.entropy - entropy) < 1e-5);
                    cumulative += expected[id];
                }
            }
        }
    }

    void topPAmongEqualsKeepsTheLowerIds() {
        const std::vector<float> equal(8, 1.0f);
        for (int i = 1; i < 100; ++i)
            QVERIFY(drawnToken(equal, i / 100.0, {.topP = 0.5}) < 4);
    }

    void argmaxTakesTheLowestOfEquals() {
        const std::vector<float> logits{1, 5, 5, 2};
        QCOMPARE(drawnToken(logits, 0.99, {.argmax = true}), 1);
        QCOMPARE(drawnToken(logits, 0.99, {.maskToken = 1, .argmax = true}), 2);
    }

    void logitsThatAreNoNumbersDoNotBreakTheDraw() {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        QCOMPARE(drawnToken(std::vector<float>{nan, 0, nan}, 0.5), 1);
        QCOMPARE(drawnToken(std::vector<float>{0, kInfinity, 0}, 0.01), 1);
        const auto nothing = TokenDraw().draw(std::vector<float>{nan, nan, nan}, {.maskToken = 0}, 0.5);
        QCOMPARE(nothing.token, 1);
        QCOMPARE(nothing.entropy, 0.0f);
    }

    void hugeLogitsDoNotOverflow() {
        const auto revealed =
            TokenDraw().draw(std::vector<float>{3e38f, -3e38f}, {.temperature = 1e-300}, 0.5);
        QCOMPARE(revealed.token, 0);
        QCOMPARE(revealed.logProbability, 0.0f);
    }

    void float32GumbelDrawsTheSameLawInTheBulk() {
        const auto logits = logitsOf({0.1, 0.2, 0.3, 0.4});
        const CounterRandom random(12);
        TokenDraw draw;
        std::vector<double> counts(4);
        constexpr int draws = 40'000;
        for (std::uint32_t i = 0; i < draws; ++i) {
            const double uniform = random.uniform(Purpose::Token, i, 0, 0);
            const auto revealed = draw.draw(logits, {.float32Gumbel = true}, uniform);
            ++counts[static_cast<std::size_t>(revealed.token)];
        }
        double statistic = 0;
        for (std::size_t id = 0; id < 4; ++id) {
            const double expected = draws * 0.1 * static_cast<double>(id + 1);
            statistic += (counts[id] - expected) * (counts[id] - expected) / expected;
        }
        QVERIFY(chiSquareTail(statistic, 3) > kSmallestP);
    }

    void float32GumbelLosesTheTailThatFloat64Keeps() {
        // 20,000 tokens of 10⁻⁹ each beside one of nearly 1. With u of 24 bits p/(−log u) is at most 10⁻⁹ ·
        // 2²⁴ ≈ 0.017 for each of them and at least 1/(−log 10⁻¹⁰) ≈ 0.043 for the one: they never win,
        // though they should.
        constexpr std::size_t tail = 20'000;
        std::vector<float> logits(tail + 1, static_cast<float>(std::log(1e-9)));
        logits[0] = 0;
        TokenDraw draw;
        const CounterRandom random(13);
        int lost = 0;
        for (std::uint32_t i = 0; i < 300; ++i) {
            const double uniform = random.uniform(Purpose::Token, i, 0, 0);
            lost += draw.draw(logits, {.float32Gumbel = true}, uniform).token != 0;
        }
        QCOMPARE(lost, 0);
        QVERIFY(drawnToken(logits, 1 - 1e-6) > 0); // float64: the last 2·10⁻⁵ of the CDF are the tail's
    }
};

QTEST_GUILESS_MAIN(TestTokenDraw)
#include "test_token_draw.moc"
