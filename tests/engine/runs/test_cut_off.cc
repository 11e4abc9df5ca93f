// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/process_identity.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QProcess>
#include <QtTest>
#include <SQLiteCpp/Database.h>

#include <array>
#include <memory>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::unique_ptr<QProcess> startWriter(const std::filesystem::path& file, const char* mode, int count) {
    auto process = std::make_unique<QProcess>();
    process->start(STEPLOOM_STORE_WRITER,
                   {QString::fromStdString(file.string()), mode, QString::number(count)});
    return process;
}

bool isWaiting(QProcess& process) {
    while (!process.canReadLine())
        if (!process.waitForReadyRead(60'000))
            return false;
    return process.readLine() == "waiting\n";
}

bool killed(QProcess& process) {
    process.kill(); // SIGKILL: nothing in the process can tidy up
    return process.waitForFinished(60'000) && process.exitStatus() == QProcess::CrashExit;
}

void changeWriter(const std::filesystem::path& file, const std::string& assignment) {
    SQLite::Database(file.string(), SQLite::OPEN_READWRITE).exec("UPDATE runs SET " + assignment);
}

} // namespace

class TestCutOff : public QObject {
    Q_OBJECT

private slots:
    void killedRunIsMarkedKeepsItsSamplesAndReruns() {
        const TemporaryFolder folder;
        const auto writer = startWriter(folder / "runs.sqlite", "wait", 3);
        QVERIFY(isWaiting(*writer));
        {
            // Its process lives: another program that opens the store leaves the run alone.
            RunStore store(folder / "runs.sqlite");
            QCOMPARE(store.list().at(0).state, RunState::Running);
        }
        QVERIFY(killed(*writer));

        RunStore store(folder / "runs.sqlite");
        const RunSummary summary = store.list().at(0);
        QCOMPARE(summary.state, RunState::CutOff);
        QCOMPARE(summary.finishedSamples, 3);
        QVERIFY(summary.seconds > 0);
        const Run run = store.load(summary.id);
        QCOMPARE(run.samples.size(), std::size_t{3});

        ModelPool pool = makeFakePool();
        GenerationObserver observer;
        const RerunResult again = rerunAndCompare(run, pool, observer, {});
        QVERIFY2(again.identical, again.firstDifference.c_str());
        QCOMPARE(again.compared, 3);
    }

    void aKilledItemOfTheQueueWaitsAgainAndOnlyItsMissingSamplesAreMade() {
        const TemporaryFolder folder;
        const std::vector<WantedGeneration> wanted{{"first", makeRequest()}, {"second", makeRequest()}};
        RunStore(folder / "runs.sqlite").addToQueue(wanted);
        const auto writer = startWriter(folder / "runs.sqlite", "queue", 3);
        QVERIFY(isWaiting(*writer));
        {
            RunStore store(folder / "runs.sqlite");
            const std::vector<QueuedGeneration> queue = store.listQueue();
            QCOMPARE(queue.size(), std::size_t{2});
            QCOMPARE(queue[0].state, QueueState::Running);
            QVERIFY(!queue[0].here);
            QCOMPARE(queue[0].finishedSamples, 3);
            // What another program runs is neither taken nor cancelled.
            QCOMPARE(store.claimQueued()->name, std::string("second"));
            expectError([&] { store.removeFromQueue(std::array{queue[0].id}); }, ErrorKind::Store,
                        {"cannot cancel", "is running it"});
            store.releaseQueued(queue[0].id);
            QCOMPARE(store.listQueue()[0].state, QueueState::Running);
            store.releaseQueued(queue[1].id);
        }
        QVERIFY(killed(*writer));

        RunStore store(folder / "runs.sqlite");
        QCOMPARE(store.listQueue()[0].state, QueueState::Waiting);
        const QueuedGeneration item = store.claimQueued().value();
        QCOMPARE(item.name, std::string("first"));
        ModelPool pool = makeFakePool();
        struct Counting : RunObserver {
            std::set<int> called, told;
            void stepped(const StepEvent& event) override { called.insert(event.sample); }
            void stored(const RunSample& sample) override { told.insert(sample.trace.index); }
        } observer;
        const GenerationMeans means{.pool = &pool, .store = &store, .threads = 1};
        runQueued(item, means, observer, {});
        QCOMPARE(observer.called.size(), std::size_t{2});
        QCOMPARE(observer.told.size(), std::size_t{5});

        QCOMPARE(store.count(), 1); // the same run, continued
        const Run run = store.load(item.run);
        QCOMPARE(run.summary.state, RunState::Finished);
        QCOMPARE(run.samples.size(), std::size_t{5});
        const RerunResult again = rerunAndCompare(run, pool, observer, {});
        QVERIFY2(again.identical, again.firstDifference.c_str());
        QCOMPARE(store.listQueue().size(), std::size_t{1});
    }

    void runOfThisProcessKeepsRunningForASecondStore() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.begin(makeRequest(), makeProvenance(), makeCost());
        QCOMPARE(RunStore(folder / "runs.sqlite").summary(id).state, RunState::Running);
    }

    void laterProcessWithTheSameNumberIsNotTakenForTheWriter() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.begin(makeRequest(), makeProvenance(), makeCost());
        changeWriter(folder / "runs.sqlite", "process_start = process_start - 1");
        QCOMPARE(RunStore(folder / "runs.sqlite").summary(id).state, RunState::CutOff);
    }

    void runFromBeforeARebootIsCutOff() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.begin(makeRequest(), makeProvenance(), makeCost());
        changeWriter(folder / "runs.sqlite", "boot_id = 'an earlier one'");
        QCOMPARE(RunStore(folder / "runs.sqlite").summary(id).state, RunState::CutOff);
    }

    void endedRunsAreNotMarked() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t finished = store.begin(makeRequest(), makeProvenance(), makeCost());
        const std::int64_t stopped = store.begin(makeRequest(), makeProvenance(), makeCost());
        store.finish(finished, RunState::Finished, 1);
        store.finish(stopped, RunState::Stopped, 1);
        changeWriter(folder / "runs.sqlite", "boot_id = 'an earlier one'");
        const RunStore again(folder / "runs.sqlite");
        QCOMPARE(again.summary(finished).state, RunState::Finished);
        QCOMPARE(again.summary(stopped).state, RunState::Stopped);
    }

    void endedButUncollectedProcessDoesNotRun() {
        QVERIFY(isRunning(thisProcess()));
        int ends[2];
        QCOMPARE(::pipe(ends), 0);
        const pid_t child = ::fork();
        QVERIFY(child >= 0);
        if (child == 0) {
            char byte = 0;
            ::_exit(::read(ends[0], &byte, 1) == 1 ? 0 : 1);
        }
        ProcessIdentity identity = thisProcess();
        identity.pid = child;
        // The start of the child: the one value for which it is found running.
        std::int64_t ticks = identity.startTicks;
        for (; ticks < identity.startTicks + 1'000'000; ++ticks)
            if (isRunning({child, ticks, identity.boot}))
                break;
        identity.startTicks = ticks;
        QVERIFY(isRunning(identity));
        QCOMPARE(::write(ends[1], "x", 1), ssize_t{1});
        siginfo_t information;
        QCOMPARE(::waitid(P_PID, static_cast<id_t>(child), &information, WEXITED | WNOWAIT), 0);
        QVERIFY(!isRunning(identity)); // a zombie now
        ::waitpid(child, nullptr, 0);
        QVERIFY(!isRunning(identity)); // gone
        ::close(ends[0]);
        ::close(ends[1]);
    }

    void severalProgramsOpenAndWriteANewFileAtOnce() {
        const TemporaryFolder folder;
        std::vector<std::unique_ptr<QProcess>> writers;
        for (int i = 0; i < 4; ++i)
            writers.push_back(startWriter(folder / "runs.sqlite", "write", 5));
        for (const auto& writer : writers) {
            QVERIFY(writer->waitForFinished(120'000));
            QVERIFY2(writer->exitCode() == 0, writer->readAllStandardOutput().constData());
        }
        const std::vector<RunSummary> list = RunStore(folder / "runs.sqlite").list();
        QCOMPARE(list.size(), std::size_t{20});
        std::set<std::int64_t> ids;
        for (const RunSummary& run : list) {
            ids.insert(run.id);
            QCOMPARE(run.state, RunState::Finished);
            QCOMPARE(run.finishedSamples, 3);
        }
        QCOMPARE(ids.size(), std::size_t{20});
    }

    void twoConnectionsInterleaveTheirSamples() {
        const TemporaryFolder folder;
        RunStore first(folder / "runs.sqlite");
        RunStore second(folder / "runs.sqlite");
        const std::int64_t a = first.begin(makeRequest(), makeProvenance(), makeCost());
        const std::int64_t b = second.begin(makeRequest(), makeProvenance(), makeCost());
        for (int index = 0; index < 10; ++index) {
            first.addSample(a, makeSample(index));
            second.addSample(b, makeSample(index));
            QCOMPARE(second.summary(a).finishedSamples, index + 1);
        }
        QCOMPARE(first.load(b).samples.size(), std::size_t{10});
    }
};

QTEST_GUILESS_MAIN(TestCutOff)
#include "test_cut_off.moc"
