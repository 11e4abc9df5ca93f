// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/reveal_plan.h"

#include "tests/engine/sampling/chi_square.h"

#include <QtTest>

#include <cmath>
#include <numeric>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::vector<std::int32_t> positionsUpTo(int count) {
    std::vector<std::int32_t> positions(static_cast<std::size_t>(count));
    std::iota(positions.begin(), positions.end(), 0);
    return positions;
}

} // namespace

class TestRevealPlan : public QObject {
    Q_OBJECT
private slots:
    void everyMaskedPositionIsRevealedOnceAndNoOther() {
        const std::vector<std::int32_t> masked{3, 4, 9, 31, 32, 70};
        for (Sampler sampler : {Sampler::Ancestral, Sampler::FirstHitting}) {
            for (std::uint32_t sample = 0; sample < 200; ++sample) {
                std::vector<std::int32_t> seen;
                int lastStep = -1;
                double lastTime = 2;
                for (const RevealEvent& event :
                     makeRevealPlan(sampler, {masked, 5, sample}, CounterRandom(9))) {
                    QVERIFY(!event.positions.empty());
                    QVERIFY(std::is_sorted(event.positions.begin(), event.positions.end()));
                    QVERIFY(event.step >= lastStep && event.step <= 5);
                    QVERIFY(event.time < lastTime && event.time > 0);
                    lastStep = event.step;
                    lastTime = event.time;
                    seen.insert(seen.end(), event.positions.begin(), event.positions.end());
                }
                std::sort(seen.begin(), seen.end());
                QCOMPARE(seen, masked);
            }
        }
    }

    void ancestralStepsAreUniformAndIndependent() {
        const auto masked = positionsUpTo(2);
        constexpr int steps = 7;
        std::vector<int> pairs(steps * steps);
        for (std::uint32_t sample = 0; sample < 49'000; ++sample) {
            int step[2] = {0, 0};
            for (const RevealEvent& event : ancestralPlan({masked, steps, sample}, CounterRandom(5)))
                for (std::int32_t position : event.positions)
                    step[position] = std::min(event.step, steps - 1);
            ++pairs[static_cast<std::size_t>(step[0] * steps + step[1])];
        }
        QVERIFY(uniformP(pairs) > kSmallestP);
    }

    void ancestralEventsLieAtTheTimesOfTheirSteps() {
        for (const RevealEvent& event : ancestralPlan({positionsUpTo(50), 10, 0}, CounterRandom(1)))
            QCOMPARE(event.time, maskedShare(event.step, 10));
    }

    /// The rest mass ε: about one position in 10⁵ is left for the closing call.
    void theClosingCallComesWithProbabilityEpsilon() {
        const auto masked = positionsUpTo(1000);
        int closing = 0;
        for (std::uint32_t sample = 0; sample < 3000; ++sample) {
            for (const RevealEvent& event : ancestralPlan({masked, 4, sample}, CounterRandom(2))) {
                if (event.step == 4) {
                    closing += static_cast<int>(event.positions.size());
                    QVERIFY(std::abs(event.time - kNoiseEpsilon) < 1e-15);
                }
            }
        }
        QVERIFY2(closing > 10 && closing < 60, qPrintable(QString("%1, 30 expected").arg(closing)));
    }

    void firstHittingOrderIsUniform() {
        const auto masked = positionsUpTo(4);
        std::map<std::vector<std::int32_t>, int> seen;
        for (std::uint32_t sample = 0; sample < 24'000; ++sample) {
            std::vector<std::int32_t> order;
            for (const RevealEvent& event : firstHittingPlan({masked, 8, sample}, CounterRandom(3))) {
                QCOMPARE(event.positions.size(), std::size_t{1});
                order.push_back(event.positions[0]);
            }
            ++seen[order];
        }
        QCOMPARE(seen.size(), std::size_t{24});
        std::vector<int> counts;
        for (const auto& [order, count] : seen)
            counts.push_back(count);
        QVERIFY(uniformP(counts) > kSmallestP);
    }

    /// With m positions left, (t′/t)^m is uniform: the greatest of m uniform times below t.
    void firstHittingTimesAreOrderStatisticsOfUniforms() {
        constexpr int count = 5, bins = 20;
        const auto masked = positionsUpTo(count);
        std::vector<std::vector<int>> histogram(count, std::vector<int>(bins));
        for (std::uint32_t sample = 0; sample < 20'000; ++sample) {
            double before = 1;
            const RevealPlan plan = firstHittingPlan({masked, 8, sample}, CounterRandom(4));
            for (std::size_t k = 0; k < plan.size(); ++k) {
                const double uniform = std::pow(plan[k].time / before, static_cast<double>(count - k));
                ++histogram[k][static_cast<std::size_t>(uniform * bins)];
                before = plan[k].time;
            }
        }
        for (const auto& counts : histogram)
            QVERIFY(uniformP(counts) > kSmallestP);
    }

    void firstHittingStepIsWhereTheTimeFalls() {
        for (const RevealEvent& event : firstHittingPlan({positionsUpTo(300), 10, 0}, CounterRandom(6)))
            QCOMPARE(event.step, static_cast<int>((1 - event.time) * 10));
    }

    void aPlanDependsOnSeedAndSampleAlone() {
        const auto all = positionsUpTo(20);
        const std::vector<std::int32_t> some{2, 5, 11};
        const auto stepOf = [](const RevealPlan& plan, std::int32_t position) {
            for (const RevealEvent& event : plan)
                for (std::int32_t each : event.positions)
                    if (each == position)
                        return event.step;
            return -1;
        };
        const RevealPlan whole = ancestralPlan({all, 100, 3}, CounterRandom(8));
        const RevealPlan part = ancestralPlan({some, 100, 3}, CounterRandom(8));
        const RevealPlan other = ancestralPlan({all, 100, 4}, CounterRandom(8));
        int same = 0;
        for (std::int32_t position : some)
            QCOMPARE(stepOf(part, position), stepOf(whole, position));
        for (std::int32_t position : all)
            same += stepOf(whole, position) == stepOf(other, position);
        QVERIFY(same < 5);
    }

    void theClosingCallIsTheLastStepsModel() {
        const StepSchedule schedule("HHL");
        QCOMPARE(memberFor(0, schedule), 'H');
        QCOMPARE(memberFor(2, schedule), 'L');
        QCOMPARE(memberFor(3, schedule), 'L');
    }
};

QTEST_GUILESS_MAIN(TestRevealPlan)
#include "test_reveal_plan.moc"
