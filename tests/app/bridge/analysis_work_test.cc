// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/analysis_work.h"
#include "tests/testing/fake_models.h"

#include <QTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kLength = 32;

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

/// First-hitting: 32 calls a sample, whatever the schedule.
GenerationRequest makeRequest() {
    GenerationRequest request;
    request.pool = makePool().specs();
    request.schedule = StepSchedule::all('H', 100);
    request.length = kLength;
    request.samples = 10;
    request.sampler = Sampler::FirstHitting;
    return request;
}

/// A call of H takes 0.5 s, one of L 0.1 s.
CallTimes timed() {
    CallTimes times;
    times.learnPool(makePool(), kLength, {{0.5}, {0.1}});
    return times;
}

bool near(std::optional<double> value, double expected) {
    return value && std::abs(*value - expected) < 1e-6 * expected;
}

} // namespace

class AnalysisWorkTest : public QObject {
    Q_OBJECT

private slots:
    void aSearchIsItsBaselineAndEverySchedule() {
        const AnalysisWork work = workOf(makeRequest(), SearchOrder{}, makePool(), timed());
        QCOMPARE(work.schedules, std::uint64_t{45});
        QVERIFY(work.atMost);
        QVERIFY(work.flops > 0);
        // Ten samples of 32 calls: 16 s on H alone, 20% of the calls on L otherwise.
        const double baseline = 10 * 32 * 0.5, other = 10 * 32 * (0.8 * 0.5 + 0.2 * 0.1);
        QVERIFY(near(work.seconds, baseline + 45 * other));
        const AnalysisWork some =
            workOf(makeRequest(), SearchOrder{.most = 7, .stopEarly = false}, makePool(), timed());
        QCOMPARE(some.schedules, std::uint64_t{7});
        QVERIFY(!some.atMost);
        QVERIFY(near(some.seconds, baseline + 7 * other));
    }

    void whatIsOutOfRangeComesToNothing() {
        QCOMPARE(workOf(makeRequest(), SearchOrder{.segments = 101}, makePool(), timed()).schedules,
                 std::uint64_t{0});
        QCOMPARE(workOf(makeRequest(), SearchOrder{.light = 11}, makePool(), timed()).schedules,
                 std::uint64_t{0});
        GenerationRequest alone = makeRequest();
        alone.pool.pop_back();
        QCOMPARE(workOf(alone, SearchOrder{}, makePool(), timed()).schedules, std::uint64_t{0});
    }

    void aFrontierIsEveryScheduleAtEveryTemperature() {
        const FrontierOrder order{{StepSchedule::all('H', 100), StepSchedule::all('L', 100)}, {0.6, 0.8, 1}};
        const AnalysisWork work = workOf(makeRequest(), order, makePool(), timed());
        QVERIFY(near(work.seconds, 3 * 10 * 32 * (0.5 + 0.1)));
        QVERIFY(!workOf(makeRequest(), order, makePool(), CallTimes()).seconds);
        QVERIFY(workOf(makeRequest(), order, makePool(), CallTimes()).flops > 0);
    }

    void importanceCallsEveryMemberAtEveryTimeOfEveryWindow() {
        const ImportanceOrder order{{}, {.times = 4, .windows = 8, .length = kLength}};
        const AnalysisWork work = workOf(makeRequest(), order, makePool(), timed());
        QCOMPARE(work.schedules, std::uint64_t{0});
        // Half of the rows pass the output layer, so a call takes longer than one that reveals a token.
        QVERIFY(work.seconds && *work.seconds > 4 * 8 * (0.5 + 0.1));
        QVERIFY(!workOf(makeRequest(), ImportanceOrder{}, makePool(), timed()).seconds); // another length
    }

    void theRateIsThatOfTheLastMinute() {
        ShareRate rate;
        QVERIFY(!rate.secondsLeft());
        // Half of it was in the store: it went by in a second.
        for (int i = 0; i <= 10; ++i)
            rate.report(0.05 * i, 0.1 * i);
        QVERIFY(!rate.secondsLeft());
        for (int second = 2; second <= 100; ++second)
            rate.report(0.5 + 0.001 * (second - 1), second);
        QVERIFY(near(rate.secondsLeft(), (1 - 0.599) / 0.001));
        rate.report(0.1, 101); // begun anew
        QVERIFY(!rate.secondsLeft());
        QCOMPARE(rate.share(), 0.1);
    }

    void longPartsAreTimedToo() {
        ShareRate rate;
        rate.report(0, 0);
        rate.report(0.25, 300);
        QVERIFY(near(rate.secondsLeft(), 900));
        rate.report(0.5, 600);
        QVERIFY(near(rate.secondsLeft(), 600));
    }
};

QTEST_GUILESS_MAIN(AnalysisWorkTest)
#include "analysis_work_test.moc"
