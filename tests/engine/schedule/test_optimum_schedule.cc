// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/optimum_schedule.h"

#include "tests/testing/errors.h"

#include <QtTest>

#include <bit>
#include <cmath>
#include <limits>

using namespace steploom;
using steploom::testing::expectError;

class TestOptimumSchedule : public QObject {
    Q_OBJECT
private slots:
    void lightStepsAreTheLeastImportantOnes() {
        const std::vector<double> importance{0.1, 0.9, 0.8, 0.2};
        QCOMPARE(printSchedule(optimumSchedule(importance, {.steps = 4, .lightShare = 0.5})),
                 std::string("(L1,H2,L1)"));
        QCOMPARE(printSchedule(optimumSchedule(importance, {.steps = 256, .lightShare = 0.25})),
                 std::string("(L64,H192)"));
        QCOMPARE(printSchedule(optimumSchedule(importance, {.steps = 256, .lightShare = 0.375})),
                 std::string("(L64,H160,L32)")); // half of the next best part: of equal steps the later ones
    }

    void everyBudgetIsMetAndNoExchangeIsCheaper() {
        const std::vector<double> importance{3, 1, 4, 1, 5, 9, 2, 6};
        for (int light = 0; light <= 100; ++light) {
            const StepSchedule best =
                optimumSchedule(importance, {.steps = 100, .lightShare = light / 100.0});
            QCOMPARE(best.count('L'), light);
            double dearestLight = 0, cheapestHeavy = 100;
            for (int step = 0; step < 100; ++step) {
                const double cost = importanceAt(importance, step, 100);
                if (best.at(step) == 'L')
                    dearestLight = std::max(dearestLight, cost);
                else
                    cheapestHeavy = std::min(cheapestHeavy, cost);
            }
            QVERIFY(dearestLight <= cheapestHeavy);
        }
    }

    void partsAreReadAtTheMiddlesOfSteps() {
        const std::vector<double> importance{1, 2};
        QCOMPARE(importanceAt(importance, 0, 3), 1.0);
        QCOMPARE(importanceAt(importance, 1, 3), 2.0); // its middle is the half of the run
        QCOMPARE(importanceAt(importance, 9'999, 10'000), 2.0);
        QCOMPARE(importanceAt(importance, 0, 1), 2.0);
    }

    void whatAScheduleCostsAddsUpOverItsLightSteps() {
        const std::vector<double> light{1, 5, 2, 0}, lighter{10, 10, 10, 10};
        const auto importance = [&](char letter) {
            return letter == 'L'   ? std::span<const double>(light)
                   : letter == 'M' ? std::span<const double>(lighter)
                                   : std::span<const double>();
        };
        const auto cost = [&](const char* notation) {
            return predictedCost(parseSchedule(notation), 100, importance);
        };
        QCOMPARE(cost("(H8)"), 0.0);
        QVERIFY(std::abs(cost("(L8)") - 100 * (2 * 1 + 2 * 5 + 2 * 2) / 8.0) < 2e-2); // the closing call's ε
        QVERIFY(std::abs(cost("(L1,H5,L2)") - 100 * 1 / 8.0) < 1e-2);
        QVERIFY(std::abs(cost("(M2,H6)") - 100 * 10 * 2 / 8.0) < 1e-2);
        // The optimum for a budget costs no more than any other schedule of that budget.
        const double best =
            predictedCost(optimumSchedule(light, {.steps = 8, .lightShare = 0.5}), 100, importance);
        for (const char* other :
             {"(L4,H4)", "(H4,L4)", "(L2,H4,L2)", "(H2,L4,H2)", "(L1,H1,L1,H1,L1,H1,L1,H1)"})
            QVERIFY(best <= cost(other) + 1e-9);
    }

    void fewSegmentsAreChosenAsTryingAllWould() {
        const std::vector<double> importance{3, 1, 4, 1.5, 5, 9, 2, 6, 5.3, 3.5};
        for (int most = 2; most <= 6; ++most)
            for (int light = 0; light <= 10; ++light) {
                double best = 1e9;
                for (unsigned set = 0; set < 1024; ++set) {
                    double cost = 0;
                    int segments = 1;
                    for (int step = 0; step < 10; ++step) {
                        cost += set >> step & 1 ? importance[static_cast<std::size_t>(step)] : 0;
                        segments += step > 0 && (set >> step & 1) != (set >> (step - 1) & 1);
                    }
                    if (std::popcount(set) == light && segments <= most)
                        best = std::min(best, cost);
                }
                const StepSchedule found =
                    optimumOfSegments(importance, {.steps = 10, .lightShare = light / 10.0}, most);
                double cost = 0;
                for (int step = 0; step < 10; ++step)
                    cost += found.at(step) == 'L' ? importance[static_cast<std::size_t>(step)] : 0;
                QCOMPARE(found.count('L'), light);
                QVERIFY(static_cast<int>(found.segments().size()) <= most);
                QVERIFY(std::abs(cost - best) < 1e-9);
            }
    }

    void threeSegmentsOfACurveWithItsPeakInsideAreASandwich() {
        std::vector<double> importance;
        for (int part = 0; part < 20; ++part)
            importance.push_back(1 - std::abs(part - 9.5) / 10);
        QCOMPARE(printSchedule(optimumOfSegments(importance, {.steps = 256, .lightShare = 0.25}, 3)),
                 printSchedule(optimumSchedule(importance, {.steps = 256, .lightShare = 0.25})));
        // As many segments as it likes: the optimum itself.
        const std::vector<double> jagged{3, 1, 4, 1, 5, 9, 2, 6};
        const PresetOptions options{.steps = 64, .lightShare = 0.5};
        const auto jaggedOf = [&](char letter) {
            return letter == 'L' ? std::span<const double>(jagged) : std::span<const double>();
        };
        QVERIFY(std::abs(predictedCost(optimumOfSegments(jagged, options, 64), 1, jaggedOf) -
                         predictedCost(optimumSchedule(jagged, options), 1, jaggedOf)) < 1e-9);
        expectError([&] { optimumOfSegments(jagged, options, 1); }, ErrorKind::Schedule,
                    {"1 cannot hold both"});
        QCOMPARE(printSchedule(optimumOfSegments(jagged, {.steps = 8, .lightShare = 1}, 1)),
                 std::string("(L8)"));
        expectError([&] { optimumOfSegments(jagged, {.steps = 10'000, .lightShare = 0.5}, 50); },
                    ErrorKind::Schedule, {"too many ways"});
    }

    void whatIsNotKnownIsRefused() {
        expectError([] { optimumSchedule({}, {}); }, ErrorKind::Schedule, {"not known"});
        const std::vector<double> broken{1, std::numeric_limits<double>::quiet_NaN()};
        expectError([&] { optimumSchedule(broken, {}); }, ErrorKind::Schedule, {"not finite"});
        const std::vector<double> fine{1};
        expectError([&] { optimumSchedule(fine, {.lightShare = 2}); }, ErrorKind::Schedule, {"0 and 1"});
    }
};

QTEST_GUILESS_MAIN(TestOptimumSchedule)
#include "test_optimum_schedule.moc"
