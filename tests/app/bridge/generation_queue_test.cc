// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/generation_queue.h"
#include "engine/analyses/kinds.h"
#include "engine/runs/known_importance.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QSignalSpy>
#include <QTest>

#include <array>
#include <memory>
#include <semaphore>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 27; ///< 26 letters and the mask
constexpr int kLength = 6;
constexpr int kTimingRows = 8;    ///< of the calls that time the pool before its first item
constexpr int kPatience = 20'000; ///< ms

/// Lets so many rows of logits be computed; then the engine thread waits until more are let through.
class Gate {
public:
    void letThrough(int rows) { m_rows.release(rows); }
    void open() { m_rows.release(1'000'000); }
    void pass() { m_rows.acquire(); }

private:
    std::counting_semaphore<> m_rows{0};
};

WantedGeneration wanted(const std::string& name, const std::string& folder = "fake") {
    WantedGeneration wanted{name, {}};
    wanted.request.pool = {{.letter = 'H', .name = "heavy", .path = folder + "/heavy"},
                           {.letter = 'L', .name = "light", .path = folder + "/light"}};
    wanted.request.schedule = StepSchedule("LHHHHHHL");
    wanted.request.length = kLength;
    wanted.request.samples = 3;
    wanted.request.batch = 1;
    wanted.request.seed = static_cast<std::uint64_t>(name.front());
    return wanted;
}

WantedGeneration analysis(const std::string& name, const AnalysisOrder& order,
                          const std::string& folder = "fake") {
    WantedGeneration all = wanted(name, folder);
    all.analysis = orderJson(order);
    return all;
}

/// Letters a…z.
std::string tale(std::size_t letters) {
    std::string text;
    for (std::size_t i = 0; i < letters; ++i)
        text += static_cast<char>('a' + i * i % 26);
    return text;
}

using FakeAnalysis = decltype(EngineOptions::runAnalysis);

/// What a window has of it.
struct Bench {
    explicit Bench(const std::filesystem::path& store, std::shared_ptr<Gate> held = {},
                   FakeAnalysis analyse = &runQueuedAnalysis)
        : library(store) {
        EngineOptions options;
        options.runAnalysis = std::move(analyse);
        options.storeFile = store;
        options.threads = 1;
        options.loadPool = [gate = std::move(held)](std::vector<PoolMemberSpec> specs,
                                                    const std::filesystem::path&, ComputeContext&) {
            std::vector<PoolMember> parts;
            for (const PoolMemberSpec& spec : specs) {
                if (spec.path.starts_with("broken"))
                    throw Error(ErrorKind::File, {"cannot load the checkpoint", spec.path, "it is cut short",
                                                  "download it again"});
                FakeDenoiser::Rule rule;
                if (gate)
                    rule = [gate](std::span<const std::int32_t>, float, int position,
                                  std::span<float> logits) {
                        gate->pass();
                        std::ranges::fill(logits, 0.0f);
                        logits[static_cast<std::size_t>(position)] = 1;
                    };
                parts.push_back({spec, std::make_shared<FakeDenoiser>(kVocabulary, 64, 2, rule)});
            }
            return ModelPool(std::move(parts), makeLetterTokenizer(kVocabulary - 1));
        };
        engine = std::make_unique<EngineThread>(std::move(options));
        QObject::connect(engine.get(), &EngineThread::poolLoaded, &session, &Session::setPool);
        queue = std::make_unique<GenerationQueue>(library, *engine, session);
        library.refresh();
    }
    ~Bench() {
        engine.reset();
        queue.reset();
    }

    void add(std::initializer_list<WantedGeneration> all) {
        QVERIFY(!queue->add(std::vector<WantedGeneration>(all)));
    }
    QString names() const {
        QString all;
        for (const QueuedGeneration& item : queue->items())
            all += QString::fromStdString(item.name);
        return all;
    }
    /// Seeds of the runs, oldest first: the names of their items.
    QString runs() {
        library.refresh();
        QString all;
        for (const RunSummary& run : library.runs())
            all.prepend(QLatin1Char(static_cast<char>(run.request.seed)));
        return all;
    }
    bool idle() const { return !engine->busy() && queue->items().empty(); }

    Session session;
    RunLibrary library;
    std::unique_ptr<EngineThread> engine;
    std::unique_ptr<GenerationQueue> queue;
};

} // namespace

class GenerationQueueTest : public QObject {
    Q_OBJECT
private slots:
    void whatIsAddedRunsInItsOrderAndLeavesTheQueue() {
        const TemporaryFolder folder;
        Bench bench(folder / "runs.sqlite");
        bench.add({wanted("a"), wanted("b"), wanted("c")});
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(bench.runs(), "abc");
        QCOMPARE(bench.library.runs().front().finishedSamples, 3);
    }

    void pausedNothingBegins() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        Bench bench(folder / "runs.sqlite", gate);
        bench.queue->setPaused(true);
        bench.add({wanted("a"), wanted("b")});
        QVERIFY(!bench.engine->busy());
        bench.queue->setPaused(false);
        QTRY_VERIFY_WITH_TIMEOUT(bench.queue->running() != 0, kPatience);
        bench.queue->setPaused(true); // the running one goes on
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(!bench.engine->busy(), kPatience);
        QCOMPARE(bench.names(), "b");
        QCOMPARE(bench.runs(), "a");
    }

    void stopPausesAndTheItemGoesOnWhereItWas() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        Bench bench(folder / "runs.sqlite", gate);
        QSignalSpy samples(bench.engine.get(), &EngineThread::sampleFinished);
        bench.add({wanted("a"), wanted("b")});
        gate->letThrough(kTimingRows + kLength + 2);
        QTRY_COMPARE_WITH_TIMEOUT(samples.count(), 1, kPatience);
        bench.queue->stop();
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(!bench.engine->busy(), kPatience);
        QVERIFY(bench.queue->isPaused());
        QCOMPARE(bench.names(), "ab");
        QCOMPARE(bench.queue->items()[0].state, QueueState::Waiting);
        QCOMPARE(bench.queue->items()[0].finishedSamples, 1);
        QCOMPARE(bench.library.runs().at(0).state, RunState::Stopped);

        bench.queue->setPaused(false);
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(bench.runs(), "ab"); // no third run: the first was continued
        QCOMPARE(bench.library.runs()[1].finishedSamples, 3);
    }

    void stopOfTheEngineFromElsewherePausesToo() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        Bench bench(folder / "runs.sqlite", gate);
        bench.add({wanted("a")});
        QTRY_VERIFY_WITH_TIMEOUT(bench.queue->running() != 0, kPatience);
        bench.engine->stop(); // Escape on the Design page
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(!bench.engine->busy(), kPatience);
        QVERIFY(bench.queue->isPaused());
        QCOMPARE(bench.names(), "a");
    }

    void cancellingTheRunningItemGoesOnWithTheNextAndCanBeUndone() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        Bench bench(folder / "runs.sqlite", gate);
        QSignalSpy samples(bench.engine.get(), &EngineThread::sampleFinished);
        bench.add({wanted("a"), wanted("b"), wanted("c")});
        gate->letThrough(kTimingRows + kLength + 2);
        QTRY_COMPARE_WITH_TIMEOUT(samples.count(), 1, kPatience);
        const std::array both{bench.queue->items()[0].id, bench.queue->items()[2].id};
        QVERIFY(!bench.queue->cancel(both));
        QCOMPARE(bench.names(), "b");
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QVERIFY(!bench.queue->isPaused());
        QCOMPARE(bench.runs(), "ab");
        QCOMPARE(bench.library.runs()[1].state, RunState::Stopped);

        QCOMPARE(bench.queue->cancelled().size(), std::size_t{2});
        QVERIFY(!bench.queue->undoCancel());
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(bench.runs(), "abc");
        QCOMPARE(bench.library.runs()[2].state, RunState::Finished);
    }

    void generatingByHandGoesBeforeWhatWaits() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        Bench bench(folder / "runs.sqlite", gate);
        bench.add({wanted("a"), wanted("b")});
        QTRY_VERIFY_WITH_TIMEOUT(bench.queue->running() != 0, kPatience);
        bench.engine->generate(wanted("m").request);
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(bench.runs(), "amb");
    }

    void anItemOfAnotherPoolHasItLoaded() {
        const TemporaryFolder folder;
        Bench bench(folder / "runs.sqlite");
        bench.add({wanted("a"), wanted("b", "other")});
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(bench.runs(), "ab");
        QCOMPARE(bench.session.pool().members.at(0).spec.path, std::string("other/heavy"));
    }

    void aFailedItemSaysWhyAndTheNextRuns() {
        const TemporaryFolder folder;
        Bench bench(folder / "runs.sqlite");
        QSignalSpy failures(bench.engine.get(), &EngineThread::failed);
        bench.add({wanted("a", "broken"), wanted("b")});
        QTRY_COMPARE_WITH_TIMEOUT(bench.runs(), "b", kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(bench.names(), "a", kPatience);
        QCOMPARE(bench.queue->items()[0].state, QueueState::Failed);
        QCOMPARE(bench.queue->items()[0].error.why, std::string("it is cut short"));
        QCOMPARE(failures.count(), 1);
        QVERIFY(!bench.queue->isPaused());
        QVERIFY(!bench.queue->retry(std::array{bench.queue->items()[0].id}));
        QTRY_COMPARE_WITH_TIMEOUT(failures.count(), 2, kPatience);
    }

    void closedInTheMiddleTheNextWindowGoesOn() {
        const TemporaryFolder folder;
        {
            const auto gate = std::make_shared<Gate>();
            Bench bench(folder / "runs.sqlite", gate);
            QSignalSpy samples(bench.engine.get(), &EngineThread::sampleFinished);
            bench.add({wanted("a"), wanted("b")});
            gate->letThrough(kTimingRows + kLength + 2);
            QTRY_COMPARE_WITH_TIMEOUT(samples.count(), 1, kPatience);
            bench.engine->stop();
            gate->open();
        } // before the ending was told
        const RunStore store(folder / "runs.sqlite");
        QCOMPARE(store.listQueue().size(), std::size_t{2});
        QCOMPARE(store.listQueue()[0].state, QueueState::Waiting);
        QCOMPARE(store.listQueue()[0].finishedSamples, 1);
        Bench next(folder / "runs.sqlite");
        QTRY_VERIFY_WITH_TIMEOUT(next.idle(), kPatience);
        QCOMPARE(next.runs(), "ab");
        QCOMPARE(store.load(1).samples.size(), std::size_t{3});
    }

    void twoWindowsShareOneQueueWithoutRunningAnythingTwice() {
        const TemporaryFolder folder;
        Bench one(folder / "runs.sqlite"), two(folder / "runs.sqlite");
        one.add({wanted("a"), wanted("b"), wanted("c"), wanted("d"), wanted("e"), wanted("f")});
        two.library.refresh();
        QTRY_VERIFY_WITH_TIMEOUT((one.library.refresh(), two.library.refresh(), one.idle() && two.idle()),
                                 kPatience);
        QString made = one.runs();
        std::sort(made.begin(), made.end());
        QCOMPARE(made, "abcdef");
    }

    void anAnalysisRunsInItsTurnAndIsKept() {
        const TemporaryFolder folder;
        writeText(folder / "tale.txt", tale(kLength * 4));
        Bench bench(folder / "runs.sqlite");
        QStringList story;
        QObject::connect(bench.engine.get(), &EngineThread::queuedBegun, this, [&] { story << "item"; });
        QObject::connect(bench.engine.get(), &EngineThread::runBegun, this, [&] { story << "run"; });
        QObject::connect(bench.engine.get(), &EngineThread::analysisBegun, this,
                         [&] { story << "analysis"; });
        QObject::connect(bench.engine.get(), &EngineThread::analysisKept, this,
                         [&](qint64, const StoredAnalysis& kept) {
                             story << QString::fromStdString("kept " + kept.kind);
                         });
        QSignalSpy advanced(bench.engine.get(), &EngineThread::analysisAdvanced);
        const ImportanceOrder order{(folder / "tale.txt").string(),
                                    {.times = 4, .windows = 4, .length = kLength}};
        bench.add({wanted("a"), analysis("importance", order), wanted("b")});
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(bench.runs(), "ab");
        QCOMPARE(story.first(), "item");
        QVERIFY(story.join(' ').contains("run item analysis kept step importance"));
        QVERIFY(story.join(' ').endsWith("item run"));
        QVERIFY(advanced.count() > 0);
        QVERIFY(!bench.queue->isPaused());
        QCOMPARE(RunStore(folder / "runs.sqlite").listAnalyses(kImportanceKind).size(), std::size_t{1});
    }

    void aRunningAnalysisSaysHowFarItIsAndWhatItHas() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        const auto analyse = [gate](const QueuedGeneration& item, const GenerationMeans& means,
                                    ComputeContext&, AnalysisObserver& observer,
                                    const std::stop_token& stop) {
            for (int part = 0; part < 4; ++part) {
                gate->pass();
                if (stop.stop_requested()) {
                    means.store->releaseQueued(item.id);
                    return false;
                }
                const StoredAnalysis soFar{kSearchKind, {{"of", item.name}}, {{"parts", part + 1}}, {}, 0};
                means.store->keepAnalysis(soFar);
                observer.kept(soFar);
                observer.advanced((part + 1) / 4.0, "schedule " + std::to_string(part + 1) + " of 4");
            }
            means.store->finishQueued(item.id);
            return true;
        };
        Bench bench(folder / "runs.sqlite", {}, analyse);
        QSignalSpy told(bench.queue.get(), &GenerationQueue::timesChanged);
        QSignalSpy refreshed(&bench.library, &RunLibrary::runsChanged);
        bench.add({analysis("search", SearchOrder{.segments = 4, .light = 1}), wanted("b")});
        refreshed.clear();
        gate->letThrough(1);
        const auto progress = [&] { return bench.queue->progressOf(bench.queue->items().front()); };
        QTRY_VERIFY_WITH_TIMEOUT(progress(), kPatience);
        QCOMPARE(progress()->share, 0.25);
        QCOMPARE(progress()->doing, "schedule 1 of 4");
        QVERIFY(!bench.queue->progressOf(bench.queue->items().back()));
        QTRY_VERIFY_WITH_TIMEOUT(told.count() > 0, kPatience);
        QVERIFY(refreshed.count() > 0); // whoever draws it looks again

        // Stopped, it waits and the queue with it; resumed, it comes to its end.
        bench.queue->stop();
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(!bench.engine->busy(), kPatience);
        QVERIFY(bench.queue->isPaused());
        QCOMPARE(bench.queue->items().front().name, std::string("search"));
        QCOMPARE(bench.queue->items().front().state, QueueState::Waiting);
        QVERIFY(!progress());
        bench.queue->setPaused(false);
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(bench.runs(), "b");
        QCOMPARE(RunStore(folder / "runs.sqlite").listAnalyses(kSearchKind).at(0).result["parts"].get<int>(),
                 4);
    }

    void stopEndsARealAnalysisWithinOneCall() {
        const TemporaryFolder folder;
        writeText(folder / "tale.txt", tale(kLength * 4000));
        const auto gate = std::make_shared<Gate>();
        Bench bench(folder / "runs.sqlite", gate);
        QSignalSpy advanced(bench.engine.get(), &EngineThread::analysisAdvanced);
        const ImportanceOrder order{(folder / "tale.txt").string(),
                                    {.times = 20, .windows = 4000, .length = kLength}};
        bench.add({analysis("importance", order)});
        gate->letThrough(400);
        QTRY_VERIFY_WITH_TIMEOUT(bench.queue->running() != 0, kPatience);
        bench.queue->stop();
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(!bench.engine->busy(), kPatience);
        QVERIFY(bench.queue->isPaused());
        QCOMPARE(bench.queue->items().front().state, QueueState::Waiting);
        QVERIFY(advanced.isEmpty() || advanced.last().at(1).toDouble() < 0.9);
    }

    void anAnalysisCanBeCancelledAndComesBack() {
        const TemporaryFolder folder;
        writeText(folder / "tale.txt", tale(kLength * 400));
        const auto gate = std::make_shared<Gate>();
        Bench bench(folder / "runs.sqlite", gate);
        const ImportanceOrder order{(folder / "tale.txt").string(),
                                    {.times = 2, .windows = 10, .length = kLength}};
        bench.add({analysis("importance", order), wanted("b")});
        QTRY_VERIFY_WITH_TIMEOUT(bench.queue->running() != 0, kPatience);
        QVERIFY(!bench.queue->cancel(std::array<std::int64_t, 1>{bench.queue->running()}));
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(bench.runs(), "b");
        QVERIFY(!bench.queue->undoCancel());
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(RunStore(folder / "runs.sqlite").listAnalyses(kImportanceKind).size(), std::size_t{1});
    }

    void whatCannotBeAnalysedSaysWhyAndTheNextRuns() {
        const TemporaryFolder folder;
        writeText(folder / "short.txt", tale(kLength - 1));
        Bench bench(folder / "runs.sqlite");
        const ImportanceSettings settings{.times = 4, .windows = 4, .length = kLength};
        WantedGeneration damaged = wanted("damaged");
        damaged.analysis = {{"kind", kSearchKind}};
        bench.add({analysis("no text", ImportanceOrder{(folder / "nowhere.txt").string(), settings}),
                   analysis("short", ImportanceOrder{(folder / "short.txt").string(), settings}),
                   analysis("no pool", ImportanceOrder{(folder / "short.txt").string(), settings}, "broken"),
                   damaged, wanted("b")});
        QTRY_COMPARE_WITH_TIMEOUT(bench.runs(), "b", kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!bench.engine->busy(), kPatience);
        QCOMPARE(bench.names(), "no textshortno pooldamaged");
        for (const QueuedGeneration& item : bench.queue->items()) {
            QCOMPARE(item.state, QueueState::Failed);
            QVERIFY2(!item.error.why.empty() && !item.error.remedy.empty(), item.name.c_str());
        }
        QVERIFY(bench.queue->items()[0].error.where.ends_with("nowhere.txt"));
        QVERIFY(!bench.queue->isPaused());
    }

    void aCorrelationLeavesThePoolAsItIs() {
        const TemporaryFolder folder;
        int pools = 0;
        const auto analyse = [](const QueuedGeneration& item, const GenerationMeans& means, ComputeContext&,
                                AnalysisObserver&, const std::stop_token&) {
            means.store->finishQueued(item.id);
            return true;
        };
        Bench bench(folder / "runs.sqlite", {}, analyse);
        QObject::connect(bench.engine.get(), &EngineThread::poolLoaded, this, [&] { ++pools; });
        WantedGeneration correlation =
            analysis("correlation", CorrelationOrder{.checkpoints = {"a", "b"}, .text = "tale.txt"});
        correlation.request.pool.clear();
        bench.add({wanted("a"), correlation, wanted("b")});
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        QCOMPARE(bench.runs(), "ab");
        QCOMPARE(pools, 1);
    }

    void timesAreKnownOnceTheModelsHaveRun() {
        const TemporaryFolder folder;
        Bench bench(folder / "runs.sqlite");
        bench.add({wanted("a")});
        QVERIFY(!bench.queue->secondsOf(wanted("b").request));
        QTRY_VERIFY_WITH_TIMEOUT(bench.idle(), kPatience);
        bench.library.refresh();
        const std::optional<double> three = bench.queue->secondsOf(wanted("b").request);
        QVERIFY(three && *three > 0);
        GenerationRequest twice = wanted("b").request;
        twice.samples = 6;
        QCOMPARE(*bench.queue->secondsOf(twice), 2 * *three);
        GenerationRequest longer = wanted("b").request;
        longer.length = kLength + 1;
        QVERIFY(!bench.queue->secondsOf(longer)); // another length was never timed
        bench.queue->setPaused(true);
        bench.add({wanted("b"), wanted("c")});
        QCOMPARE(bench.queue->secondsLeft().seconds, 2 * *three);
        QVERIFY(bench.queue->secondsLeft().known);
        // Two segments of four steps, either of them light.
        bench.add({analysis("search", SearchOrder{.segments = 2, .light = 1})});
        const std::optional<double> search = bench.queue->secondsLeft(bench.queue->items().back());
        QVERIFY(search && *search > 2 * *three && *search < 4 * *three);
    }
};

QTEST_GUILESS_MAIN(GenerationQueueTest)
#include "generation_queue_test.moc"
