// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/presets.h"

#include "tests/testing/errors.h"

#include <cmath>

using namespace steploom;
using steploom::testing::expectError;

namespace {

std::string made(Preset preset, int steps, double share, std::uint64_t seed = 1) {
    return printSchedule(makePreset(preset, {.steps = steps, .lightShare = share, .seed = seed}));
}

} // namespace

class TestPresets : public QObject {
    Q_OBJECT
private slots:
    void shapesOfAQuarterLight() {
        QCOMPARE(made(Preset::AllHeavy, 1000, 0.25), std::string("(H1000)"));
        QCOMPARE(made(Preset::AllLight, 1000, 0.25), std::string("(L1000)"));
        QCOMPARE(made(Preset::Sandwich, 1000, 0.25), std::string("(L125,H750,L125)"));
        QCOMPARE(made(Preset::Head, 1000, 0.25), std::string("(L250,H750)"));
        QCOMPARE(made(Preset::Tail, 1000, 0.25), std::string("(H750,L250)"));
        QCOMPARE(made(Preset::Middle, 1000, 0.25), std::string("(H375,L250,H375)"));
        QCOMPARE(made(Preset::Alternating, 8, 0.25), std::string("(H2,L1,H3,L1,H1)"));
        QCOMPARE(made(Preset::Alternating, 6, 0.5), std::string("(H1,L1,H1,L1,H1,L1)"));
    }

    void theOddLightStepOfASandwichIsAtTheStart() {
        QCOMPARE(made(Preset::Sandwich, 10, 0.3), std::string("(L2,H7,L1)"));
    }

    void everyBudgetAndLengthGetsExactlyItsLightSteps() {
        for (Preset preset : allPresets()) {
            for (int steps : {1, 2, 3, 7, 64, 1000, 9999, 10'000}) {
                for (double share : {0.0, 0.001, 0.1, 1.0 / 3, 0.5, 0.77, 0.999, 1.0}) {
                    const StepSchedule schedule = makePreset(preset, {.steps = steps, .lightShare = share});
                    long expected = std::lround(share * steps);
                    if (preset == Preset::AllHeavy)
                        expected = 0;
                    if (preset == Preset::AllLight)
                        expected = steps;
                    QCOMPARE(schedule.steps(), steps);
                    QCOMPARE(static_cast<long>(schedule.count('L')), expected);
                    QCOMPARE(schedule.count('H') + schedule.count('L'), steps);
                }
            }
        }
    }

    void alternatingSpreadsItsLightStepsEvenly() {
        const StepSchedule schedule = makePreset(Preset::Alternating, {.steps = 1000, .lightShare = 0.3});
        int last = -1;
        for (int step = 0; step < 1000; ++step) {
            if (schedule.at(step) != 'L')
                continue;
            if (last >= 0)
                QVERIFY(step - last == 3 || step - last == 4);
            last = step;
        }
    }

    void randomIsDecidedByItsSeed() {
        QCOMPARE(made(Preset::Random, 500, 0.4, 7), made(Preset::Random, 500, 0.4, 7));
        QVERIFY(made(Preset::Random, 500, 0.4, 7) != made(Preset::Random, 500, 0.4, 8));
    }

    void randomChoosesEveryStepAboutAsOften() {
        std::vector<int> light(20);
        for (std::uint64_t seed = 0; seed < 4000; ++seed) {
            const auto schedule = makePreset(Preset::Random, {.steps = 20, .lightShare = 0.25, .seed = seed});
            for (int step = 0; step < 20; ++step)
                light[static_cast<std::size_t>(step)] += schedule.at(step) == 'L';
        }
        for (int count : light) // 1000 expected, standard deviation 27
            QVERIFY2(std::abs(count - 1000) < 140, qPrintable(QString::number(count)));
    }

    void otherLettersAreUsedAsAsked() {
        const PresetOptions options{.steps = 4, .lightShare = 0.5, .heavy = 'A', .light = 'M'};
        QCOMPARE(makePreset(Preset::Head, options).letters(), std::string("MMAA"));
    }

    void namesAreFoundInAnySpelling() {
        for (Preset preset : allPresets()) {
            Preset found{};
            QVERIFY(findPreset(presetName(preset), found));
            QVERIFY(found == preset);
        }
        Preset found{};
        for (const char* name : {"All Heavy", "all-heavy", "ALL_HEAVY", " all heavy "}) {
            QVERIFY2(findPreset(name, found), name);
            QVERIFY(found == Preset::AllHeavy);
        }
        QVERIFY(!findPreset("sandwch", found));
        QVERIFY(!findPreset("", found));
    }

    void presetOrNotationBothRead() {
        const PresetOptions options{.steps = 256};
        const auto read = [&](const char* text, int steps = 0) {
            return printSchedule(parseScheduleOrPreset(text, options, steps));
        };
        QCOMPARE(read("sandwich"), std::string("(L32,H192,L32)"));
        QCOMPARE(read("Sandwich:0.5"), std::string("(L64,H128,L64)"));
        QCOMPARE(read("tail: 0.125 "), std::string("(H224,L32)"));
        QCOMPARE(read("all heavy"), std::string("(H256)"));
        QCOMPARE(read("h10,l20"), std::string("(H10,L20)"));
        QCOMPARE(read("(L0.125,H0.75,L0.125)"), std::string("(L32,H192,L32)"));
        QCOMPARE(read("(L0.5,H0.5)", 10), std::string("(L5,H5)"));
        expectError([&] { read("H10", 20); }, ErrorKind::Schedule, {"10", "20"});
    }

    void whatIsNeitherListsThePresets() {
        const PresetOptions options;
        expectError([&] { parseScheduleOrPreset("sandwch", options); }, ErrorKind::Schedule,
                    {"sandwch", "sandwich", "alternating", "(L125,H750,L125)"});
        expectError([&] { parseScheduleOrPreset("sandwch:0.5", options); }, ErrorKind::Schedule,
                    {"sandwich"});
        expectError([&] { parseScheduleOrPreset("sandwich:x", options); }, ErrorKind::Schedule,
                    {"character 10", "0 to 1"});
        expectError([&] { parseScheduleOrPreset("sandwich:", options); }, ErrorKind::Schedule, {"number"});
        expectError([&] { parseScheduleOrPreset("sandwich:1.5", options); }, ErrorKind::Schedule, {"1.5"});
        expectError([&] { parseScheduleOrPreset("sandwich:nan", options); }, ErrorKind::Schedule, {"nan"});
        expectError([&] { parseScheduleOrPreset(" ", options); }, ErrorKind::Schedule, {"empty"});
    }

    void presetsOutOfRangeAreRefused() {
        expectError([] { made(Preset::Head, 0, 0.5); }, ErrorKind::Schedule, {"0 steps", "10000"});
        expectError([] { made(Preset::Head, 10, -0.1); }, ErrorKind::Schedule, {"-0.1"});
        expectError([] { made(Preset::Head, 10, std::nan("")); }, ErrorKind::Schedule, {"nan"});
    }

    void aScheduleKnowsWhichPresetItIs() {
        for (Preset preset : allPresets()) {
            if (preset == Preset::Random)
                continue;
            const StepSchedule schedule = makePreset(preset, {.steps = 100, .lightShare = 0.3});
            QCOMPARE(nameOfSchedule(schedule, 'H', 'L'), presetName(preset));
        }
        QCOMPARE(nameOfSchedule(parseSchedule("L1,H9"), 'H', 'L'), std::string_view("head"));
        QCOMPARE(nameOfSchedule(parseSchedule("L3,H9,L1"), 'H', 'L'), std::string_view());
        QCOMPARE(nameOfSchedule(parseSchedule("L3,X9,L3"), 'H', 'L'), std::string_view());
        QCOMPARE(nameOfSchedule(StepSchedule(), 'H', 'L'), std::string_view());
    }
};

QTEST_GUILESS_MAIN(TestPresets)
#include "test_presets.moc"
