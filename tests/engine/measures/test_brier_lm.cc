// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"
#include "engine/measures/brier_lm.h"
#include "engine/measures/brier_models.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Tokens that do not depend on each other: Σ P² of n of them is that of one to the n.
constexpr std::array kTruth{0.85, 0.05, 0.05, 0.05};

template <std::size_t N>
double squaresOf(const std::array<double, N>& p) {
    double sum = 0;
    for (const double value : p)
        sum += value * value;
    return sum;
}

template <std::size_t N>
std::int32_t drawFrom(const std::array<double, N>& p, double uniform) {
    std::int32_t token = 0;
    for (double sum = p[0]; uniform > sum && token + 1 < static_cast<std::int32_t>(N);
         sum += p[static_cast<std::size_t>(token)])
        ++token;
    return token;
}

/// [count] tokens of the distribution, independent of those of another stream.
template <std::size_t N>
std::vector<std::int32_t> textOf(const std::array<double, N>& p, std::size_t count, std::uint32_t stream) {
    const CounterRandom random(77);
    std::vector<std::int32_t> tokens;
    for (std::size_t i = 0; i < count; ++i)
        tokens.push_back(
            drawFrom(p, random.uniform(Purpose::Bootstrap, stream, static_cast<std::uint32_t>(i), 7)));
    return tokens;
}

template <std::size_t N>
FakeDenoiser::Rule always(std::array<double, N> p) {
    return [p](std::span<const std::int32_t>, float, int, std::span<float> logits) {
        for (std::size_t i = 0; i < N; ++i)
            logits[i] = static_cast<float>(std::log(p[i]));
        logits[N] = 5; // the mask token's own, which SUBS does not see
    };
}

/// The next token leans on the one before it.
double chained(std::span<const std::int32_t> before, std::int32_t token) {
    return token == before.back() ? 0.7 : 0.1;
}

} // namespace

class TestBrierLm : public QObject {
    Q_OBJECT
private slots:
    void drawsAreComparedWithTheTruthAndInAllPairs() {
        const std::array<std::int32_t, 4> truth{1, 2, 3, 4};
        // One agrees in full, one in two tokens, one in none; the first two share two tokens.
        const std::array<std::int32_t, 12> draws{1, 2, 3, 4, 1, 2, 9, 4, 5, 2, 3, 4};
        const BrierScores scores = brierFromDraws(draws, truth);
        const auto near = [](double a, double b) { return std::abs(a - b) < 1e-12; };
        QVERIFY(near(scores[0], 2 * 2 / 3.0 - 1 / 3.0));
        QVERIFY(near(scores[1], 2 * 2 / 3.0 - 1 / 3.0));
        QVERIFY(near(scores[2], 2 * 1 / 3.0));
        QVERIFY(near(scores[3], 2 * 1 / 3.0));
        expectError([&] { brierFromDraws(std::span(draws).first(4), truth); }, ErrorKind::Request,
                    {"1 of each window", "at least 2"});
    }

    void twoDrawsAreTheIndicatorsOfThePaper() {
        // 1{x₁ = y} + 1{x₂ = y} − 1{x₁ = x₂}
        const std::array<std::int32_t, 4> truth{1, 1, 1, 1};
        const std::array<std::int32_t, 8> equalRight{1, 1, 1, 1, 1, 1, 1, 1},
            equalWrong{2, 1, 1, 1, 2, 1, 1, 1};
        QCOMPARE(brierFromDraws(equalRight, truth), (BrierScores{1, 1, 1, 1}));
        QCOMPARE(brierFromDraws(equalWrong, truth), (BrierScores{-1, -1, -1, -1}));
    }

    void estimatesAreUnbiasedAndTheirIntervalsHoldTheTruth() {
        constexpr int kRepetitions = 1000, kWindows = 300, kDraws = 4;
        const double square = squaresOf(kTruth);
        std::array<int, 5> held{};
        std::array<double, 4> sums{};
        const CounterRandom random(2026);
        for (std::uint32_t repetition = 0; repetition < kRepetitions; ++repetition) {
            std::vector<BrierScores> windows;
            for (std::uint32_t window = 0; window < kWindows; ++window) {
                std::array<std::int32_t, 4 * (kDraws + 1)> tokens{};
                for (std::uint32_t i = 0; i < tokens.size(); ++i)
                    tokens[i] = drawFrom(kTruth, random.uniform(Purpose::Token, repetition, window, i));
                windows.push_back(
                    brierFromDraws(std::span(tokens).first(4 * kDraws), std::span(tokens).last(4)));
            }
            const BrierLm brier =
                brierLmOf(windows, kDraws, BrierEstimator::Draws, {.resamples = 1000, .seed = repetition});
            for (std::size_t n = 0; n < 4; ++n) {
                const double expected = std::pow(square, n + 1);
                sums[n] += brier.orders[n].value;
                held[n] += brier.orders[n].low <= expected && expected <= brier.orders[n].high;
            }
            QVERIFY(brier.score.has_value());
            const double expected = 100 * std::pow(square, 2.5);
            held[4] += brier.score->low <= expected && expected <= brier.score->high;
        }
        for (std::size_t n = 0; n < 4; ++n) {
            const double bias = sums[n] / kRepetitions - std::pow(square, n + 1);
            QVERIFY2(std::abs(bias) < 0.004, qPrintable(QString("Brier-%1: %2").arg(n + 1).arg(bias)));
        }
        for (const int count : held)
            QVERIFY2(count >= 930 && count <= 970, qPrintable(QString::number(count)));
    }

    void theTruthScoresHighest() {
        // Σ_y P(y) Brier(Q, y) over models Q that lean from the truth, one way and the other.
        double best = -1;
        std::size_t bestAt = 0;
        for (std::size_t lean = 0; lean < 9; ++lean) {
            const double top = 0.85 + (static_cast<double>(lean) - 4) * 0.035;
            const std::array q{top, (1 - top) / 3, (1 - top) / 3, (1 - top) / 3};
            double expected = -squaresOf(q);
            for (std::size_t i = 0; i < 4; ++i)
                expected += 2 * kTruth[i] * q[i];
            if (expected > best) {
                best = expected;
                bestAt = lean;
            }
            // Both estimators of a model that states its probabilities are of that same figure.
            const std::array<double, 4> collisions{squaresOf(q), 0, 0, 0};
            double exact = 0;
            for (std::size_t i = 0; i < 4; ++i)
                exact += kTruth[i] * brierFromProbabilities(std::array{q[i], 0.0, 0.0, 0.0}, collisions)[0];
            QVERIFY(std::abs(exact - expected) < 1e-12);
        }
        QCOMPARE(bestAt, std::size_t{4});
        QVERIFY(std::abs(best - squaresOf(kTruth)) < 1e-12);
    }

    void aMeanThatIsNotPositiveHasNoScore() {
        // Two negative means would multiply to something positive.
        const std::vector<BrierScores> windows(50, BrierScores{0.5, 0.2, -0.1, -0.1});
        const BrierLm brier = brierLmOf(windows, 2, BrierEstimator::Draws);
        QVERIFY(!brier.score);
        QVERIFY(std::abs(brier.orders[2].value + 0.1) < 1e-12);
        const std::vector<Measure> measures = brierMeasures(brier, {{"context", 8}});
        QCOMPARE(measures.size(), std::size_t{4}); // the four means are shown
        QCOMPARE(measures[2].name, std::string("brier_3"));
        QCOMPARE(measures[2].settings["context"].get<int>(), 8);
        const std::vector<BrierScores> fine(50, BrierScores{0.16, 0.16, 0.01, 0.01});
        const Estimate score = *brierLmOf(fine, 2, BrierEstimator::Draws).score;
        QVERIFY(std::abs(score.value - 4) < 1e-9 && std::abs(score.low - 4) < 1e-9);
        QVERIFY(!brierLmOf({}, 2, BrierEstimator::Draws).score);
    }

    void maskedDiffusionIsMeasuredUnderItsSchedule() {
        // H is right about the text, L knows nothing. The schedule says whose continuation it is.
        constexpr std::array kFlat{0.25, 0.25, 0.25, 0.25};
        const FakePool fake("HL", 5, 16, {always(kTruth), always(kFlat)});
        const BrierWindows windows = brierWindows(textOf(kTruth, 12 * 2000, 1), 8, 2000);
        QCOMPARE(windows.count(), 2000);
        const auto meanOf = [&](const char* notation) {
            GenerationRequest request{.schedule = parseSchedule(notation), .length = 16, .batch = 64};
            request.seed = 5;
            return brierLmOf(brierOfMaskedDiffusion(fake.pool, request, windows, 4), 4, BrierEstimator::Draws,
                             {.resamples = 500});
        };
        const BrierLm heavy = meanOf("(H8)"), light = meanOf("(L8)"), mixed = meanOf("(H4,L4)");
        const auto isAt = [](const Estimate& estimate, double expected) {
            return std::abs(estimate.value - expected) < 2 * estimate.margin();
        };
        QVERIFY(isAt(heavy.orders[0], squaresOf(kTruth)));
        QVERIFY(isAt(heavy.orders[3], std::pow(squaresOf(kTruth), 4)));
        QVERIFY(isAt(light.orders[0], 0.25)); // 2 · ¼ − ¼
        QVERIFY(heavy.score->low > mixed.score->high && mixed.orders[0].low > light.orders[0].high);
        // The same windows, masked and drawn by the same seed.
        QCOMPARE(meanOf("(H4,L4)").orders[2], mixed.orders[2]);
    }

    void everySampleKeepsItsOwnContext() {
        // The network says again what the context begins with.
        const auto parrot = [](std::span<const std::int32_t> tokens, float, int, std::span<float> logits) {
            std::ranges::fill(logits, -30.0f);
            logits[static_cast<std::size_t>(tokens[0])] = 0;
        };
        const FakePool fake("H", 5, 12, {parrot});
        BrierWindows windows{.context = 2, .tokens = {}};
        for (std::int32_t window = 0; window < 20; ++window)
            for (int i = 0; i < 6; ++i)
                windows.tokens.push_back(window % 4);
        const GenerationRequest request{.schedule = parseSchedule("(H5)"), .length = 12, .batch = 7};
        for (const BrierScores& scores : brierOfMaskedDiffusion(fake.pool, request, windows, 3))
            QCOMPARE(scores, (BrierScores{1, 1, 1, 1}));
    }

    void aCausalModelIsMeasuredByItsProbabilities() {
        FakeCausal model(4, 32, [](std::span<const std::int32_t> before, std::int32_t token) {
            return -std::log(chained(before, token));
        });
        // Σ P(x₁…xₙ)² = 0.52ⁿ: 0.7² + 3 · 0.1², whatever came before. A truth that repeats has P = 0.7ⁿ.
        const BrierWindows windows{.context = 3, .tokens = std::vector<std::int32_t>(7 * 200, 2)};
        const std::vector<BrierScores> scores = brierOfCausal(model, 4, windows, 8, 1);
        const BrierLm brier = brierLmOf(scores, 8, BrierEstimator::Probabilities, {.resamples = 200});
        QVERIFY(std::abs(brier.orders[0].value - (2 * 0.7 - 0.52)) < 1e-5); // exact: no chance in it
        QVERIFY(brier.orders[0].margin() < 1e-5);
        for (std::size_t n = 1; n < 4; ++n)
            QVERIFY(std::abs(brier.orders[n].value - (2 * std::pow(0.7, n + 1) - std::pow(0.52, n + 1))) <
                    2 * brier.orders[n].margin());
        QCOMPARE(brierOfCausal(model, 4, windows, 8, 1), scores);
        QVERIFY(brierOfCausal(model, 4, windows, 8, 2) != scores);
    }

    void aStopLeavesTheCompleteWindows() {
        const FakePool fake("H", 5, 16, {always(kTruth)});
        const BrierWindows windows = brierWindows(textOf(kTruth, 12 * 100, 2), 8, 100);
        std::stop_source stop;
        const GenerationRequest request{.schedule = parseSchedule("(H8)"), .length = 16, .batch = 8};
        const std::vector<BrierScores> some = brierOfMaskedDiffusion(
            fake.pool, request, windows, 4,
            [&](double share) {
                if (share > 0.3)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(!some.empty() && some.size() < 100);
        const std::vector<BrierScores> all = brierOfMaskedDiffusion(fake.pool, request, windows, 4);
        QVERIFY(std::ranges::equal(some, std::span(all).first(some.size())));
    }

    void whatCannotBeMeasuredIsRefused() {
        const FakePool fake("H", 5, 16);
        const std::vector<std::int32_t> tokens = textOf(kTruth, 100, 3);
        const GenerationRequest request{.schedule = parseSchedule("(H8)"), .length = 16};
        expectError([&] { brierOfMaskedDiffusion(fake.pool, request, brierWindows(tokens, 8, 5), 1); },
                    ErrorKind::Request, {"draws", "less than 2"});
        expectError([&] { brierOfMaskedDiffusion(fake.pool, request, brierWindows(tokens, 13, 5), 2); },
                    ErrorKind::Request, {"canvas", "16 tokens", "17"});
        expectError([&] { brierWindows(tokens, 97, 5); }, ErrorKind::Text, {"100 tokens"});
        expectError([&] { brierWindows(tokens, 0, 5); }, ErrorKind::Request, {"context"});
        FakeCausal model(4, 10, chained);
        expectError([&] { brierOfCausal(model, 4, brierWindows(tokens, 8, 5), 2, 1); }, ErrorKind::Request,
                    {"10 positions", "7 or less"});
        expectError([&] { brierOfCausal(model, 4, brierWindows(tokens, 7, 5), 0, 1); }, ErrorKind::Request,
                    {"draws"});
    }
};

QTEST_APPLESS_MAIN(TestBrierLm)
#include "test_brier_lm.moc"
