// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"
#include "engine/core/thread_pool.h"
#include "engine/measures/statistics.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <algorithm>
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

    void studentsSleepersHaveThePublishedPValue() {
        // Student (1908), as R prints t.test(extra ~ group, paired = TRUE): p = 0.002833.
        const std::array first{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
        const std::array second{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
        QVERIFY(std::abs(pairedPValue(first, second) - 0.00283289) < 1e-7);
        const Estimate difference = pairedDifference(first, second);
        QVERIFY(std::abs(difference.low + 2.4598858) < 1e-6 && std::abs(difference.high + 0.7001142) < 1e-6);
        QCOMPARE(pairedPValue(first, first), 1.0);
        QCOMPARE(pairedPValue(std::array{1.0, 2.0}, std::array{0.0, 1.0}), 0.0);
        QVERIFY(std::isnan(pairedPValue(std::array{1.0}, std::array{0.0})));
    }

    void benjaminiAndHochbergRejectWhatTheirPaperDoes() {
        // Their example of 1995: at a false discovery rate of 5% the first four of fifteen.
        const std::array p{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                           0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
        const std::vector<double> adjusted = benjaminiHochberg(p);
        QCOMPARE(std::ranges::count_if(adjusted, [](double q) { return q <= 0.05; }), std::ptrdiff_t{4});
        QVERIFY(near(adjusted[0], 0.0015) && near(adjusted[3], 0.0095 * 15 / 4));
        QVERIFY(std::ranges::is_sorted(adjusted));
        // Whatever the order they come in.
        const std::array mixed{0.04, 0.01, 0.03};
        QCOMPARE(benjaminiHochberg(mixed), (std::vector<double>{0.04, 0.03, 0.04}));
        QVERIFY(benjaminiHochberg({}).empty());
    }

    void anscombesFirstPairCorrelatesAsPublished() {
        const std::array x{10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0};
        const std::array y{8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
        const Estimate r = pearsonCorrelation(x, y); // R's cor.test
        QVERIFY(std::abs(r.value - 0.8164205) < 1e-7);
        QVERIFY(std::abs(r.low - 0.4243912) < 1e-6 && std::abs(r.high - 0.9506933) < 1e-6);
        QCOMPARE(r.n, 11);
    }

    void ranksCorrelateWhateverTheScale() {
        // Hours of television against IQ, the worked example of many textbooks: ρ = −29/165.
        const std::array iq{106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0};
        const std::array hours{7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0};
        QVERIFY(near(spearmanCorrelation(iq, hours).value, -29.0 / 165));
        std::array<double, 10> cubed{};
        std::ranges::transform(hours, cubed.begin(), [](double h) { return h * h * h; });
        QCOMPARE(spearmanCorrelation(iq, cubed), spearmanCorrelation(iq, hours));
        // Equal values share their ranks: 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
        QVERIFY(
            near(spearmanCorrelation(std::array{1.0, 5.0, 5.0, 9.0}, std::array{1.0, 2.0, 3.0, 4.0}).value,
                 4.5 / std::sqrt(4.5 * 5)));
    }

    void correlationsOfTooLittleSaySo() {
        QVERIFY(std::isnan(pearsonCorrelation(std::array{1.0, 1.0, 1.0}, std::array{1.0, 2.0, 3.0}).value));
        const Estimate three = pearsonCorrelation(std::array{1.0, 2.0, 4.0}, std::array{1.0, 3.0, 2.0});
        QCOMPARE(three.low, -1.0);
        QCOMPARE(three.high, 1.0);
        const std::array line{1.0, 2.0, 3.0, 4.0, 5.0};
        QCOMPARE(pearsonCorrelation(line, line), (Estimate{1, 1, 1, 5}));
        expectError([&] { spearmanCorrelation(line, std::array{1.0}); }, ErrorKind::Request, {"5 values"});
    }

    void theBootstrapOfAMeanIsItsInterval() {
        const CounterRandom random(3);
        std::vector<double> rows;
        for (std::uint32_t i = 0; i < 500; ++i) {
            rows.push_back(3 + normal(random, 0, i));
            rows.push_back(-7);
        }
        const auto first = [](std::span<const double> means) { return means[0]; };
        std::vector<double> column;
        for (std::size_t i = 0; i < rows.size(); i += 2)
            column.push_back(rows[i]);
        const Estimate mean = meanWithInterval(column), boot = bootstrapInterval(rows, 2, first);
        QVERIFY(near(boot.value, mean.value));
        QCOMPARE(boot.n, 500);
        QVERIFY(std::abs(boot.low - mean.low) < 0.05 * mean.margin());
        QVERIFY(std::abs(boot.high - mean.high) < 0.05 * mean.margin());
        const Estimate constant =
            bootstrapInterval(rows, 2, [](std::span<const double> means) { return means[1]; });
        QVERIFY(std::abs(constant.low + 7) < 1e-9 && std::abs(constant.high + 7) < 1e-9);

        ThreadPool two(2);
        QCOMPARE(bootstrapInterval(rows, 2, first, {}, &two), boot);
        QVERIFY(bootstrapInterval(rows, 2, first, {.seed = 2}) != boot);
        QVERIFY(std::isinf(bootstrapInterval(std::array{1.0, 2.0}, 2, first).margin()));
        QCOMPARE(bootstrapInterval({}, 2, first).n, 0);
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
