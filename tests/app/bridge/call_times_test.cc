// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/call_times.h"
#include "tests/testing/fake_models.h"

#include <QTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

PoolFacts makePool() {
    PoolFacts pool;
    for (const char letter : {'H', 'L'}) {
        const FakeDenoiser model(27, 64, letter == 'H' ? 12 : 4);
        pool.members.push_back(
            {{.letter = letter, .name = std::string(1, letter), .path = std::string("fake/") + letter},
             model.facts()});
    }
    pool.tokenizer = makeLetterTokenizer(26);
    pool.maskToken = 26;
    return pool;
}

GenerationRequest makeRequest(const std::string& letters) {
    GenerationRequest request;
    request.pool = makePool().specs();
    request.schedule = StepSchedule(letters);
    request.length = 32;
    request.sampler = Sampler::FirstHitting; // 32 calls, each of one row
    return request;
}

/// A finished run in which a call of H took 0.5 s and one of L 0.2 s, and as much again passed between them.
RunSummary makeRun() {
    RunSummary run;
    run.request = makeRequest("HHHLLL");
    run.finishedSamples = 10;
    const auto costs = makePool().callCosts(32);
    run.work.members['H'] = {160, 160, 160, 160 * costs[0].executed(1, 1, 32), 80};
    run.work.members['L'] = {160, 160, 160, 160 * costs[1].executed(1, 1, 32), 32};
    run.seconds = 2 * (80 + 32);
    return run;
}

bool near(std::optional<double> value, double expected) {
    return value && std::abs(*value - expected) < 1e-9 * expected;
}

} // namespace

class CallTimesTest : public QObject {
    Q_OBJECT
private slots:
    void aCalibrationForetellsEverySchedule() {
        CallTimes times;
        QVERIFY(!times.secondsPerSample(makeRequest("HL"), makePool()));
        times.learnPool(makePool(), 32, {{0.5}, {0.2}});
        QVERIFY(near(times.secondsPerSample(makeRequest("HHHH"), makePool()), 32 * 0.5));
        QVERIFY(near(times.secondsPerSample(makeRequest("HLLL"), makePool()), 8 * 0.5 + 24 * 0.2));
    }

    void aStoredRunKnowsBetterAndWithoutItsPool() {
        CallTimes times;
        times.learnPool(makePool(), 32, {{9}, {9}});
        times.learnRuns({makeRun()});
        QVERIFY(near(times.secondsPerSample(makeRequest("HLLL"), makePool()), 2 * (8 * 0.5 + 24 * 0.2)));
        QVERIFY(near(times.secondsPerSample(makeRequest("HLLL"), {}), 2 * (8 * 0.5 + 24 * 0.2)));
    }

    void theNewestRunCounts() {
        CallTimes times;
        RunSummary newer = makeRun();
        newer.work.members['H'].seconds *= 2;
        newer.work.members['L'].seconds *= 2;
        newer.seconds *= 2;
        times.learnRuns({newer, makeRun()});
        QVERIFY(near(times.secondsPerSample(makeRequest("HHHH"), makePool()), 2 * 2 * 32 * 0.5));
    }

    void whatTheScheduleDoesNotCallNeedNotBeKnown() {
        CallTimes times;
        RunSummary run = makeRun();
        run.work.members.erase('L');
        times.learnRuns({run});
        QVERIFY(times.secondsPerSample(makeRequest("HHHH"), makePool()));
        QVERIFY(!times.secondsPerSample(makeRequest("HHHL"), makePool()));
    }

    void aPromptLeavesLessToWrite() {
        CallTimes times;
        times.learnPool(makePool(), 32, {{0.5}, {0.2}});
        GenerationRequest request = makeRequest("HHHH");
        request.prompt = "abcdefgh";
        QVERIFY(near(times.secondsPerSample(request, makePool()), 24 * 0.5));
    }

    void otherLengthsAndPrecisionsAreNotMixedUp() {
        CallTimes times;
        times.learnPool(makePool(), 32, {{0.5}, {0.2}});
        GenerationRequest request = makeRequest("HHHH");
        request.length = 16;
        QVERIFY(!times.secondsPerSample(request, makePool()));
        request = makeRequest("HHHH");
        request.pool[0].precision = Precision::BF16;
        QVERIFY(!times.secondsPerSample(request, makePool()));
    }

    void everyVectorThatCalmDrawsTakesItsTime() {
        PoolFacts pool = makePool();
        for (PoolFacts::Member& member : pool.members) {
            member.facts.kind = GenerationKind::Calm;
            member.facts.chunk = 4;
        }
        CallTimes times;
        times.learnPool(pool, 32, {{0.5, 0.01}, {0.2, 0.01}});
        GenerationRequest request = makeRequest("HHHHHHHH"); // the first is given
        request.temperature = 0.5;
        request.candidates = 50;
        QVERIFY(near(times.secondsPerSample(request, pool), 7 * (0.5 + 49 * 0.01)));
        // A run tells of its own number of draws alone.
        RunSummary run = makeRun();
        run.kind = GenerationKind::Calm;
        run.request = request;
        run.work.members = {{'H', {70, 70, 70, 0, 35}}};
        run.seconds = 35;
        times.learnRuns({run});
        QVERIFY(near(times.secondsPerSample(request, pool), 7 * 0.5));
        request.candidates = 60;
        QVERIFY(near(times.secondsPerSample(request, pool), 7 * (0.5 + 59 * 0.01)));
    }

    void aScheduleThatCannotBeIsNotKnown() {
        CallTimes times;
        times.learnPool(makePool(), 32, {{0.5}, {0.2}});
        QVERIFY(!times.secondsPerSample(makeRequest("HHXX"), makePool()));
    }
};

QTEST_GUILESS_MAIN(CallTimesTest)
#include "call_times_test.moc"
