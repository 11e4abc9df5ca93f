// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/sampling/chi_square.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/engine/sampling/leaning_rules.h"
#include "tests/engine/sampling/reference_orders.h"

#include <QtTest>

#include <cmath>
#include <set>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 4; // three letters and the mask
constexpr int kSamples = 30'000;

GenerationRequest requestFor(const Remasking& remasking, const std::string& schedule, int length = 4,
                             int samples = kSamples) {
    GenerationRequest request;
    request.schedule = parseSchedule(schedule);
    request.length = length;
    request.samples = samples;
    request.seed = 20'250'300;
    request.remasking = remasking;
    request.batch = 64;
    return request;
}

const std::vector<Remasking> kAll{
    {Remask::Cap, 0.3}, {Remask::Rescale, 0.5}, {Remask::Confidence, 1}, {Remask::Loop, 0.1, 0.6, 0.2, 0.8}};

} // namespace

class TestRemasking : public QObject {
    Q_OBJECT
private slots:
    void generatorHasTheLawOfTheReference_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("schedule");
        QTest::addColumn<QString>("templateText");
        for (std::size_t i = 0; i < kAll.size(); ++i) {
            const QString name = QString::fromStdString(std::string(remaskName(kAll[i].kind)));
            QTest::newRow(qPrintable(name)) << int(i) << "(L2,H4,L2)"
                                            << "";
            QTest::newRow(qPrintable(name + ", a fixed token in the middle")) << int(i) << "(H3,L3)"
                                                                              << "[mask]b[mask]";
        }
    }
    void generatorHasTheLawOfTheReference() {
        QFETCH(int, kind);
        QFETCH(QString, schedule);
        QFETCH(QString, templateText);
        const Remasking& remasking = kAll[static_cast<std::size_t>(kind)];
        FakePool fake("HL", kVocabulary, 8, {heavyRule, lightRule});
        GenerationRequest request = requestFor(remasking, schedule.toStdString());
        request.templateText = templateText.toStdString();
        GenerationObserver nobody;
        const Trace trace = MaskedDiffusionGenerator(fake.pool).run(request, nobody, {});
        const ReferenceInput input{{{'H', heavyRule}, {'L', lightRule}},
                                   request.schedule,
                                   planWork(request, fake.pool).initialTokens,
                                   kVocabulary};
        std::mt19937_64 random(77);
        TwoSamples tokens, steps, both;
        for (const SampleTrace& sample : trace.samples) {
            tokens.first(outcome(sample.tokens));
            steps.first(outcome(sample.revealStep));
            both.first(outcome(sample.tokens) << 32 ^ outcome(sample.revealStep));
        }
        for (int i = 0; i < kSamples; ++i) {
            const ReferenceSample sample = sampleRemasking(input, remasking, random);
            tokens.second(outcome(sample.tokens));
            steps.second(outcome(sample.revealStep));
            both.second(outcome(sample.tokens) << 32 ^ outcome(sample.revealStep));
        }
        for (const auto& [what, law] : {std::pair{"tokens", &tokens}, {"steps", &steps}, {"both", &both}})
            QVERIFY2(law->p() > kSmallestP, qPrintable(QString("%1: p = %2").arg(what).arg(law->p())));
    }

    /// The comparison itself must see a wrong law.
    void anotherEtaIsSeen() {
        FakePool fake("HL", kVocabulary, 8, {heavyRule, lightRule});
        const GenerationRequest request = requestFor({Remask::Cap, 0.3}, "H8");
        GenerationObserver nobody;
        const ReferenceInput input{
            {{'H', heavyRule}}, request.schedule, planWork(request, fake.pool).initialTokens, kVocabulary};
        std::mt19937_64 random(77);
        TwoSamples steps;
        for (const SampleTrace& sample : MaskedDiffusionGenerator(fake.pool).run(request, nobody, {}).samples)
            steps.first(outcome(sample.revealStep));
        for (int i = 0; i < kSamples; ++i)
            steps.second(outcome(sampleRemasking(input, {Remask::Cap, 0.2}, random).revealStep));
        QVERIFY(steps.p() < 1e-8);
    }

    void eventsAndTraceReplayEveryStep() {
        for (const Remasking& remasking : kAll) {
            FakePool fake("HL", 12, 64);
            GenerationRequest request = requestFor(remasking, "(L10,H20,L10)", 24, 6);
            request.templateText = "ab[mask:14]c";
            Recorder recorder;
            const Trace trace = MaskedDiffusionGenerator(fake.pool).run(request, recorder, {});
            const auto& canvas = recorder.plans[0].initialTokens;
            const std::int32_t mask = fake.pool.maskToken();
            std::map<int, std::vector<std::int32_t>> now;
            std::map<int, std::vector<RemaskedToken>> heard;
            for (const Recorder::Step& step : recorder.steps) {
                auto& tokens = now.try_emplace(step.event.sample, canvas).first->second;
                for (const RevealedToken& revealed : step.revealed) {
                    QCOMPARE(tokens[static_cast<std::size_t>(revealed.position)], mask);
                    tokens[static_cast<std::size_t>(revealed.position)] = revealed.token;
                }
                for (const RemaskedToken& remasked : step.remasked) {
                    const auto at = static_cast<std::size_t>(remasked.position);
                    QCOMPARE(canvas[at], mask); // what was given stays
                    QCOMPARE(tokens[at], remasked.token);
                    QVERIFY(remasked.remaskStep > remasked.revealStep &&
                            remasked.remaskStep >= step.event.step);
                    tokens[at] = mask;
                    heard[step.event.sample].push_back(remasked);
                }
                QCOMPARE(step.event.stillMasked, static_cast<int>(std::ranges::count(tokens, mask)));
            }
            std::size_t remasked = 0;
            for (const SampleTrace& sample : trace.samples) {
                QCOMPARE(now.at(sample.index), sample.tokens);
                QVERIFY(heard[sample.index] == sample.remasked);
                remasked += sample.remasked.size();
                // The trace alone gives the canvas of any step.
                for (int step = -1; step <= 40; ++step) {
                    const SampleTrace then = traceAfter(sample, step);
                    std::vector<std::int32_t> expected = canvas;
                    for (const Recorder::Step& event : recorder.steps) {
                        if (event.event.sample != sample.index || event.event.step > step)
                            continue;
                        for (const RevealedToken& revealed : event.revealed)
                            expected[static_cast<std::size_t>(revealed.position)] = revealed.token;
                        for (const RemaskedToken& token : event.remasked)
                            if (token.remaskStep <= step)
                                expected[static_cast<std::size_t>(token.position)] = mask;
                    }
                    for (std::size_t at = 0; at < expected.size(); ++at) {
                        const bool masked = then.revealStep[at] > step;
                        QCOMPARE(masked ? mask : then.tokens[at], expected[at]);
                    }
                }
            }
            QVERIFY(remasked > 5);
        }
    }

    void anyBatchGivesTheSameBytes() {
        for (const Remasking& remasking : kAll) {
            FakePool fake("HL", 12, 64);
            GenerationRequest request = requestFor(remasking, "(L10,H20,L10)", 24, 9);
            request.prompt = "abc";
            GenerationObserver nobody;
            request.batch = 1;
            const Trace one = MaskedDiffusionGenerator(fake.pool).run(request, nobody, {});
            for (int batch : {2, 5, 64}) {
                request.batch = batch;
                QVERIFY(sameBytes(MaskedDiffusionGenerator(fake.pool).run(request, nobody, {}), one));
            }
        }
    }

    void plannedWorkIsExactButForTheConfidenceSchedule() {
        for (const Remasking& remasking : kAll) {
            FakePool fake("HL", 12, 64);
            const GenerationRequest request = requestFor(remasking, "(L10,H20,L10)", 24, 400);
            const PlannedWork plan = planWork(request, fake.pool);
            GenerationObserver nobody;
            const Trace trace = MaskedDiffusionGenerator(fake.pool).run(request, nobody, {});
            std::map<char, std::int64_t> calls;
            for (const SampleTrace& sample : trace.samples)
                for (const auto& [letter, count] : sample.calls)
                    calls[letter] += count;
            if (remasking.kind == Remask::Confidence) {
                QVERIFY(plan.figures == Figures::Expected);
                QVERIFY2(std::abs(trace.flops / plan.flops - 1) < 0.05,
                         qPrintable(QString("%1 of what was expected").arg(trace.flops / plan.flops)));
            } else {
                QVERIFY(plan.figures == Figures::Exact);
                QCOMPARE(calls, plan.calls);
                QVERIFY(std::abs(trace.flops / plan.flops - 1) < 1e-12);
            }
        }
    }

    void plannedWorkIsOnAverageTheExpectedCost() {
        FakePool fake("HL", 12, 64);
        for (const Remasking& remasking : kAll) {
            const GenerationRequest request = requestFor(remasking, "(L10,H20,L10)", 24, 3000);
            const PlannedWork plan = planWork(request, fake.pool);
            const auto members = fake.pool.callCosts(24);
            const ScheduleCost cost = costOf(
                request.schedule, {.members = members, .length = 24, .masked = 24, .remasking = remasking});
            QVERIFY(std::abs(static_cast<double>(plan.totalCalls) / 3000 / cost.expectedCalls - 1) < 0.01);
            QVERIFY(std::abs(plan.flops / 3000 / cost.executedFlops - 1) < 0.01);
        }
    }

    void stepsThatOnlyMaskNeedNoCall() {
        FakePool fake("H", 12, 64);
        const GenerationRequest request = requestFor({Remask::Cap, 0.05}, "H200", 8, 30);
        Recorder recorder;
        MaskedDiffusionGenerator(fake.pool).run(request, recorder, {});
        int later = 0;
        for (const Recorder::Step& step : recorder.steps) {
            QVERIFY(!step.revealed.empty());
            for (const RemaskedToken& remasked : step.remasked)
                later += remasked.remaskStep > step.event.step;
        }
        QVERIFY(later > 0);
    }

    void theLoopHoldsItsShareAndNothingIsRemaskedOutsideIt() {
        FakePool fake("H", 12, 64);
        const Remasking loop{Remask::Loop, 0.05, 0.6, 0.2, 0.8};
        const GenerationRequest request = requestFor(loop, "H100", 40, 100);
        GenerationObserver nobody;
        const Trace trace = MaskedDiffusionGenerator(fake.pool).run(request, nobody, {});
        double masked = 0;
        for (const SampleTrace& sample : trace.samples) {
            for (const RemaskedToken& token : sample.remasked) {
                const double t = maskedShare(token.remaskStep, 100);
                QVERIFY(t <= 0.6 && t > 0.2);
            }
            const SampleTrace then = traceAfter(sample, 60); // t = 0.4, in the loop
            masked +=
                static_cast<double>(std::ranges::count_if(then.revealStep, [](int s) { return s > 60; }));
        }
        QVERIFY(std::abs(masked / 4000 - 0.2) < 0.02); // 1 − α_on of them
    }

    void withoutAChanceToRemaskTheOrderIsAncestral() {
        // σ^max is 0 in the only step from 1 to ε, and next to it: nothing can be masked again.
        FakePool fake("H", 12, 64);
        GenerationObserver nobody;
        for (const Remasking& remasking : kAll) {
            if (remasking.kind == Remask::Loop)
                continue;
            const GenerationRequest request = requestFor(remasking, "H1", 16, 20);
            for (const SampleTrace& sample :
                 MaskedDiffusionGenerator(fake.pool).run(request, nobody, {}).samples) {
                QVERIFY(sample.remasked.empty());
                QVERIFY(std::ranges::count(sample.revealStep, 0) >= 15);
            }
        }
    }

    void remaskingNamesReadBack() {
        for (Remask remask : allRemasks())
            QVERIFY(parseRemask(remaskName(remask)) == remask);
    }
};

QTEST_GUILESS_MAIN(TestRemasking)
#include "test_remasking.moc"
