// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "tests/engine/sampling/calm_pool.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

GenerationRequest mixedRequest() {
    GenerationRequest request;
    request.schedule = parseSchedule("(F3,S2,F1)");
    request.length = 24;
    request.samples = 4;
    request.seed = 5;
    request.prompt = "abcdef"; // padded
    request.temperature = 0.5;
    request.candidates = 16;
    return request;
}

} // namespace

class TestCalmRuns : public QObject {
    Q_OBJECT

private slots:
    void aRunIsKeptWithWhatItDrewAndMadeAgainBitForBit() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        CalmPool calm;
        RunObserver nobody;
        const Run made = runGeneration(mixedRequest(), {&calm.pool, nullptr, &store, 1}, nobody, {});
        QCOMPARE(made.summary.state, RunState::Finished);
        const Run stored = store.load(made.summary.id);
        QCOMPARE(stored.samples.size(), std::size_t{4});
        for (const RunSample& sample : stored.samples) {
            QCOMPARE(sample.trace.chunkDraws, (std::vector<std::int32_t>{0, 0, 16, 16, 16, 16}));
            QVERIFY(std::abs(sample.trace.flops / stored.summary.cost.executedFlops - 1) < 1e-9);
        }
        const ExecutedWork& work = stored.summary.work.members.at('S');
        QCOMPARE(work.sampleCalls, 8);
        QCOMPARE(work.draws, 8 * 16);
        QCOMPARE(stored.provenance.members[0].kind, GenerationKind::Calm);
        QCOMPARE(made.summary.kind, GenerationKind::Calm);
        QCOMPARE(store.list(1).front().kind, GenerationKind::Calm);
        QCOMPARE(stored.provenance.members[1].chunk, 4);
        QCOMPARE(stored.summary.work.batch, 1);
        const RerunResult result = rerunAndCompare(stored, calm.pool, nobody, {});
        QVERIFY2(result.identical, result.firstDifference.c_str());
        QCOMPARE(result.compared, 4);
        Run changed = stored;
        changed.samples[2].trace.chunkDraws[3] = 15;
        QVERIFY(rerunAndCompare(changed, calm.pool, nobody, {}).firstDifference.find("draws") !=
                std::string::npos);
    }

    void aRunThatWasInterruptedGoesOnToTheSameBytes() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        CalmPool calm;
        RunObserver nobody;
        GenerationMeans means{.pool = &calm.pool, .store = &store, .samplesAtMost = 2};
        const Run part = runGeneration(mixedRequest(), means, nobody, {});
        QCOMPARE(part.summary.state, RunState::Stopped);
        means.unfinished = part.summary.id;
        means.samplesAtMost = 0;
        const Run whole = runGeneration(mixedRequest(), means, nobody, {});
        QCOMPARE(whole.summary.id, part.summary.id);
        means.store = nullptr;
        means.unfinished = 0;
        const Run atOnce = runGeneration(mixedRequest(), means, nobody, {});
        for (std::size_t i = 0; i < 4; ++i) {
            QCOMPARE(whole.samples[i].trace.tokens, atOnce.samples[i].trace.tokens);
            QCOMPARE(whole.samples[i].trace.logProbability, atOnce.samples[i].trace.logProbability);
        }
        QCOMPARE(store.summary(whole.summary.id).work.members.at('F').draws,
                 atOnce.summary.work.members.at('F').draws);
    }

    /// Finished samples stay where a later one's draws would not end.
    void theLimitOfDrawsEndsARunAndLosesNothing() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        CalmPool calm("calm_k2");
        RunObserver nobody;
        GenerationRequest request;
        request.schedule = parseSchedule("F2");
        request.length = 4;
        request.samples = 50;
        request.prompt = "ab";
        request.temperature = 0.5;
        request.temperatureMethod = TemperatureMethod::Exact;
        request.mostDraws = 60;
        for (request.seed = 1; request.seed < 20; ++request.seed) {
            expectError(
                [&] {
                    runGeneration(request, {&calm.pool, nullptr, &store, 1}, nobody, {});
                },
                ErrorKind::Request, {"60 draws", "--fall-back"});
            const RunSummary kept = store.list(1).at(0);
            QCOMPARE(kept.state, RunState::CutOff);
            if (kept.finishedSamples > 0)
                return;
        }
        QFAIL("no seed finished a sample");
    }
};

QTEST_GUILESS_MAIN(TestCalmRuns)
#include "test_calm_runs.moc"
