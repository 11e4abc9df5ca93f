// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/step_schedule.h"

#include "tests/engine/schedule/random_schedule.h"
#include "tests/testing/errors.h"

#include <cmath>

using namespace steploom;
using steploom::testing::expectError;
using steploom::testing::randomSchedule;

namespace {

StepSchedule sandwich() { return parseSchedule("(L125,H750,L125)"); }

} // namespace

class TestStepSchedule : public QObject {
    Q_OBJECT
private slots:
    void segmentsAreMaximalRunsInOrder() {
        const auto segments = StepSchedule("LLHHHL").segments();
        const std::vector<StepSchedule::Segment> expected{{'L', 0, 2}, {'H', 2, 3}, {'L', 5, 1}};
        QVERIFY(segments == expected);
        QCOMPARE(segments[1].end(), 5);
        QVERIFY(StepSchedule().segments().empty());
    }

    void countsAndSharesOfALetter() {
        QCOMPARE(sandwich().count('L'), 250);
        QCOMPARE(sandwich().share('L'), 0.25);
        QCOMPARE(sandwich().share('Z'), 0.0);
        QCOMPARE(StepSchedule().share('H'), 0.0);
    }

    void fillingClipsToTheSchedule() {
        const StepSchedule all = StepSchedule::all('H', 6);
        QCOMPARE(all.filled(-5, 2, 'L').letters(), std::string("LLHHHH"));
        QCOMPARE(all.filled(4, 99, 'L').letters(), std::string("HHHHLL"));
        QCOMPARE(all.filled(4, 2, 'L').letters(), all.letters());
        QCOMPARE(all.filled(7, 9, 'L').letters(), all.letters());
        QCOMPARE(StepSchedule().filled(0, 3, 'L').steps(), 0);
    }

    void mirroringTwiceIsTheSame() {
        std::mt19937 random(3);
        QCOMPARE(StepSchedule("LLH").mirrored().letters(), std::string("HLL"));
        for (int i = 0; i < 200; ++i) {
            const StepSchedule schedule = randomSchedule(random);
            QVERIFY(schedule.mirrored().mirrored() == schedule);
        }
    }

    void rescalingTheSandwichKeepsItsShares() {
        QCOMPARE(printSchedule(sandwich().rescaled(256)), std::string("(L32,H192,L32)"));
        QCOMPARE(printSchedule(sandwich().rescaled(10)), std::string("(L1,H8,L1)"));
        QCOMPARE(printSchedule(sandwich().rescaled(6)), std::string("(L1,H4,L1)"));
    }

    void rescalingGivesEverySegmentItsQuotaWithinOneStep() {
        std::mt19937 random(4);
        for (int i = 0; i < 500; ++i) {
            const StepSchedule schedule = randomSchedule(random);
            const int steps = 1 + static_cast<int>(random() % 3000);
            const StepSchedule rescaled = schedule.rescaled(steps);
            QCOMPARE(rescaled.steps(), steps);
            if (steps < schedule.steps())
                continue; // segments may have been dropped and their neighbours merged
            const auto before = schedule.segments();
            const auto after = rescaled.segments();
            QCOMPARE(after.size(), before.size());
            for (std::size_t k = 0; k < before.size(); ++k) {
                const double quota = static_cast<double>(before[k].steps) * steps / schedule.steps();
                QCOMPARE(after[k].letter, before[k].letter);
                QVERIFY(std::abs(after[k].steps - quota) < 1);
            }
        }
    }

    void rescalingToTheSameStepsChangesNothing() {
        std::mt19937 random(5);
        for (int i = 0; i < 200; ++i) {
            const StepSchedule schedule = randomSchedule(random);
            QVERIFY(schedule.rescaled(schedule.steps()) == schedule);
        }
    }

    void halvingAnAlternatingScheduleStillAlternatesToTheEnd() {
        std::string letters;
        for (int i = 0; i < 500; ++i)
            letters += "HL";
        const StepSchedule halved = StepSchedule(letters).rescaled(500);
        QCOMPARE(halved.count('L'), 250);
        QCOMPARE(halved.segments().size(), std::size_t{500});
    }

    void segmentsThatRoundToNothingAreDropped() {
        QCOMPARE(printSchedule(parseSchedule("(H500,L1,H499)").rescaled(10)), std::string("(H10)"));
    }

    void stepsOutOfRangeAreRefused() {
        expectError([] { StepSchedule(std::string()); }, ErrorKind::Schedule, {"0 steps", "1 to 10000"});
        expectError([] { StepSchedule::all('H', 10'001); }, ErrorKind::Schedule, {"10001", "10000"});
        expectError([] { StepSchedule::all('H', -3); }, ErrorKind::Schedule, {"-3"});
        expectError([] { StepSchedule::all('H', 5).rescaled(0); }, ErrorKind::Schedule, {"0 steps"});
        expectError([] { StepSchedule().rescaled(5); }, ErrorKind::Schedule, {"empty"});
        QCOMPARE(StepSchedule::all('H', 10'000).steps(), 10'000);
    }

    void lettersOutsideAToZAreRefused() {
        expectError([] { StepSchedule("HHhH"); }, ErrorKind::Schedule, {"step 2", "A to Z"});
        expectError([] { StepSchedule("H\xFF"); }, ErrorKind::Schedule, {"step 1", "255"});
    }

    void anUnknownLetterIsNamedWithItsStep() {
        requireLetters(sandwich(), "HL");
        expectError([] { requireLetters(sandwich().filled(300, 301, 'X'), "HL"); }, ErrorKind::Schedule,
                    {"step 300", "X", "H, L"});
        expectError([] { requireLetters(sandwich(), ""); }, ErrorKind::Schedule, {"step 0", "empty"});
    }
};

QTEST_GUILESS_MAIN(TestStepSchedule)
#include "test_step_schedule.moc"
