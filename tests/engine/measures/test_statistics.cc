// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"
#include "engine/measures/statistics.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <array>
#include <cmath>
#include <numbers>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Two-sided 95% quantiles of Student's t, from printed tables.
constexpr double kT1 = 12.7062047364;
constexpr double kT2 = 4.30265272991;
constexpr double kT4 = 2.77644510520;

bool near(double value, double expected) { return std::abs(value - expected) <= 1e-9 * std::abs(expected); }

double normal(const CounterRandom& random, std::uint32_t draw, std::uint32_t index) {
    const double u = random.uniform(Purpose::Bootstrap, draw, index, 0);
    const double v = random.uniform(Purpose::Bootstrap, draw, index, 1);
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

} // namespace

class TestStatistics : public QObject {
    Q_OBJECT

private slots:
    void meanOfFiveHasTheIntervalOfTheTables() {
        const std::array values{1.0, 2.0, 3.0, 4.0, 5.0};
        const Estimate estimate = meanWithInterval(values);
        QCOMPARE(estimate.value, 3.0);
        QCOMPARE(estimate.n, 5);
        QVERIFY(near(estimate.margin(), kT4 * std::sqrt(2.5 / 5)));
        QVERIFY(near(estimate.high + estimate.low, 6.0));
    }

    void twoValuesLieOneStudentOfOneDegreeApart() {
        const std::array values{10.0, 12.0};
        QVERIFY(near(meanWithInterval(values).margin(), kT1 * 1.0)); // s = √2, s/√2 = 1
    }

    void levelWidensTheInterval() {
        const std::array values{1.0, 2.0, 3.0, 4.0, 5.0};
        // t(4) at 99%: 4.60409487135
        QVERIFY(near(meanWithInterval(values, 0.99).margin(), 4.60409487135 * std::sqrt(0.5)));
    }

    void oneValueSaysNothingOfTheSpread() {
        const std::array values{7.0};
        const Estimate estimate = meanWithInterval(values);
        QCOMPARE(estimate.value, 7.0);
        QCOMPARE(estimate.n, 1);
        QVERIFY(std::isinf(estimate.low) && estimate.low < 0);
        QVERIFY(std::isinf(estimate.high) && estimate.high > 0);
        QVERIFY(std::isinf(estimate.margin()));
    }

    void nothingHasNoMean() {
        for (const Estimate& estimate :
             {meanWithInterval({}), ratioWithInterval({}, {}), pairedDifference({}, {})}) {
            QCOMPARE(estimate.n, 0);
            QVERIFY(std::isnan(estimate.value) && std::isnan(estimate.low) && std::isnan(estimate.high));
        }
    }

    void equalValuesHaveNoSpread() {
        const std::array values{0.5, 0.5, 0.5};
        QCOMPARE(meanWithInterval(values), (Estimate{0.5, 0.5, 0.5, 3}));
    }

    void ratioFollowsTheLinearisedFormula() {
        const std::array numerators{2.0, 4.0, 9.0};
        const std::array denominators{1.0, 2.0, 3.0};
        const Estimate estimate = ratioWithInterval(numerators, denominators);
        QCOMPARE(estimate.value, 2.5);
        // residuals −0.5, −1, 1.5; variance 3/2 · 3.5 / 6²
        QVERIFY(near(estimate.margin(), kT2 * std::sqrt(1.5 * 3.5 / 36)));
    }

    void ratioOverEqualClustersIsTheMean() {
        const std::array numerators{3.0, 5.0, 4.0, 8.0};
        const std::array denominators{2.0, 2.0, 2.0, 2.0};
        const std::array ratios{1.5, 2.5, 2.0, 4.0};
        const Estimate ratio = ratioWithInterval(numerators, denominators);
        const Estimate mean = meanWithInterval(ratios);
        QVERIFY(near(ratio.value, mean.value));
        QVERIFY(near(ratio.low, mean.low));
        QVERIFY(near(ratio.high, mean.high));
    }

    void clustersOfNoWeightCountButDoNotNarrowTheInterval() {
        const std::array numerators{2.0, 0.0, 4.0, 9.0, 0.0};
        const std::array denominators{1.0, 0.0, 2.0, 3.0, 0.0};
        const Estimate estimate = ratioWithInterval(numerators, denominators);
        QCOMPARE(estimate.n, 5);
        QVERIFY(near(estimate.margin(), kT2 * std::sqrt(1.5 * 3.5 / 36)));

        const Estimate single = ratioWithInterval(std::array{6.0, 0.0}, std::array{3.0, 0.0});
        QCOMPARE(single.value, 2.0);
        QVERIFY(std::isinf(single.margin()));

        const Estimate none = ratioWithInterval(std::array{0.0, 0.0}, std::array{0.0, 0.0});
        QCOMPARE(none.n, 2);
        QVERIFY(std::isnan(none.value));
    }

    void pairsCancelWhatTheyShare() {
        // Wide spread between samples, one unit of difference within each pair.
        const std::array first{101.0, 5.0, -40.0};
        const std::array second{100.0, 4.0, -41.0};
        QCOMPARE(pairedDifference(first, second), (Estimate{1, 1, 1, 3}));
    }

    void sidesOfUnequalLengthAreRefusedNamingBoth() {
        const std::array first{1.0, 2.0, 3.0};
        const std::array second{1.0, 2.0};
        expectError([&] { pairedDifference(first, second); }, ErrorKind::Request,
                    {"3 values", "2 on the other"});
    }

    void intervalsHoldTheTruthAsOftenAsTheySay() {
        const CounterRandom random(11);
        constexpr int kDraws = 4000;
        int meanHolds = 0;
        int ratioHolds = 0;
        for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
            std::array<double, 6> values{};
            for (std::uint32_t i = 0; i < values.size(); ++i)
                values[i] = 3 + normal(random, draw, i);
            const Estimate mean = meanWithInterval(values);
            meanHolds += mean.low <= 3 && 3 <= mean.high;

            // Texts of 10…30 tokens, each with a level of its own about 3: the text is the unit of sampling.
            std::array<double, 40> nats{};
            std::array<double, 40> tokens{};
            for (std::uint32_t i = 0; i < nats.size(); ++i) {
                tokens[i] = 10 + std::floor(21 * random.uniform(Purpose::Bootstrap, draw, i, 2));
                nats[i] = tokens[i] * (3 + normal(random, draw, i + 100));
            }
            const Estimate ratio = ratioWithInterval(nats, tokens);
            ratioHolds += ratio.low <= 3 && 3 <= ratio.high;
        }
        // Standard error of a share of 0.95 over 4,000 draws: 0.0034.
        QVERIFY2(std::abs(meanHolds / double{kDraws} - 0.95) < 0.012, qPrintable(QString::number(meanHolds)));
        QVERIFY2(std::abs(ratioHolds / double{kDraws} - 0.95) < 0.02,
                 qPrintable(QString::number(ratioHolds)));
    }
};

QTEST_GUILESS_MAIN(TestStatistics)
#include "test_statistics.moc"
