// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/engine_thread.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QSignalSpy>
#include <QTest>

#include <semaphore>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 27; ///< 26 letters and the mask
constexpr int kLength = 6;
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

std::vector<PoolMemberSpec> members(const std::string& folder = "fake") {
    return {{.letter = 'H', .name = "heavy", .path = folder + "/heavy"},
            {.letter = 'L', .name = "light", .path = folder + "/light"}};
}

GenerationRequest request(int samples) {
    GenerationRequest request;
    request.pool = members();
    request.schedule = StepSchedule("LHHHHHHL");
    request.length = kLength;
    request.samples = samples;
    request.batch = 1;
    return request;
}

} // namespace

class EngineThreadTest : public QObject {
    Q_OBJECT
private:
    EngineOptions options(const TemporaryFolder& folder, std::shared_ptr<Gate> gate = {}) {
        EngineOptions options;
        options.storeFile = folder / "runs.sqlite";
        options.threads = 1;
        options.loadPool = [gate, this](std::vector<PoolMemberSpec> specs, const std::filesystem::path&,
                                        ComputeContext&) {
            ++m_loads;
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
        return options;
    }
    std::atomic<int> m_loads{0};

private slots:
    void aGenerationTellsItsStoryInOrderAndEndsOnce() {
        const TemporaryFolder folder;
        EngineThread engine(options(folder));
        QStringList story;
        connect(&engine, &EngineThread::runBegun, this, [&] { story << "begun"; });
        connect(&engine, &EngineThread::advanced, this, [&] {
            if (story.last() != "advanced")
                story << "advanced";
        });
        QSignalSpy samples(&engine, &EngineThread::sampleFinished);
        QSignalSpy states(&engine, &EngineThread::advanced);
        QSignalSpy begun(&engine, &EngineThread::runBegun);
        QSignalSpy ended(&engine, &EngineThread::runEnded);
        QSignalSpy failures(&engine, &EngineThread::failed);
        connect(&engine, &EngineThread::runEnded, this, [&] { story << "ended"; });

        engine.loadPool(members());
        engine.generate(request(3));
        QVERIFY(engine.busy());
        QTRY_VERIFY_WITH_TIMEOUT(!engine.busy(), kPatience);

        QCOMPARE(failures.count(), 0);
        QCOMPARE(begun.count(), 1);
        QCOMPARE(samples.count(), 3);
        QCOMPARE(ended.count(), 1);
        QCOMPARE(story.first(), "begun");
        QCOMPARE(story.last(), "ended");
        const auto summary = ended.first().first().value<RunSummary>();
        QCOMPARE(summary.state, RunState::Finished);
        QCOMPARE(summary.finishedSamples, 3);
        QCOMPARE(begun.first().first().toLongLong(), summary.id);

        // The last state is the finished one, however few were delivered.
        const auto last = states.last().first().value<LiveState>();
        QCOMPARE(last.samplesFinished, 3);
        QCOMPARE(last.callsDone, last.callsTotal);
        QCOMPARE(last.secondsLeft, 0.0);
        QVERIFY(std::ranges::none_of(last.watched.tokens, [](auto id) { return id == kVocabulary - 1; }));
        QCOMPARE(RunStore(folder / "runs.sqlite").load(summary.id).samples.size(), std::size_t(3));
    }

    void stopKeepsFinishedSamplesAndEndsWaitingRequests() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        EngineThread engine(options(folder, gate));
        QSignalSpy samples(&engine, &EngineThread::sampleFinished);
        QSignalSpy ended(&engine, &EngineThread::runEnded);
        QSignalSpy failures(&engine, &EngineThread::failed);
        engine.loadPool(members());
        engine.generate(request(50));
        engine.generate(request(4));
        gate->letThrough(2 * kLength + 2); // two samples and a bit of the third
        QTRY_VERIFY_WITH_TIMEOUT(samples.count() == 2, kPatience);
        QCOMPARE(engine.waiting(), 1);

        engine.stop();
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(!engine.busy(), kPatience);
        QCOMPARE(failures.count(), 0);
        QCOMPARE(ended.count(), 2);
        const auto first = ended.at(0).first().value<RunSummary>();
        QCOMPARE(first.state, RunState::Stopped);
        QVERIFY(first.finishedSamples >= 2 && first.finishedSamples < 50);
        const auto second = ended.at(1).first().value<RunSummary>();
        QCOMPARE(second.state, RunState::Stopped);
        QCOMPARE(second.id, 0); // it never began
        RunStore store(folder / "runs.sqlite");
        QCOMPARE(store.count(), 1);
        QCOMPARE(static_cast<int>(store.load(first.id).samples.size()), first.finishedSamples);

        // A stop is not remembered: the next request runs.
        engine.generate(request(1));
        QTRY_VERIFY_WITH_TIMEOUT(ended.count() == 3, kPatience);
        QCOMPARE(ended.at(2).first().value<RunSummary>().state, RunState::Finished);
    }

    void aRefusedPoolLeavesTheOldOneUsable() {
        const TemporaryFolder folder;
        EngineThread engine(options(folder));
        QSignalSpy loaded(&engine, &EngineThread::poolLoaded);
        QSignalSpy ended(&engine, &EngineThread::runEnded);
        QSignalSpy failures(&engine, &EngineThread::failed);
        engine.loadPool(members());
        engine.loadPool(members("broken"));
        engine.generate(request(1));
        QTRY_VERIFY_WITH_TIMEOUT(!engine.busy(), kPatience);
        QCOMPARE(loaded.count(), 1);
        QCOMPARE(failures.count(), 1);
        QCOMPARE(failures.first().at(0).value<Error::Parts>().why, std::string("it is cut short"));
        QCOMPARE(failures.first().at(1).value<EngineJob>(), EngineJob::LoadPool);
        QCOMPARE(ended.count(), 1);
        QCOMPARE(ended.first().first().value<RunSummary>().state, RunState::Finished);
    }

    void aRequestForOtherModelsFailsOnce() {
        const TemporaryFolder folder;
        EngineThread engine(options(folder));
        QSignalSpy ended(&engine, &EngineThread::runEnded);
        QSignalSpy failures(&engine, &EngineThread::failed);
        engine.loadPool(members());
        GenerationRequest other = request(1);
        other.pool[1].precision = Precision::BF16;
        engine.generate(other);
        QTRY_VERIFY_WITH_TIMEOUT(!engine.busy(), kPatience);
        QCOMPARE(failures.count(), 1);
        QCOMPARE(ended.count(), 0);
    }

    void renamingAndRemovingMembersLoadNothing() {
        const TemporaryFolder folder;
        m_loads = 0;
        EngineThread engine(options(folder));
        QSignalSpy loaded(&engine, &EngineThread::poolLoaded);
        engine.loadPool(members());
        auto renamed = members();
        renamed.pop_back();
        renamed[0].name = "teacher";
        engine.loadPool(renamed);
        QTRY_VERIFY_WITH_TIMEOUT(loaded.count() == 2, kPatience);
        QCOMPARE(m_loads.load(), 1);
        const auto pool = loaded.last().first().value<PoolFacts>();
        QCOMPARE(pool.members.size(), std::size_t(1));
        QCOMPARE(pool.members[0].spec.name, std::string("teacher"));
    }

    void watchingAnotherSampleAnswersAtOnce() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        EngineThread engine(options(folder, gate));
        QSignalSpy states(&engine, &EngineThread::advanced);
        QSignalSpy samples(&engine, &EngineThread::sampleFinished);
        engine.loadPool(members());
        engine.generate(request(5));
        gate->letThrough(2 * kLength);
        QTRY_VERIFY_WITH_TIMEOUT(samples.count() == 2, kPatience);
        engine.watch(1);
        const auto state = states.last().first().value<LiveState>();
        QCOMPARE(state.watched.index, 1);
        QVERIFY(state.secondsLeft > 0);
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(!engine.busy(), kPatience);
    }

    void aRerunFindsTheStoredBytesAgain() {
        const TemporaryFolder folder;
        EngineThread engine(options(folder));
        QSignalSpy ended(&engine, &EngineThread::runEnded);
        QSignalSpy rerun(&engine, &EngineThread::rerunEnded);
        engine.loadPool(members());
        engine.generate(request(2));
        QTRY_VERIFY_WITH_TIMEOUT(ended.count() == 1, kPatience);
        engine.rerun(ended.first().first().value<RunSummary>().id);
        QTRY_VERIFY_WITH_TIMEOUT(rerun.count() == 1, kPatience);
        const auto result = rerun.first().at(1).value<RerunResult>();
        QVERIFY2(result.identical, result.firstDifference.c_str());
        QCOMPARE(result.compared, 2);
        QCOMPARE(RunStore(folder / "runs.sqlite").count(), 1);
    }

    void calibrationIsSkippedWhileRequestsWait() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        EngineThread engine(options(folder, gate));
        QSignalSpy timed(&engine, &EngineThread::calibrated);
        engine.loadPool(members());
        engine.generate(request(1)); // waits at the gate until the two below are posted
        engine.calibrate(request(1));
        engine.generate(request(1));
        gate->open();
        QTRY_VERIFY_WITH_TIMEOUT(!engine.busy(), kPatience);
        QCOMPARE(timed.count(), 0);

        engine.calibrate(request(1));
        QTRY_VERIFY_WITH_TIMEOUT(timed.count() == 1, kPatience);
        QCOMPARE(timed.first().at(0).toInt(), kLength);
        QCOMPARE(timed.first().at(1).value<std::vector<CallSeconds>>().size(), std::size_t(2));
    }

    void closingTheWindowStopsTheRun() {
        const TemporaryFolder folder;
        const auto gate = std::make_shared<Gate>();
        {
            EngineThread engine(options(folder, gate));
            QSignalSpy samples(&engine, &EngineThread::sampleFinished);
            engine.loadPool(members());
            engine.generate(request(50));
            gate->letThrough(kLength + 1);
            QTRY_VERIFY_WITH_TIMEOUT(samples.count() == 1, kPatience);
            engine.stop();
            gate->open();
        }
        const auto runs = RunStore(folder / "runs.sqlite").list();
        QCOMPARE(runs.size(), std::size_t(1));
        QCOMPARE(runs[0].state, RunState::Stopped);
        QVERIFY(runs[0].finishedSamples >= 1);
    }
};

QTEST_GUILESS_MAIN(EngineThreadTest)
#include "engine_thread_test.moc"
