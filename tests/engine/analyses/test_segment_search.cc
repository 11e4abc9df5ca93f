// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/segment_search.h"
#include "engine/runs/run_store.h"
#include "engine/schedule/segment_schedules.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// H writes a…m, L writes the whole alphabet: the reader, who knows a…m, finds L's letters unlikely.
FakeDenoiser::Rule upTo(int letters) {
    return [letters](std::span<const std::int32_t>, float, int, std::span<float> logits) {
        for (std::size_t i = 0; i < logits.size(); ++i)
            logits[i] = static_cast<int>(i) < letters ? 0.0f : -30.0f;
    };
}

ModelPool makePool() {
    return ModelPool({{{'H', "heavy", "checkpoints/heavy", Precision::F32, "heavy-sha"},
                       std::make_shared<FakeDenoiser>(27, 64, 4, upTo(13))},
                      {{'L', "light", "checkpoints/light", Precision::F32, "light-sha"},
                       std::make_shared<FakeDenoiser>(27, 64, 2, upTo(26))}},
                     makeLetterTokenizer(26));
}

Evaluator makeReader(const std::string& sha256 = "reader-sha") {
    return Evaluator(
        "reader", sha256,
        std::make_shared<FakeCausal>(26, 64, [](auto, std::int32_t token) { return token < 13 ? 2.6 : 6.0; }),
        makeLetterTokenizer(26));
}

GenerationRequest wanted() {
    GenerationRequest request = makeRequest();
    request.samples = 12;
    return request;
}

const SegmentPlan kPlan{.steps = 16, .segments = 4, .light = 1};

/// Counts what was made and what was found; stops before a run when told to.
class Witness : public SearchObserver {
public:
    int made = 0, known = 0;
    int stopAt = -1;
    std::stop_source stop;
    std::vector<std::size_t> sizes;

    void beginning(const SearchPart& part) override {
        ++(part.known ? known : made);
        ++m_part;
    }
    void generating(double share) override {
        if (m_part == stopAt && share > 0.4)
            stop.request_stop();
    }
    void advanced(double share) override {
        QVERIFY2(share >= m_share - 1e-12 && share <= 1 + 1e-12, "the share of the search falls");
        m_share = share;
    }
    void measured(const SearchResult& result) override { sizes.push_back(result.entries.size()); }
    double share() const { return m_share; }

private:
    int m_part = -1;
    double m_share = 0;
};

SearchResult search(RunStore& store, Witness& witness, const std::string& reader = "reader-sha") {
    ModelPool pool = makePool();
    const Evaluator evaluator = makeReader(reader);
    const GenerationMeans means{.pool = &pool, .evaluator = &evaluator, .store = &store, .threads = 1};
    const std::vector<StepSchedule> schedules = segmentSchedules(kPlan, 100, 1);
    return searchSchedules(wanted(), StepSchedule::all('H', 16), schedules, means, {.on = false}, witness,
                           witness.stop.get_token());
}

/// L is almost as good as H, but for the last quarter of a run, where it is far worse.
SearchResult searchUneven(RunStore& store, Witness& witness, bool stopEarly = false) {
    const auto light = [](auto tokens, float sigma, int position, std::span<float> logits) {
        const double time = 1 - std::exp(-sigma);
        upTo(time > 0.75 ? 14 : time > 0.25 ? 15 : 26)(tokens, sigma, position, logits);
    };
    ModelPool pool({{{'H', "heavy", "checkpoints/heavy", Precision::F32, "heavy-sha"},
                     std::make_shared<FakeDenoiser>(27, 64, 4, upTo(13))},
                    {{'L', "light", "checkpoints/light", Precision::F32, "light-sha"},
                     std::make_shared<FakeDenoiser>(27, 64, 2, light)}},
                   makeLetterTokenizer(26));
    const Evaluator evaluator = makeReader();
    const GenerationMeans means{.pool = &pool, .evaluator = &evaluator, .store = &store, .threads = 1};
    GenerationRequest request = wanted();
    request.samples = 32;
    return searchSchedules(request, StepSchedule::all('H', 16), segmentSchedules(kPlan, 100, 1), means,
                           {.on = stopEarly}, witness, witness.stop.get_token());
}

std::vector<std::string> table(const SearchResult& result) {
    std::vector<std::string> rows;
    for (const SearchEntry& entry : result.entries)
        rows.push_back(printSchedule(entry.schedule) + " " + std::to_string(entry.run) + " " +
                       QByteArray::number(entry.natsPerToken.value, 'g', 17).toStdString() + " " +
                       QByteArray::number(entry.natsPerToken.low, 'g', 17).toStdString() + " " +
                       QByteArray::number(entry.adjustedP, 'g', 17).toStdString());
    return rows;
}

} // namespace

class TestSegmentSearch : public QObject {
    Q_OBJECT
private slots:
    void everyScheduleIsHeldAgainstTheBaseline() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        Witness witness;
        const SearchResult result = search(store, witness);
        QVERIFY(!result.stopped);
        QCOMPARE(result.entries.size(), std::size_t{4});
        QCOMPARE(witness.made, 5); // the baseline too
        QCOMPARE(witness.sizes, (std::vector<std::size_t>{1, 2, 3, 4}));
        QCOMPARE(store.count(), 5);
        for (const SearchEntry& entry : result.entries) {
            // About a quarter of the tokens is L's, of which half cost 3.4 nats more.
            QVERIFY(entry.natsPerToken.low > 0);
            QVERIFY(std::abs(entry.natsPerToken.value - 3.4 / 8) < 0.25);
            QCOMPARE(entry.natsPerToken.n, 12);
            QVERIFY(entry.adjustedP < 0.05);
            QVERIFY(std::abs(entry.perplexityRatio.value - std::exp(entry.natsPerToken.value)) < 1e-9);
            QVERIFY(store.summary(entry.run).request.schedule == entry.schedule);
        }
        QVERIFY(std::ranges::is_sorted(result.entries, {},
                                       [](const SearchEntry& entry) { return entry.natsPerToken.value; }));
    }

    void whatIsThereIsNotMadeAgain() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        Witness first, second, third;
        const SearchResult result = search(store, first);
        QCOMPARE(table(search(store, second)), table(result));
        QCOMPARE(second.made, 0);
        QCOMPARE(second.known, 5);
        QCOMPARE(store.count(), 5);
        // Another evaluator judges other figures.
        search(store, third, "another-sha");
        QCOMPARE(third.made, 5);
    }

    void aSearchThatWasStoppedComesToTheSameTable() {
        const TemporaryFolder folder;
        RunStore broken(folder / "broken.sqlite"), whole(folder / "whole.sqlite");
        Witness stopped;
        stopped.stopAt = 2;
        const SearchResult partial = search(broken, stopped);
        QVERIFY(partial.stopped);
        QCOMPARE(partial.entries.size(), std::size_t{1});
        QCOMPARE(broken.summary(3).state, RunState::Stopped);
        Witness resumed, unbroken;
        const SearchResult result = search(broken, resumed);
        QCOMPARE(resumed.known, 2);
        QCOMPARE(broken.count(), 5);
        QCOMPARE(table(result), table(search(whole, unbroken)));
    }

    void whatIsSurelyWorseGetsNoMoreSamples() {
        const TemporaryFolder folder;
        RunStore early(folder / "early.sqlite"), whole(folder / "whole.sqlite");
        Witness first, second;
        const SearchResult dropping = searchUneven(early, first, true), all = searchUneven(whole, second);
        QVERIFY(!dropping.stopped);
        QCOMPARE(first.share(), 1.0);
        QCOMPARE(dropping.entries.size(), std::size_t{4});
        QVERIFY(dropping.entries.front().schedule == all.entries.front().schedule);
        QVERIFY(!dropping.entries.front().dropped);
        QVERIFY(dropping.entries.front().natsPerToken == all.entries.front().natsPerToken);
        const SearchEntry& last = dropping.entries.back();
        QCOMPARE(printSchedule(last.schedule), std::string("(H12,L4)"));
        QVERIFY(last.dropped);
        QCOMPARE(last.natsPerToken.n, 8);
        QCOMPARE(early.summary(last.run).state, RunState::Stopped);
        QCOMPARE(early.summary(last.run).finishedSamples, 8);
        QCOMPARE(early.load(last.run).summary.measure("generative_perplexity")->estimate.n, 8);
        for (const SearchEntry& entry : all.entries)
            QVERIFY(!entry.dropped && entry.natsPerToken.n == 32);
    }

    void aSearchWithDroppedSchedulesComesToTheSameTableWhereverItWasStopped_data() {
        QTest::addColumn<int>("part");
        for (const int part : {0, 2, 4, 6, 8})
            QTest::addRow("part %d", part) << part;
    }
    void aSearchWithDroppedSchedulesComesToTheSameTableWhereverItWasStopped() {
        QFETCH(int, part);
        const TemporaryFolder folder;
        RunStore broken(folder / "broken.sqlite"), whole(folder / "whole.sqlite");
        Witness stopped, resumed, again, unbroken;
        stopped.stopAt = part;
        QVERIFY(searchUneven(broken, stopped, true).stopped);
        const SearchResult result = searchUneven(broken, resumed, true);
        QVERIFY(result == searchUneven(whole, unbroken, true));
        QCOMPARE(broken.count(), 5);
        QVERIFY(searchUneven(broken, again, true) == result);
        QCOMPARE(again.made, 0);
    }

    void aDroppedScheduleGoesOnWhenAllSamplesAreWanted() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite"), whole(folder / "whole.sqlite");
        Witness first, second, third;
        const SearchResult dropping = searchUneven(store, first, true), all = searchUneven(store, second);
        const auto dropped = std::ranges::count(dropping.entries, true, &SearchEntry::dropped);
        QVERIFY(dropped > 0 && dropped < 4);
        QCOMPARE(second.made, dropped);
        QCOMPARE(second.known, 5 - dropped);
        QCOMPARE(store.count(), 5);
        QVERIFY(all == searchUneven(whole, third));
        QCOMPARE(store.summary(dropping.entries.back().run).state, RunState::Finished);
        // More samples than the look had change nothing of it.
        Witness fourth;
        QVERIFY(searchUneven(store, fourth, true) == dropping);
    }

    void stagesDoubleUpToWhatIsAskedFor() {
        QCOMPARE(searchStages(50, {.on = true}), (std::vector<int>{8, 16, 32, 50}));
        QCOMPARE(searchStages(8, {.on = true}), std::vector<int>{8});
        QCOMPARE(searchStages(50, {.on = false}), std::vector<int>{50});
    }

    void withoutAJudgeThereIsNoSearch() {
        ModelPool pool = makePool();
        Witness witness;
        const GenerationMeans means{.pool = &pool};
        expectError(
            [&] {
                searchSchedules(wanted(), StepSchedule::all('H', 16), segmentSchedules(kPlan, 9, 1), means,
                                {}, witness, {});
            },
            ErrorKind::Request, {"evaluator"});
    }
};

QTEST_APPLESS_MAIN(TestSegmentSearch)
#include "test_segment_search.moc"
