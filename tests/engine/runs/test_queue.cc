// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "engine/sampling/masked_diffusion.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/paths.h"

#include <QtTest>
#include <SQLiteCpp/Database.h>

#include <array>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Generations named after their letters, each with a seed of its own.
std::vector<WantedGeneration> wanted(const std::string& letters) {
    std::vector<WantedGeneration> all;
    for (const char letter : letters) {
        all.push_back({std::string(1, letter), makeRequest()});
        all.back().request.seed = static_cast<std::uint64_t>(letter);
    }
    return all;
}

/// "abc": the names in order.
std::string names(const RunStore& store) {
    std::string all;
    for (const QueuedGeneration& item : store.listQueue())
        all += item.name;
    return all;
}

/// Stops after so many stored samples.
class StopAfter : public RunObserver {
public:
    explicit StopAfter(int samples) : m_left(samples) {}
    void stored(const RunSample&) override {
        if (--m_left == 0)
            stop.request_stop();
    }
    std::stop_source stop;

private:
    int m_left;
};

struct Bench {
    TemporaryFolder folder;
    RunStore store{folder / "runs.sqlite"};
    ModelPool pool = makeFakePool();
    GenerationMeans means{.pool = &pool, .store = &store, .threads = 1};

    /// Runs the next item of the queue, stopped after so many samples (0: not).
    Run runNext(int stopAfter = 0) {
        StopAfter observer(stopAfter);
        return runQueued(store.claimQueued().value(), means, observer, observer.stop.get_token());
    }
};

} // namespace

class TestQueue : public QObject {
    Q_OBJECT

private slots:
    void whatIsAddedIsListedInOrderByEveryStore() {
        Bench bench;
        const std::vector<std::int64_t> ids = bench.store.addToQueue(wanted("abc"));
        QCOMPARE(ids.size(), std::size_t{3});
        bench.store.addToQueue(wanted("d"));
        const RunStore other(bench.folder / "runs.sqlite");
        QCOMPARE(names(other), std::string("abcd"));
        const QueuedGeneration item = other.listQueue()[1];
        QCOMPARE(item.id, ids[1]);
        QCOMPARE(item.state, QueueState::Waiting);
        QCOMPARE(item.run, std::int64_t{0});
        QVERIFY(item.request == wanted("b")[0].request);
        QCOMPARE(item.added.size(), std::string("2026-01-31T12:00:00Z").size());
    }

    void itemsMoveTogetherBeforeAnotherOneOrToTheEnd() {
        Bench bench;
        const std::vector<std::int64_t> id = bench.store.addToQueue(wanted("abcdef"));
        bench.store.moveInQueue(std::array{id[3], id[4]}, id[0]);
        QCOMPARE(names(bench.store), std::string("deabcf"));
        bench.store.moveInQueue(std::array{id[0], id[3]}, 0);
        QCOMPARE(names(bench.store), std::string("ebcfad"));
        // Before one that moves too: before what follows it.
        bench.store.moveInQueue(std::array{id[5], id[1]}, id[1]);
        QCOMPARE(names(bench.store), std::string("efbcad"));
        bench.store.addToQueue(wanted("g"));
        QCOMPARE(names(bench.store), std::string("efbcadg"));
        expectError(
            [&] {
                bench.store.moveInQueue(std::array{id[0], std::int64_t{99}}, 0);
            },
            ErrorKind::Store, {"no item 99"});
        expectError([&] { bench.store.moveInQueue(std::array{id[0]}, 99); }, ErrorKind::Store,
                    {"no item 99"});
        QCOMPARE(names(bench.store), std::string("efbcadg"));
    }

    void whatIsCancelledComesBackInItsPlace() {
        Bench bench;
        const std::vector<std::int64_t> id = bench.store.addToQueue(wanted("abcd"));
        const std::vector<QueuedGeneration> removed =
            bench.store.removeFromQueue(std::array{id[1], id[2], std::int64_t{99}});
        QCOMPARE(removed.size(), std::size_t{2});
        QCOMPARE(names(bench.store), std::string("ad"));
        bench.store.restoreToQueue(removed);
        QCOMPARE(names(bench.store), std::string("abcd"));
        QVERIFY(bench.store.listQueue()[1].sameAs(removed[0]));
        QVERIFY(bench.store.listQueue()[1].request == removed[0].request);
    }

    void anItemIsClaimedOnceAndCanBeGivenBack() {
        Bench bench;
        const std::vector<std::int64_t> id = bench.store.addToQueue(wanted("ab"));
        RunStore other(bench.folder / "runs.sqlite");
        QCOMPARE(bench.store.claimQueued()->id, id[0]);
        QCOMPARE(other.claimQueued()->id, id[1]);
        QVERIFY(!bench.store.claimQueued());
        QVERIFY(bench.store.listQueue()[0].here);
        other.releaseQueued(id[0]);
        QCOMPARE(bench.store.listQueue()[0].state, QueueState::Waiting);
        other.releaseQueued(id[0]); // waits already
        QCOMPARE(bench.store.claimQueued()->id, id[0]);
    }

    void anItemOfAProcessThatIsGoneWaitsAgain() {
        Bench bench;
        const std::vector<std::int64_t> id = bench.store.addToQueue(wanted("a"));
        const auto abandon = [&] {
            QVERIFY(bench.store.claimQueued());
            SQLite::Database(bench.store.file().string(), SQLite::OPEN_READWRITE)
                .exec("UPDATE queue SET boot_id = 'an earlier one'");
        };
        abandon();
        QCOMPARE(RunStore(bench.store.file()).listQueue()[0].state, QueueState::Waiting);
        abandon();
        QCOMPARE(bench.store.claimQueued()->id, id[0]);
        bench.store.releaseQueued(id[0]);
        abandon();
        bench.store.releaseAbandonedQueue();
        QCOMPARE(bench.store.listQueue()[0].state, QueueState::Waiting);
    }

    void aFinishedItemLeavesTheQueueAndItsRunIsThere() {
        Bench bench;
        bench.store.addToQueue(wanted("ab"));
        const Run run = bench.runNext();
        QCOMPARE(run.summary.state, RunState::Finished);
        QCOMPARE(names(bench.store), std::string("b"));
        QCOMPARE(bench.store.summary(run.summary.id).request.seed, std::uint64_t{'a'});
    }

    void aStoppedItemGoesOnWhereItWasBitForBit() {
        Bench bench;
        bench.store.addToQueue(wanted("a"));
        const Run stopped = bench.runNext(2);
        QCOMPARE(stopped.summary.state, RunState::Stopped);
        const QueuedGeneration waiting = bench.store.listQueue().at(0);
        QCOMPARE(waiting.state, QueueState::Waiting);
        QCOMPARE(waiting.run, stopped.summary.id);
        QVERIFY(waiting.finishedSamples >= 2 && waiting.finishedSamples < 5);

        const Run whole = bench.runNext();
        QCOMPARE(whole.summary.id, stopped.summary.id);
        QVERIFY(bench.store.listQueue().empty());
        const Run stored = bench.store.load(whole.summary.id);
        QCOMPARE(stored.summary.state, RunState::Finished);
        QCOMPARE(stored.summary.finishedSamples, 5);
        QVERIFY(stored.summary.seconds >= stopped.summary.seconds);
        QCOMPARE(stored.samples.size(), std::size_t{5});
        RunObserver nobody;
        const Run once = runGeneration(wanted("a")[0].request, {.pool = &bench.pool}, nobody, {});
        std::int64_t calls = 0;
        for (std::size_t i = 0; i < 5; ++i) {
            QVERIFY(stored.samples[i].trace.tokens == once.samples[i].trace.tokens);
            QVERIFY(stored.samples[i].trace.logProbability == once.samples[i].trace.logProbability);
            for (const auto& [letter, count] : stored.samples[i].trace.calls)
                calls += count;
        }
        // The work of both parts is counted, that of the sample which was begun twice included.
        std::int64_t counted = 0;
        for (const auto& [letter, work] : stored.summary.work.members)
            counted += work.sampleCalls;
        QVERIFY(counted >= calls);
        // The measures are of all samples.
        QVERIFY(stored.summary.measure("entropy"));
        QCOMPARE(stored.summary.measure("entropy")->estimate.value,
                 once.summary.measure("entropy")->estimate.value);
    }

    void thePlanOfAContinuedRunIsWhatIsLeft() {
        Bench bench;
        const GenerationRequest request = makeRequest();
        const PlannedWork all = planWork(request, bench.pool);
        const PlannedWork rest = planWork(request, bench.pool, std::array{0, 1, 2});
        const PlannedWork last = planWork(request, bench.pool, std::array{0, 1, 2, 3, 4});
        QVERIFY(rest.totalCalls > 0 && rest.totalCalls < all.totalCalls);
        QCOMPARE(last.totalCalls, std::int64_t{0});
        QCOMPARE(last.flops, 0.0);
        for (const PlannedWork& work : {all, rest})
            QCOMPARE(work.flopsByLetter.at('H') + work.flopsByLetter.at('L'), work.flops);
        GenerationRequest ranked = request;
        ranked.sampler = Sampler::Confidence;
        QCOMPARE(planWork(ranked, bench.pool, std::array{1}).totalCalls * 5,
                 planWork(ranked, bench.pool).totalCalls * 4);
    }

    void whatOtherCheckpointsMadeIsNotMixedIn() {
        Bench bench;
        bench.store.addToQueue(wanted("a"));
        const Run stopped = bench.runNext(2);
        bench.pool = makeFakePool("another-sha");
        const Run whole = bench.runNext();
        QVERIFY(whole.summary.id != stopped.summary.id);
        QCOMPARE(whole.samples.size(), std::size_t{5});
        QCOMPARE(bench.store.summary(stopped.summary.id).state, RunState::Stopped);
    }

    void anItemWhoseRunWasRemovedBeginsAnew() {
        Bench bench;
        bench.store.addToQueue(wanted("a"));
        const Run stopped = bench.runNext(2);
        bench.store.remove(stopped.summary.id);
        QCOMPARE(bench.store.listQueue()[0].run, std::int64_t{0});
        QCOMPARE(bench.runNext().samples.size(), std::size_t{5});
    }

    void aFailedItemSaysWhyAndDoesNotHoldUpTheOthers() {
        Bench bench;
        std::vector<WantedGeneration> both = wanted("ab");
        both[0].request.schedule = parseSchedule("(X4)");
        bench.store.addToQueue(both);
        expectError([&] { bench.runNext(); }, ErrorKind::Schedule, {"X"});
        const QueuedGeneration failed = bench.store.listQueue()[0];
        QCOMPARE(failed.state, QueueState::Failed);
        QVERIFY(QString::fromStdString(failed.error.why).contains("X"));
        QCOMPARE(bench.runNext().summary.request.seed, std::uint64_t{'b'});
        QVERIFY(!bench.store.claimQueued());
        bench.store.retryQueued(failed.id);
        QCOMPARE(bench.store.listQueue()[0].state, QueueState::Waiting);
        QVERIFY(bench.store.listQueue()[0].error.why.empty());
    }

    void aStopWhileMeasuringMeasuresWhenItsTurnComesAgain() {
        Bench bench;
        const Evaluator reader("reader", "reader-sha",
                               std::make_shared<FakeCausal>(26, 4, [](auto, std::int32_t) { return 2.0; }),
                               makeLetterTokenizer(26));
        bench.means.evaluator = &reader;
        std::vector<WantedGeneration> many = wanted("a");
        many[0].request.samples = 64; // scored in more than one call
        many[0].request.length = 60;
        bench.store.addToQueue(many);
        struct StopAtMeasuring : RunObserver {
            std::stop_source stop;
            void measuring(double) override { stop.request_stop(); }
        } observer;
        const Run unmeasured =
            runQueued(bench.store.claimQueued().value(), bench.means, observer, observer.stop.get_token());
        QCOMPARE(unmeasured.summary.state, RunState::Finished);
        QCOMPARE(names(bench.store), std::string("a"));
        const Run measured = bench.runNext();
        QCOMPARE(measured.summary.id, unmeasured.summary.id);
        QVERIFY(bench.store.summary(measured.summary.id).measure("generative_perplexity"));
        QVERIFY(bench.store.listQueue().empty());
    }

    void aCancelledItemThatIsRunningLeavesItsRunBehind() {
        Bench bench;
        bench.store.addToQueue(wanted("a"));
        const QueuedGeneration item = bench.store.claimQueued().value();
        QCOMPARE(bench.store.removeFromQueue(std::array{item.id}).size(), std::size_t{1});
        StopAfter observer(1);
        const Run run = runQueued(item, bench.means, observer, observer.stop.get_token());
        QVERIFY(bench.store.listQueue().empty());
        QCOMPARE(bench.store.summary(run.summary.id).state, RunState::Stopped);
    }

    void aDamagedItemIsNamedAndCanBeCancelled() {
        Bench bench;
        const std::vector<std::int64_t> id = bench.store.addToQueue(wanted("ab"));
        SQLite::Database(bench.store.file().string(), SQLite::OPEN_READWRITE)
            .exec("UPDATE queue SET request = '{' WHERE name = 'a'");
        const QueuedGeneration damaged = bench.store.listQueue().at(0);
        QCOMPARE(damaged.state, QueueState::Failed);
        QVERIFY(QString::fromStdString(damaged.error.where).endsWith("item 1"));
        QCOMPARE(bench.store.claimQueued()->id, id[1]);
        QCOMPARE(bench.store.removeFromQueue(std::array{id[0]}).size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestQueue)
#include "test_queue.moc"
