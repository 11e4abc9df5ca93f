// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_json.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <regex>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::int64_t begin(RunStore& store) { return store.begin(makeFullRequest(), makeProvenance(), makeCost()); }

} // namespace

class TestRunStore : public QObject {
    Q_OBJECT

private slots:
    void aBranchKnowsItsParentEvenWhenThatIsGone() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t parent = begin(store);
        GenerationRequest request = makeRequest();
        request.branch = branchFrom(makeRequest(), parent, makeSample(2).trace, 26, 9);
        writeToken(*request.branch, 3, 7);
        const std::int64_t first = store.begin(request, makeProvenance(), makeCost());
        const std::int64_t second = store.begin(request, makeProvenance(), makeCost());
        QCOMPARE(store.branchesOf(parent), (std::vector{first, second}));
        QVERIFY(store.branchesOf(first).empty());
        store.remove(parent);
        const RunSummary branch = store.summary(second);
        QVERIFY(branch.request == request);
        QCOMPARE(branch.request.branch->parent, parent);
        QCOMPARE(store.branchesOf(parent).size(), std::size_t{2});
        QVERIFY(begin(store) > second); // an id is never given twice
    }

    void scoresOfSamplesComeBack() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = begin(store);
        std::vector<RunSample> samples{makeSample(0), makeSample(1), makeSample(2)};
        for (const RunSample& sample : samples)
            store.addSample(id, sample);
        samples[0].score = {12.5, 23};
        samples[2].score = {std::numeric_limits<double>::quiet_NaN(), 4};
        store.setScores(id, samples);
        const Run run = store.load(id);
        QVERIFY(run.samples[0].score == samples[0].score);
        QCOMPARE(run.samples[0].score->perplexity(), std::exp(12.5 / 23));
        QVERIFY(!run.samples[1].score);
        QVERIFY(std::isnan(run.samples[2].score->nats) && run.samples[2].score->tokens == 4);
        samples[0].score.reset();
        store.setScores(id, samples);
        QVERIFY(!store.load(id).samples[0].score);
        samples[0].trace.index = 9;
        expectError([&] { store.setScores(id, samples); }, ErrorKind::Store, {"no run"});
    }

    void everyFieldOfARunComesBack() {
        const TemporaryFolder folder;
        const Measure measure{"generative_perplexity",
                              {21.5, 19.25, 24.125, 3},
                              "",
                              "exp of a mean",
                              {{"evaluator", "reader"}, {"stride", 128}},
                              1.5};
        std::int64_t id = 0;
        {
            RunStore store(folder / "runs.sqlite");
            id = begin(store);
            for (const int index : {1, 0, 2}) // finished in any order
                store.addSample(id, makeSample(index));
            store.finish(id, RunState::Finished, 12.5);
            store.addMeasure(id, measure);
            store.setNote(id, "a “note”");
        }
        const Run run = RunStore(folder / "runs.sqlite").load(id);
        QCOMPARE(run.summary.id, id);
        QCOMPARE(run.summary.state, RunState::Finished);
        QVERIFY(std::regex_match(run.summary.started, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")));
        QVERIFY(run.summary.request == makeFullRequest());
        QCOMPARE(nlohmann::json(run.summary.cost), nlohmann::json(makeCost()));
        QCOMPARE(nlohmann::json(run.provenance), nlohmann::json(makeProvenance()));
        QCOMPARE(run.summary.finishedSamples, 3);
        QCOMPARE(run.summary.executedFlops, 1.1e9 * (2 + 1 + 3));
        QCOMPARE(run.summary.seconds, 12.5);
        QCOMPARE(run.summary.calls, (std::map<char, std::int64_t>{{'H', 7 + 8 + 9}, {'L', 9}}));
        QCOMPARE(run.summary.measures, std::vector{measure});
        QCOMPARE(run.summary.note, std::string("a “note”"));
        QCOMPARE(run.samples.size(), std::size_t{3});
        for (int index = 0; index < 3; ++index)
            QVERIFY(run.samples[static_cast<std::size_t>(index)] == makeSample(index));
    }

    void workIsOfTheWholeRunAndTheLatestCountHolds() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = begin(store), other = begin(store);
        RunWork early = makeWork();
        early.members['H'].rows = 1;
        store.addSample(id, makeSample(0), early);
        QVERIFY(store.summary(id).work == early); // a run cut off here had done this
        store.addSample(id, makeSample(1));       // whoever counts nothing takes nothing away
        QVERIFY(store.summary(id).work == early);
        store.finish(id, RunState::Stopped, 1, makeWork());
        QVERIFY(store.summary(id).work == makeWork());
        QVERIFY(store.list()[1].work == makeWork());
        QVERIFY(store.summary(other).work == RunWork{});
        store.remove(id);
        QVERIFY(store.list()[0].work == RunWork{});
    }

    void summaryIsTheOneOfTheList() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t first = begin(store);
        const std::int64_t second = begin(store);
        store.addSample(first, makeSample(0));
        store.addMeasure(first, {"entropy", {1, 0, 2, 2}, "nats", "mean", {}, 0});
        const std::vector<RunSummary> list = store.list();
        QCOMPARE(list.size(), std::size_t{2});
        QCOMPARE(list[0].id, second); // newest first
        QCOMPARE(list[1].id, first);
        QCOMPARE(list[1].finishedSamples, 1);
        QCOMPARE(list[1].calls, store.summary(first).calls);
        QCOMPARE(list[1].measures, store.summary(first).measures);
        QVERIFY(list[0].measures.empty() && list[0].calls.empty());
        QVERIFY(list[1].measure("entropy") != nullptr);
        QVERIFY(list[1].measure("generative_perplexity") == nullptr);
    }

    void limitGivesTheNewest() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        std::vector<std::int64_t> ids;
        for (int i = 0; i < 10; ++i) {
            ids.push_back(begin(store));
            store.addSample(ids.back(), makeSample(i));
        }
        store.remove(ids[8]);
        const std::vector<RunSummary> list = store.list(3);
        QCOMPARE(list.size(), std::size_t{3});
        QCOMPARE(list[0].id, ids[9]);
        QCOMPARE(list[2].id, ids[6]);
        QCOMPARE(list[2].calls.at('H'), 7 + 6);
        QCOMPARE(store.count(), 9);
        QVERIFY(store.list(0).empty());
    }

    void measureOfTheSameNameIsReplaced() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = begin(store);
        store.addMeasure(id, {"a", {1, 0, 2, 2}, "", "", {}, 0});
        store.addMeasure(id, {"b", {1, 0, 2, 2}, "", "", {}, 0});
        const Measure again{"a", {5, 4, 6, 9}, "nats", "other", {{"k", 1}}, 2};
        store.addMeasure(id, again);
        const RunSummary summary = store.summary(id);
        QCOMPARE(summary.measures.size(), std::size_t{2});
        QCOMPARE(summary.measures[0], again);
    }

    void whatIsNoNumberComesBackAsNone() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = begin(store);
        constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        store.addMeasure(id, {"none", {kNaN, kNaN, kNaN, 0}, "", "", {}, 0});
        store.addMeasure(id, {"one", {3, -kInfinity, kInfinity, 1}, "", "", {}, 0});
        const RunSummary summary = store.summary(id);
        QVERIFY(std::isnan(summary.measure("none")->estimate.value));
        QVERIFY(std::isnan(summary.measure("none")->estimate.low));
        QCOMPARE(summary.measure("one")->estimate, (Estimate{3, -kInfinity, kInfinity, 1}));
    }

    void removedRunTakesItsSamplesAlongAndItsNumberStaysUnused() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = begin(store);
        store.addSample(id, makeSample(0));
        store.addMeasure(id, {"a", {1, 0, 2, 2}, "", "", {}, 0});
        store.remove(id);
        QCOMPARE(store.count(), 0);
        const std::int64_t next = begin(store);
        QVERIFY(next > id);
        QVERIFY(store.load(next).samples.empty());
        QVERIFY(store.summary(next).measures.empty());
    }

    void runThatIsNotThereIsSaidByNumber() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        for (const auto& action : std::vector<std::function<void()>>{
                 [&] { store.summary(41); }, [&] { store.load(41); }, [&] { store.remove(41); },
                 [&] { store.setNote(41, "x"); }, [&] { store.finish(41, RunState::Finished, 1); },
                 [&] { store.addSample(41, makeSample(0)); },
                 [&] {
                     store.addMeasure(41, {"a", {}, "", "", {}, 0});
                 }})
            expectError(action, ErrorKind::Store, {"run 41", "runs.sqlite"});
    }

    void sampleTwiceIsRefusedAndCountedOnce() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = begin(store);
        store.addSample(id, makeSample(0));
        expectError([&] { store.addSample(id, makeSample(0)); }, ErrorKind::Store, {"sample 0"});
        QCOMPARE(store.summary(id).finishedSamples, 1);
        QCOMPARE(store.summary(id).calls.at('H'), 7);
    }

    void runningRunKnowsTheTimeOfItsLastSample() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = begin(store);
        QCOMPARE(store.summary(id).state, RunState::Running);
        QCOMPARE(store.summary(id).seconds, 0.0);
        store.addSample(id, makeSample(0));
        QVERIFY(store.summary(id).seconds > 0);
    }

    void changesOfOthersAndOwnMoveTheCounter() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        RunStore other(folder / "runs.sqlite");
        const std::int64_t atFirst = store.changeCounter();
        QCOMPARE(store.changeCounter(), atFirst);
        const std::int64_t id = begin(other);
        const std::int64_t afterOther = store.changeCounter();
        QVERIFY(afterOther > atFirst);
        QCOMPARE(store.changeCounter(), afterOther);
        store.setNote(id, "mine");
        QVERIFY(store.changeCounter() > afterOther);
    }

    void storeCanBeMoved() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        begin(store);
        RunStore moved(std::move(store));
        QCOMPARE(moved.count(), 1);
        QCOMPARE(moved.file(), folder / "runs.sqlite");
    }

    void defaultFileLiesInTheDataFolderOfTheUser() {
        const TemporaryFolder folder;
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString((folder / "data").string()));
        QCOMPARE(defaultStoreFile(), folder / "data" / "steploom" / "runs.sqlite");
        QVERIFY(std::filesystem::is_directory(folder / "data" / "steploom"));
        qputenv("XDG_DATA_HOME", "relative/counts/as/none");
        qputenv("HOME", QByteArray::fromStdString((folder / "home").string()));
        QCOMPARE(defaultStoreFile(), folder / "home" / ".local" / "share" / "steploom" / "runs.sqlite");
        writeText(folder / "file", "");
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString((folder / "file").string()));
        expectError([] { defaultStoreFile(); }, ErrorKind::Store, {"file/steploom"});
        qunsetenv("XDG_DATA_HOME");
        qunsetenv("HOME");
        expectError([] { defaultStoreFile(); }, ErrorKind::Store, {"HOME"});
    }
};

QTEST_GUILESS_MAIN(TestRunStore)
#include "test_run_store.moc"
