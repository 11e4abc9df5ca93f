// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/cost.h"
#include "engine/schedule/reveal_counts.h"

#include "tests/testing/errors.h"

#include <cmath>

using namespace steploom;
using steploom::testing::expectError;

namespace {

/// MDLM as published: d = 768, V = 50,258, on L = 1024 positions, with `blocks` blocks (models.md §3).
CallCost published(char letter, int blocks, double seconds = 0) {
    const double d = 768, length = 1024;
    return {letter, blocks * (24 * d * d + 4 * length * d) * length, 2 * d * 50'258, seconds};
}

const std::vector<CallCost> kPair{published('H', 12, 0.3), published('L', 4, 0.1)};

bool near(double value, double expected, double tolerance) { return std::abs(value - expected) <= tolerance; }

} // namespace

class TestCost : public QObject {
    Q_OBJECT
private slots:
    void sandwichWithAQuarterLightSavesOneSixthOfTheBlocks() {
        const ScheduleCost cost = costOf(parseSchedule("(L125,H750,L125)"), {kPair, 1024, 1024});
        QCOMPARE(cost.steps, 1000);
        QCOMPARE(cost.lightShare, 0.25);
        QVERIFY(near(cost.blocksOnlySaving, 1.0 / 6, 1e-12));
    }

    void withTheOutputLayerTheSameScheduleSavesTwelvePointOnePercent() {
        const ScheduleCost cost = costOf(parseSchedule("(L125,H750,L125)"), {kPair, 1024, 1024});
        QVERIFY(near(cost.nominalSaving, 0.121, 0.0005));
        QVERIFY(cost.nominalFlops > cost.blocksOnlyFlops);
    }

    void thousandStepsOver1024PositionsNeed641Calls() {
        const ScheduleCost cost = costOf(StepSchedule::all('H', 1000), {kPair, 1024, 1024});
        const double closing = 1 - std::pow(1 - kNoiseEpsilon, 1024);
        QVERIFY(near(cost.expectedCalls,
                     1000 * (1 - std::pow(1 - (1 - kNoiseEpsilon) / 1000, 1024)) + closing, 1e-6));
        QVERIFY(near(cost.expectedCalls, 641, 0.5));
        QCOMPARE(cost.callsByLetter.at('H'), cost.expectedCalls);
        QCOMPARE(cost.callsByLetter.at('L'), 0.0);
    }

    void everyPositionPassesTheOutputLayerOnce() {
        const std::vector<CallCost> headOnly{{'H', 0, 1, 0}};
        for (int steps : {1, 2, 50, 10'000})
            for (Sampler sampler : {Sampler::Ancestral, Sampler::FirstHitting})
                QVERIFY(near(costOf(StepSchedule::all('H', steps), {headOnly, 64, 40, sampler}).executedFlops,
                             40, 1e-9));
    }

    void aSingleStepIsOneCallAndRarelyAClosingOne() {
        const ScheduleCost cost = costOf(StepSchedule::all('H', 1), {kPair, 1024, 8});
        QVERIFY(near(cost.expectedCalls, 1 + 8 * kNoiseEpsilon, 1e-6));
    }

    void firstHittingCallsOncePerPositionSpreadOverTheSteps() {
        const ScheduleCost cost =
            costOf(parseSchedule("(L125,H750,L125)"), {kPair, 1024, 400, Sampler::FirstHitting});
        QVERIFY(near(cost.expectedCalls, 400, 1e-9));
        QVERIFY(near(cost.callsByLetter.at('L'), 100, 1e-9));
        QVERIFY(near(cost.executedFlops,
                     300 * (kPair[0].blocks + kPair[0].headPerRow) +
                         100 * (kPair[1].blocks + kPair[1].headPerRow),
                     1e3));
    }

    void executedSavingComparesWithTheExecutedAllHeavy() {
        const CostInput input{kPair, 1024, 1024};
        const ScheduleCost heavy = costOf(StepSchedule::all('H', 1000), input);
        const ScheduleCost sandwich = costOf(parseSchedule("(L125,H750,L125)"), input);
        QVERIFY(near(sandwich.executedSaving, 1 - sandwich.executedFlops / heavy.executedFlops, 1e-12));
        QVERIFY(sandwich.executedSaving > sandwich.nominalSaving);
        QVERIFY(near(heavy.executedSaving, 0, 1e-12));
        QVERIFY(near(heavy.blocksOnlySaving, 0, 1e-12));
    }

    void aDearerMemberSavesLessThanNothing() {
        const std::vector<CallCost> swapped{kPair[1], kPair[0]};
        const ScheduleCost cost = costOf(parseSchedule("(L500,H500)"), {swapped, 1024, 1024});
        QCOMPARE(cost.lightShare, 0.5);
        QVERIFY(near(cost.blocksOnlySaving, -1, 1e-12));
    }

    void secondsNeedEveryMemberInUseCalibrated() {
        const CostInput timed{kPair, 1024, 1024};
        const StepSchedule sandwich = parseSchedule("(L125,H750,L125)");
        const ScheduleCost cost = costOf(sandwich, timed);
        QVERIFY(
            near(cost.seconds, 0.3 * cost.callsByLetter.at('H') + 0.1 * cost.callsByLetter.at('L'), 1e-9));
        const std::vector<CallCost> half{published('H', 12, 0.3), published('L', 4)};
        QCOMPARE(costOf(sandwich, {half, 1024, 1024}).seconds, 0.0);
        QVERIFY(costOf(StepSchedule::all('H', 10), {half, 1024, 1024}).seconds > 0);
    }

    void nothingToWriteCostsNothing() {
        const ScheduleCost cost = costOf(StepSchedule::all('H', 10), {kPair, 1024, 0});
        QCOMPARE(cost.expectedCalls, 0.0);
        QCOMPARE(cost.executedFlops, 0.0);
        QCOMPARE(cost.executedSaving, 0.0);
    }

    void theMaskedShareFallsFromOneToEpsilon() {
        QCOMPARE(maskedShare(0, 1000), 1.0);
        QVERIFY(near(maskedShare(1000, 1000), kNoiseEpsilon, 1e-15));
        QVERIFY(near(maskedShare(250, 1000), 1 - 0.25 * (1 - 1e-5), 1e-15));
    }

    void badInputIsRefused() {
        expectError([] { costOf(StepSchedule(), {kPair, 10, 10}); }, ErrorKind::Schedule, {"empty"});
        expectError(
            [] {
                costOf(parseSchedule("H3,X1"), {kPair, 10, 10});
            },
            ErrorKind::Schedule, {"step 3", "X", "H, L"});
        expectError([] { costOf(parseSchedule("H3"), {kPair, 10, 11}); }, ErrorKind::Request, {"11", "10"});
        expectError([] { costOf(parseSchedule("H3"), {kPair, 0, 0}); }, ErrorKind::Request, {"0"});
    }

    void ordersByCertaintyCallWhereSomethingIsRevealedAndPassAllCandidates() {
        const std::vector<CallCost> headOnly{{'H', 0, 1, 0}};
        for (Sampler sampler : {Sampler::Confidence, Sampler::Margin, Sampler::Entropy}) {
            const ScheduleCost few = costOf(StepSchedule::all('H', 4), {headOnly, 8, 8, sampler});
            QVERIFY(few.figures == Figures::Exact);
            QCOMPARE(few.expectedCalls, 4.0);
            QCOMPARE(few.executedFlops, 8.0 + 6 + 4 + 2);
            QCOMPARE(costOf(StepSchedule::all('H', 100), {headOnly, 8, 8, sampler}).expectedCalls, 8.0);
            const ScheduleCost blocks = costOf(StepSchedule::all('H', 4), {headOnly, 8, 8, sampler, 4});
            QCOMPARE(blocks.executedFlops, 4.0 + 2 + 4 + 2);
        }
    }

    void aThresholdsFiguresAreAnUpperBound() {
        const ScheduleCost cost = costOf(parseSchedule("L2,H2"), {kPair, 1024, 8, Sampler::Threshold});
        QVERIFY(cost.figures == Figures::AtMost);
        QCOMPARE(cost.expectedCalls, 8.0);
        QCOMPARE(cost.callsByLetter.at('L'), 4.0);
        QVERIFY(near(cost.executedFlops,
                     4 * kPair[1].blocks + 4 * kPair[0].blocks + (8 + 7 + 6 + 5) * kPair[1].headPerRow +
                         (4 + 3 + 2 + 1) * kPair[0].headPerRow,
                     1e3));
    }

    void blocksOfAncestralSamplingNeedNoClosingCall() {
        const ScheduleCost cost = costOf(StepSchedule::all('H', 6), {kPair, 1024, 12, Sampler::Ancestral, 6});
        QVERIFY(near(cost.expectedCalls, 6 * (1 - std::pow(2.0 / 3, 6)), 1e-9));
        QVERIFY(cost.figures == Figures::Expected);
    }

    void remaskingCostsTheRevealsItUndoes() {
        const std::vector<CallCost> headOnly{{'H', 0, 1, 0}};
        const auto rows = [&](const Remasking& remasking) {
            return costOf(StepSchedule::all('H', 100),
                          {.members = headOnly, .length = 64, .masked = 64, .remasking = remasking})
                .executedFlops;
        };
        // Every position once, and once more for each time it is masked again: Σ σ_t α_t.
        double remasked = 0;
        for (int step = 0; step < 100; ++step)
            remasked += std::min(0.1, (1 - (1 - maskedShare(step + 1, 100))) / (1 - maskedShare(step, 100))) *
                        (1 - maskedShare(step, 100));
        QVERIFY(near(rows({Remask::Cap, 0.1}), 64 * (1 + remasked), 1e-9));
        QVERIFY(near(rows({Remask::Rescale, 1e-12}), 64, 1e-6)); // hardly any: ancestral
        // In a loop of 0.4 T steps 2% of the revealed 80% are masked again in each.
        QVERIFY(near(rows({Remask::Loop, 0.02, 0.6, 0.2, 0.8}), 64 * (1 + 40 * 0.02 * 0.8), 64 * 0.02));
    }

    void remaskingKeepsTheShareThatIsMasked() {
        // α_s = reveal · (1 − α_t) + (1 − σ) α_t, whatever σ is: q_σ has the marginals of masked diffusion.
        for (const Remasking& remasking : {Remasking{Remask::Cap, 0.3}, Remasking{Remask::Rescale, 0.9},
                                           Remasking{Remask::Loop, 0.05, 0.6, 0.2, 0.8}}) {
            double masked = 1;
            for (int step = 0; step < 50; ++step) {
                const RemaskingStep chances = remaskingStep(remasking, step, 50);
                QVERIFY(near(chances.masked, masked, 1e-12));
                masked += (1 - masked) * chances.remask - masked * chances.reveal;
            }
            QVERIFY(near(masked, maskedAfterAll(remasking), 1e-12));
        }
    }

    void blocksShareTheStepsInProportion() {
        const auto blocks = revealBlocks(20, 12, 8);
        QCOMPARE(blocks.size(), std::size_t{3});
        QCOMPARE((std::vector<int>{blocks[0].steps, blocks[1].steps, blocks[2].steps}),
                 (std::vector<int>{4, 5, 3}));
        QCOMPARE(blocks[2].positions, 4);
        for (int masked = 1; masked < 40; ++masked) {
            for (int length = 1; length < 45; ++length) {
                const int count = (masked + length - 1) / length;
                int positions = 0, steps = 0;
                for (const RevealBlock& block : revealBlocks(masked, count, length)) {
                    QCOMPARE(block.first, positions);
                    QCOMPARE(block.begin, steps);
                    QCOMPARE(block.steps, 1); // as few steps as there are blocks: one each
                    positions += block.positions;
                    steps += block.steps;
                }
                QCOMPARE(positions, masked);
            }
        }
        expectError([] { revealBlocks(20, 2, 8); }, ErrorKind::Request,
                    {"20 positions", "3 blocks", "2 steps"});
    }

    void kPerStepRevealsEverythingAndIsAsEvenAsCanBe() {
        for (int masked : {1, 2, 7, 24, 1000}) {
            for (int steps : {1, 3, 24, 1000}) {
                int revealed = 0, last = -1;
                for (const RankedCall& call : rankedCalls(masked, steps, 0)) {
                    QVERIFY(call.step > last && call.step < steps);
                    QCOMPARE(call.candidates, masked - revealed);
                    QVERIFY(call.revealed == masked / steps || call.revealed == masked / steps + 1);
                    revealed += call.revealed;
                    last = call.step;
                }
                QCOMPARE(revealed, masked);
            }
        }
    }

    void samplerNamesReadBack() {
        for (Sampler sampler : allSamplers())
            QVERIFY(parseSampler(samplerName(sampler)) == sampler);
        expectError([] { parseSampler("ddim"); }, ErrorKind::Request, {"ddim", "ancestral", "threshold"});
    }
};

QTEST_GUILESS_MAIN(TestCost)
#include "test_cost.moc"
