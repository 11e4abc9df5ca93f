// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_edit.h"
#include "tests/engine/schedule/random_schedule.h"

#include <QtTest>

using namespace steploom;
using steploom::testing::randomSchedule;

namespace {

std::string given(const char* notation, int anchor, int current, char letter) {
    return printSchedule(giveStepsKeepingShares(parseSchedule(notation), anchor, current, letter).schedule);
}

} // namespace

class TimelineEditTest : public QObject {
    Q_OBJECT
private slots:
    void whatIsPaintedUnderALockedBudgetIsGivenBackAtTheNextBlock() {
        // As dragging the edge would: the other block gives way, at its edge towards the stroke.
        QCOMPARE(given("(L32,H192,L32)", 32, 39, 'L'), std::string("(L40,H192,L24)"));
        QCOMPARE(given("(L32,H192,L32)", 223, 216, 'L'), std::string("(L24,H192,L40)"));
        // A stroke in the middle takes from the nearer block.
        QCOMPARE(given("(L32,H192,L32)", 100, 109, 'L'), std::string("(L22,H78,L10,H114,L32)"));
        // Heavy steps are given back just so.
        QCOMPARE(given("(L32,H192,L32)", 0, 9, 'H'), std::string("(H10,L32,H182,L32)"));
        // The only block left is the one the stroke touches: it moves.
        QCOMPARE(given("(H20,L10,H20)", 30, 33, 'L'), std::string("(H24,L10,H16)"));
    }

    void aStrokeEndsWhereTheBudgetDoes() {
        const StepSchedule schedule = parseSchedule("(H10,L4,H10)");
        const GivenSteps all = giveStepsKeepingShares(schedule, 0, 3, 'L');
        QVERIFY(all.whole);
        QCOMPARE(printSchedule(all.schedule), std::string("(L4,H20)"));
        const GivenSteps part = giveStepsKeepingShares(schedule, 0, 8, 'L');
        QVERIFY(!part.whole);
        QCOMPARE(part.end, 4);
        const GivenSteps none = giveStepsKeepingShares(StepSchedule::all('H', 8), 0, 3, 'L');
        QVERIFY(!none.whole && none.begin == none.end);
        QVERIFY(none.schedule == StepSchedule::all('H', 8));
    }

    void withThreeMembersEveryOneKeepsItsSteps() {
        const StepSchedule schedule = parseSchedule("(L4,H4,M4,L4)");
        const GivenSteps moved = giveStepsKeepingShares(schedule, 6, 9, 'L');
        QCOMPARE(printSchedule(moved.schedule), std::string("(H2,M2,H2,L4,M2,L4)"));
        for (const char letter : {'H', 'L', 'M'})
            QCOMPARE(moved.schedule.count(letter), schedule.count(letter));
    }

    void aMovedBlockChangesPlacesWithWhatItPasses() {
        const StepSchedule schedule = parseSchedule("(H10,L4,H6)");
        const MovedBlock right = moveBlock(schedule, 10, 14, 3);
        QCOMPARE(printSchedule(right.schedule), std::string("(H13,L4,H3)"));
        QCOMPARE(right.begin, 13);
        QCOMPARE(printSchedule(moveBlock(schedule, 10, 14, 99).schedule), std::string("(H16,L4)"));
        QCOMPARE(printSchedule(moveBlock(schedule, 10, 14, -99).schedule), std::string("(L4,H16)"));
        QVERIFY(moveBlock(schedule, 5, 5, 3).schedule == schedule);
    }

    void aSplitGivesAwayThePartOnOneSide() {
        const StepSchedule schedule = parseSchedule("(L32,H192,L32)");
        QCOMPARE(splitOff(schedule, 100, false), std::pair(100, 224));
        QCOMPARE(splitOff(schedule, 100, true), std::pair(32, 101));
        QCOMPARE(splitOff(schedule, 255, false), std::pair(255, 256));
    }

    void aMirroredRangeLeavesTheRest() {
        QCOMPARE(printSchedule(mirrorRange(parseSchedule("(L2,H6,M2)"), 0, 6)), std::string("(H4,L2,H2,M2)"));
        QCOMPARE(printSchedule(mirrorRange(parseSchedule("(L2,H6)"), 0, 8)), std::string("(H6,L2)"));
    }

    void noEditOfAnySchedulesLosesAStep() {
        std::mt19937 random(4);
        const auto below = [&](int bound) {
            return static_cast<int>(random() % static_cast<unsigned>(bound));
        };
        for (int i = 0; i < 3000; ++i) {
            const StepSchedule schedule = randomSchedule(random);
            const int steps = schedule.steps();
            const char letter = schedule.at(below(steps));
            const int a = below(steps), b = below(steps), begin = std::min(a, b), end = std::max(a, b) + 1;
            const std::array results{giveStepsKeepingShares(schedule, a, b, letter).schedule,
                                     moveBlock(schedule, begin, end, below(2 * steps) - steps).schedule,
                                     mirrorRange(schedule, begin, end)};
            for (const StepSchedule& result : results) {
                QCOMPARE(result.steps(), steps);
                for (char each = 'A'; each <= 'Z'; ++each)
                    QCOMPARE(result.count(each), schedule.count(each));
            }
            QCOMPARE(giveSteps(schedule, a, b, letter).schedule.steps(), steps);
        }
    }
};

QTEST_GUILESS_MAIN(TimelineEditTest)
#include "timeline_edit_test.moc"
