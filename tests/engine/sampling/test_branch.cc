// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/branch.h"

#include "engine/sampling/reveal_plan.h"
#include "tests/engine/sampling/chi_square.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"

#include <QtTest>
#include <nlohmann/json.hpp>

#include <numeric>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 12;
constexpr std::int32_t kMask = kVocabulary - 1;

GenerationRequest requestFor(Sampler sampler, int blockLength = 0, Remask remask = Remask::None) {
    GenerationRequest request;
    request.schedule = parseSchedule("(L4,H8,L4)");
    request.length = 24;
    request.samples = 3;
    request.seed = 42;
    request.sampler = sampler;
    request.blockLength = blockLength;
    request.remasking = {.kind = remask, .eta = remask == Remask::None ? 0.02 : 0.3};
    request.threshold = 0.3;
    return request;
}

Trace generated(const GenerationRequest& request) {
    FakePool fake("HL", kVocabulary);
    GenerationObserver nobody;
    return MaskedDiffusionGenerator(fake.pool).run(request, nobody, {});
}

/// The rest of one of the parent's samples from a step on.
GenerationRequest branchOf(GenerationRequest request, const SampleTrace& sample, int step) {
    request.branch = branchAt(sample, kMask, step, noiseOf(request, sample.index));
    request.samples = 1;
    return request;
}

std::vector<std::int32_t> positionsUpTo(int count) {
    std::vector<std::int32_t> positions(static_cast<std::size_t>(count));
    std::iota(positions.begin(), positions.end(), 0);
    return positions;
}

} // namespace

class TestBranch : public QObject {
    Q_OBJECT
private slots:
    void anUnchangedBranchGoesOnAsItsParentDid_data() {
        QTest::addColumn<int>("sampler");
        QTest::addColumn<int>("blockLength");
        QTest::addColumn<int>("remask");
        const auto row = [](const char* name, Sampler sampler, int block, Remask remask) {
            QTest::newRow(name) << int(sampler) << block << int(remask);
        };
        row("ancestral", Sampler::Ancestral, 0, Remask::None);
        row("blocks", Sampler::Ancestral, 7, Remask::None);
        row("confidence", Sampler::Confidence, 0, Remask::None);
        row("entropy in blocks", Sampler::Entropy, 9, Remask::None);
        row("ReMDM cap", Sampler::Ancestral, 0, Remask::Cap);
        row("ReMDM loop", Sampler::Ancestral, 0, Remask::Loop);
        row("ReMDM confidence", Sampler::Ancestral, 0, Remask::Confidence);
    }
    void anUnchangedBranchGoesOnAsItsParentDid() {
        QFETCH(int, sampler);
        QFETCH(int, blockLength);
        QFETCH(int, remask);
        const GenerationRequest request =
            requestFor(static_cast<Sampler>(sampler), blockLength, static_cast<Remask>(remask));
        const Trace parent = generated(request);
        int remasked = 0;
        for (const SampleTrace& whole : parent.samples) {
            for (const int step : {1, 6, 11, 15}) {
                if (std::ranges::all_of(whole.revealStep, [step](int each) { return each < step; }))
                    continue; // nothing is left
                const Trace rest = generated(branchOf(request, whole, step));
                const SampleTrace& sample = rest.samples.at(0);
                QCOMPARE(sample.tokens, whole.tokens);
                QCOMPARE(sample.revealStep, whole.revealStep);
                QCOMPARE(sample.member, whole.member);
                QCOMPARE(sample.logProbability, whole.logProbability);
                QCOMPARE(sample.entropy, whole.entropy);
                QVERIFY(sample.remasked == whole.remasked);
                QVERIFY(step > 1 ? sample.flops < whole.flops : sample.flops <= whole.flops);
                remasked += static_cast<int>(sample.remasked.size());
            }
        }
        QVERIFY(remask == int(Remask::None) || remasked > 0);
    }

    void whatIsMaskedByHandIsWrittenInTheStepsThatAreLeft_data() {
        QTest::addColumn<int>("sampler");
        QTest::addColumn<int>("blockLength");
        QTest::addColumn<int>("remask");
        for (const Sampler sampler : allSamplers())
            QTest::newRow(std::string(samplerName(sampler)).c_str()) << int(sampler) << 0 << 0;
        for (const Sampler sampler : allSamplers())
            if (sampler != Sampler::FirstHitting)
                QTest::newRow(("blocks " + std::string(samplerName(sampler))).c_str())
                    << int(sampler) << 6 << 0;
        for (const Remask remask : allRemasks())
            QTest::newRow(("remask " + std::string(remaskName(remask))).c_str())
                << int(Sampler::Ancestral) << 0 << int(remask);
    }
    void whatIsMaskedByHandIsWrittenInTheStepsThatAreLeft() {
        QFETCH(int, sampler);
        QFETCH(int, blockLength);
        QFETCH(int, remask);
        const GenerationRequest request =
            requestFor(static_cast<Sampler>(sampler), blockLength, static_cast<Remask>(remask));
        const Trace parent = generated(request);
        for (const int step : {0, 5, 12, 16}) {
            GenerationRequest branch = branchOf(request, parent.samples[1], step);
            writeToken(*branch.branch, 3, 7);
            fixToken(*branch.branch, 9);
            for (const int position : {0, 10, 20})
                maskToken(*branch.branch, position);
            const StandingToken fixed = standingAt(*branch.branch, 9) ? *standingAt(*branch.branch, 9)
                                                                      : StandingToken{.position = -1};
            branch.samples = 4;
            const Trace rest = generated(branch);
            QCOMPARE(rest.samples.size(), std::size_t{4});
            for (const SampleTrace& sample : rest.samples) {
                QCOMPARE(sample.tokens[3], 7);
                QCOMPARE(sample.revealStep[3], step - 1);
                QCOMPARE(int{sample.member[3]}, -1);
                if (fixed.position == 9)
                    QCOMPARE(sample.tokens[9], fixed.token);
                for (const int position : {0, 10, 20}) {
                    const auto at = static_cast<std::size_t>(position);
                    QVERIFY(sample.tokens[at] != kMask);
                    QVERIFY(sample.revealStep[at] >= step);
                    QVERIFY(sample.member[at] >= 0);
                }
                QVERIFY(
                    std::ranges::none_of(sample.tokens, [](std::int32_t token) { return token == kMask; }));
            }
            QVERIFY(rest.samples[0].tokens != rest.samples[1].tokens || step == 16);
        }
    }

    void aBranchGivesTheSameBytesOnAnyBatchAndAfterItsJson() {
        GenerationRequest request = requestFor(Sampler::Ancestral, 0, Remask::Confidence);
        GenerationRequest branch = branchOf(request, generated(request).samples[2], 7);
        maskToken(*branch.branch, 4);
        writeToken(*branch.branch, 5, 2);
        branch.branch->parent = 12;
        branch.samples = 5;
        branch.batch = 1;
        const Trace one = generated(branch);
        GenerationRequest again =
            nlohmann::json::parse(nlohmann::json(branch).dump()).get<GenerationRequest>();
        QVERIFY(again == branch);
        again.batch = 4;
        QVERIFY(sameBytes(one, generated(again)));
    }

    /// Whatever a position had drawn, from s on its step is uniform over what is left.
    void thePlanOfTheRestHasTheLawOfAPositionStillMasked() {
        constexpr int steps = 10, first = 4;
        const auto masked = positionsUpTo(2);
        std::vector<int> pairs((steps - first) * (steps - first));
        for (std::uint32_t sample = 0; sample < 36'000; ++sample) {
            int step[2] = {0, 0};
            const PlanInput input{
                .maskedPositions = masked, .steps = steps, .sample = sample, .firstStep = first};
            for (const RevealEvent& event : ancestralPlan(input, CounterRandom(5)))
                for (const std::int32_t position : event.positions)
                    step[position] = std::min(event.step, steps - 1) - first;
            QVERIFY(step[0] >= 0 && step[1] >= 0);
            ++pairs[static_cast<std::size_t>(step[0] * (steps - first) + step[1])];
        }
        QVERIFY(uniformP(pairs) > kSmallestP);
    }

    void theRestOfABlockIsUniformOverItsStepsAndTakesWhatEarlierBlocksLost() {
        constexpr int steps = 12, first = 5; // blocks of 2: steps 0…3, 4…7, 8…11; s lies in the second
        const std::vector<std::int32_t> masked{0, 3, 4, 5};
        const std::vector<StandingToken> standing{{.position = 1, .revealStep = 2, .member = 0},
                                                  {.position = 2, .revealStep = 4, .member = 0}};
        std::vector<int> lost(3), own(3), later(4);
        for (std::uint32_t sample = 0; sample < 12'000; ++sample) {
            const PlanInput input{.maskedPositions = masked,
                                  .steps = steps,
                                  .sample = sample,
                                  .blockLength = 2,
                                  .firstStep = first,
                                  .standing = standing};
            for (const RevealEvent& event : blockwisePlan(input, CounterRandom(6)))
                for (const std::int32_t position : event.positions) {
                    std::vector<int>& counts = position == 0 ? lost : position == 3 ? own : later;
                    const int from = position < 4 ? first : 8;
                    QVERIFY(event.step >= from && event.step < from + static_cast<int>(counts.size()));
                    ++counts[static_cast<std::size_t>(event.step - from)];
                }
        }
        for (const auto& counts : {lost, own, later})
            QVERIFY(uniformP(counts) > kSmallestP);
    }

    /// First-hitting: of m positions masked at t_s the next is hit at t_s · u^(1/m).
    void theRestOfFirstHittingFallsFromTheTimeOfTheStep() {
        constexpr int bins = 20;
        const auto masked = positionsUpTo(3);
        std::vector<int> histogram(bins);
        for (std::uint32_t sample = 0; sample < 20'000; ++sample) {
            const PlanInput input{.maskedPositions = masked, .steps = 8, .sample = sample, .firstStep = 6};
            const RevealPlan plan = firstHittingPlan(input, CounterRandom(4));
            QVERIFY(plan[0].step >= 6);
            const double uniform = std::pow(plan[0].time / maskedShare(6, 8), 3);
            ++histogram[static_cast<std::size_t>(uniform * bins)];
        }
        QVERIFY(uniformP(histogram) > kSmallestP);
    }

    void aTokenMaskedByHandStandsInTheTraceUntilTheBranch() {
        const GenerationRequest request = requestFor(Sampler::Ancestral);
        const SampleTrace whole = generated(request).samples[0];
        const auto first = std::ranges::min_element(whole.revealStep);
        const auto position = static_cast<int>(first - whole.revealStep.begin());
        GenerationRequest branch = branchOf(request, whole, *first + 3);
        maskToken(*branch.branch, position);
        const SampleTrace rest = generated(branch).samples[0];
        const auto at = static_cast<std::size_t>(position);
        QCOMPARE(traceAfter(rest, *first + 1).tokens[at], whole.tokens[at]);
        QCOMPARE(traceAfter(rest, *first + 1).revealStep[at], *first);
        QVERIFY(traceAfter(rest, *first + 2).revealStep[at] >= *first + 3);
    }

    void goingBackInTimeTakesOtherRandomNumbers() {
        const SampleTrace whole = generated(requestFor(Sampler::Ancestral)).samples[2];
        const BranchPoint at = branchAt(whole, kMask, 12, 2);
        QCOMPARE(movedTo(at, 16, 12, 16).noise, at.noise);
        QCOMPARE(movedTo(at, 16, 13, 16).noise, at.noise);
        const BranchPoint earlier = movedTo(at, 16, 4, 16);
        QVERIFY(earlier.noise != at.noise);
        QCOMPARE(noiseOf(earlier, 1) & 0xFFFFFu, std::uint32_t{3});
        QCOMPARE(earlier.tokens.size(), at.tokens.size());
        for (const StandingToken& token : earlier.tokens)
            QVERIFY(token.revealStep < 4);
        // Twice the steps: the same place in time.
        const BranchPoint finer = movedTo(at, 16, 24, 32);
        QCOMPARE(finer.noise, at.noise);
        for (std::size_t i = 0; i < finer.tokens.size(); ++i)
            QCOMPARE(finer.tokens[i].revealStep, 2 * at.tokens[i].revealStep);
    }

    void atTheEndOnlyTheClosingCallIsLeft() {
        const GenerationRequest request = requestFor(Sampler::Ancestral);
        GenerationRequest branch = branchOf(request, generated(request).samples[0], 16);
        maskToken(*branch.branch, 2);
        maskToken(*branch.branch, 8);
        FakePool fake("HL", kVocabulary);
        QCOMPARE(planWork(branch, fake.pool).totalCalls, std::int64_t{1});
        Recorder recorder;
        (void)MaskedDiffusionGenerator(fake.pool).run(branch, recorder, {});
        QCOMPARE(recorder.steps.size(), std::size_t{1});
        QCOMPARE(recorder.steps[0].event.step, 16);
        QCOMPARE(recorder.steps[0].revealed.size(), std::size_t{2});
    }

    void plannedWorkIsWhatIsDone() {
        for (const Sampler sampler : {Sampler::Ancestral, Sampler::FirstHitting, Sampler::Margin}) {
            const GenerationRequest request = requestFor(sampler);
            GenerationRequest branch = branchOf(request, generated(request).samples[0], 5);
            branch.samples = 7;
            FakePool fake("HL", kVocabulary);
            const PlannedWork work = planWork(branch, fake.pool);
            const Trace trace = generated(branch);
            std::int64_t calls = 0;
            for (const auto& [letter, done] : trace.work) {
                QCOMPARE(done.sampleCalls, work.calls.at(letter));
                calls += done.sampleCalls;
            }
            QCOMPARE(calls, work.totalCalls);
            QVERIFY(std::abs(trace.flops - work.flops) < 1e-6 * work.flops);
        }
    }

    void theCostOfTheRestIsItsMean() {
        GenerationRequest request = requestFor(Sampler::Ancestral);
        request.length = 12;
        const SampleTrace whole = generated(request).samples[0];
        GenerationRequest branch = branchOf(request, whole, 8);
        branch.samples = 4000;
        FakePool fake("HL", kVocabulary);
        const PlannedWork work = planWork(branch, fake.pool);
        const auto masked = static_cast<int>(std::ranges::count(work.initialTokens, kMask));
        const auto costs = fake.pool.callCosts(12);
        const ScheduleCost cost = costOf(
            branch.schedule,
            {.members = costs, .length = 12, .masked = masked, .firstStep = 8, .written = writtenIn(branch)});
        const double mean = static_cast<double>(work.totalCalls) / branch.samples;
        QVERIFY2(std::abs(cost.expectedCalls - mean) < 0.03 * mean,
                 qPrintable(QString("%1 expected, %2 planned").arg(cost.expectedCalls).arg(mean)));
    }

    void whatCannotBeGoneOnFromIsRefusedWithTheReason() {
        const GenerationRequest request = requestFor(Sampler::Ancestral);
        const SampleTrace whole = generated(request).samples[0];
        FakePool fake("HL", kVocabulary);
        const auto refused = [&](auto change, std::initializer_list<const char*> words) {
            GenerationRequest branch = branchOf(request, whole, 6);
            change(branch);
            expectError([&] { (void)planWork(branch, fake.pool); }, ErrorKind::Request, words);
        };
        refused([](auto& r) { r.branch->step = 17; }, {"step 17", "16 steps"});
        refused([](auto& r) { r.branch->tokens[0].token = kMask; }, {"token 11"});
        refused([](auto& r) { r.branch->tokens[0].token = 4000; }, {"token 4000", "Load the pool"});
        refused([](auto& r) { r.branch->tokens[0].revealStep = 6; }, {"step 6"});
        refused([](auto& r) { r.branch->tokens[0].position = 99; }, {"position 99"});
        refused([](auto& r) { r.prompt = "ab"; }, {"a prompt and a branch"});
        refused(
            [](auto& r) {
                for (int i = 0; i < 24; ++i)
                    writeToken(*r.branch, i, 1);
            },
            {"all its 24 positions are written"});
    }

    void theLikeliestTokensOfARevealAreKept() {
        GenerationRequest request = requestFor(Sampler::Confidence);
        request.topTokens = 3;
        request.temperature = 0.7;
        const Trace trace = generated(request);
        for (const SampleTrace& sample : trace.samples) {
            QCOMPARE(sample.likely.size(), std::size_t{3} * 24);
            for (std::size_t i = 0; i < sample.tokens.size(); ++i) {
                const auto likely = std::span(sample.likely).subspan(3 * i, 3);
                QVERIFY(likely[0].logProbability >= likely[1].logProbability);
                QVERIFY(likely[1].logProbability >= likely[2].logProbability);
                const auto drawn = std::ranges::find(likely, sample.tokens[i], &LikelyToken::token);
                if (drawn != likely.end())
                    QCOMPARE(drawn->logProbability, sample.logProbability[i]);
                else
                    QVERIFY(sample.logProbability[i] <= likely[2].logProbability);
                QVERIFY(std::ranges::none_of(likely, [](const LikelyToken& l) { return l.token == kMask; }));
            }
        }
        // How many are kept changes nothing else, and none is as good as any number.
        request.topTokens = 0;
        const Trace without = generated(request);
        QVERIFY(without.samples[0].likely.empty());
        QVERIFY(sameBytes(trace, without));
    }

    void topPLeavesFewerLikeliestTokens() {
        GenerationRequest request = requestFor(Sampler::Ancestral);
        request.topP = 0.01; // the likeliest alone
        for (const SampleTrace& sample : generated(request).samples)
            for (std::size_t i = 0; i < sample.tokens.size(); ++i) {
                QCOMPARE(sample.likely[5 * i].token, sample.tokens[i]);
                QCOMPARE(sample.likely[5 * i].logProbability, 0.0f);
                QCOMPARE(sample.likely[5 * i + 1].token, -1);
            }
    }
};

QTEST_GUILESS_MAIN(TestBranch)
#include "test_branch.moc"
