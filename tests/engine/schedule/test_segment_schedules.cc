// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/segment_schedules.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <algorithm>
#include <limits>
#include <set>

using namespace steploom;
using steploom::testing::expectError;

namespace {

std::vector<std::string> notations(const SegmentPlan& plan, std::size_t most = 1000, std::uint64_t seed = 1) {
    std::vector<std::string> all;
    for (const StepSchedule& schedule : segmentSchedules(plan, most, seed))
        all.push_back(printSchedule(schedule));
    return all;
}

} // namespace

class TestSegmentSchedules : public QObject {
    Q_OBJECT
private slots:
    void allOfThemInOrder() {
        QCOMPARE(notations({.steps = 8, .segments = 4, .light = 2}),
                 (std::vector<std::string>{"(L4,H4)", "(L2,H2,L2,H2)", "(L2,H4,L2)", "(H2,L4,H2)",
                                           "(H2,L2,H2,L2)", "(H4,L4)"}));
        QCOMPARE(notations({.steps = 8, .segments = 2, .light = 0}), std::vector<std::string>{"(H8)"});
        QCOMPARE(notations({.steps = 8, .segments = 2, .light = 2}), std::vector<std::string>{"(L8)"});
        QCOMPARE(notations({.steps = 2, .segments = 1, .light = 1, .heavyLetter = 'A', .lightLetter = 'B'}),
                 std::vector<std::string>{"(B2)"});
    }

    void tenSegmentsWithTwoLightOnesAreThePapersFortyFive() {
        const SegmentPlan plan{.steps = 256, .segments = 10, .light = 2};
        QCOMPARE(segmentScheduleCount(plan), std::uint64_t{45});
        const std::vector<std::string> all = notations(plan);
        QCOMPARE(std::set<std::string>(all.begin(), all.end()).size(), std::size_t{45});
        for (const StepSchedule& schedule : segmentSchedules(plan, 45, 1)) {
            QCOMPARE(schedule.steps(), 256);
            QVERIFY(std::abs(schedule.count('L') - 51) <= 1); // segments of 25 or 26 steps
        }
    }

    void someOfThemAreDrawnWithoutRepetition() {
        const SegmentPlan plan{.steps = 100, .segments = 10, .light = 3};
        const std::vector<std::string> some = notations(plan, 30, 5), all = notations(plan);
        QCOMPARE(all.size(), std::size_t{120});
        QCOMPARE(some.size(), std::size_t{30});
        QCOMPARE(std::set<std::string>(some.begin(), some.end()).size(), std::size_t{30});
        for (const std::string& notation : some)
            QVERIFY(std::ranges::find(all, notation) != all.end());
        QCOMPARE(notations(plan, 30, 5), some);
        QVERIFY(notations(plan, 30, 6) != some);
        // Over many seeds every combination has its turn.
        std::set<std::string> seen;
        for (std::uint64_t seed = 1; seed <= 60; ++seed)
            for (const std::string& notation : notations(plan, 10, seed))
                seen.insert(notation);
        QVERIFY(seen.size() > 110);
    }

    void countsThatExplodeAreKnownBeforehand() {
        QCOMPARE(segmentScheduleCount({.segments = 40, .light = 20}), std::uint64_t{137'846'528'820});
        QCOMPARE(segmentScheduleCount({.steps = 10'000, .segments = 1000, .light = 500}),
                 std::numeric_limits<std::uint64_t>::max());
        QCOMPARE(notations({.steps = 1000, .segments = 1000, .light = 500}, 3).size(), std::size_t{3});
    }

    void whatCannotBeIsRefused() {
        expectError([] { segmentSchedules({.steps = 8, .segments = 9}, 9, 1); }, ErrorKind::Schedule,
                    {"segments", "1…8"});
        expectError([] { segmentSchedules({.segments = 4, .light = 5}, 9, 1); }, ErrorKind::Schedule,
                    {"0…4"});
        expectError([] { segmentSchedules({.steps = 0}, 9, 1); }, ErrorKind::Schedule, {"steps"});
    }
};

QTEST_APPLESS_MAIN(TestSegmentSchedules)
#include "test_segment_schedules.moc"
