// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/engine/runs/sample_trainings.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <unistd.h>

using namespace steploom;
using namespace steploom::testing;

namespace {

void changeRow(const std::filesystem::path& file, const std::string& assignment) {
    SQLite::Database(file.string(), SQLite::OPEN_READWRITE).exec("UPDATE training_runs SET " + assignment);
}

int countOf(const std::filesystem::path& file, const char* query) {
    return SQLite::Database(file.string()).execAndGet(query).getInt();
}

} // namespace

class TestTrainingStore : public QObject {
    Q_OBJECT

private slots:
    void trainingIsReadBackAsItWasWritten() {
        const TemporaryFolder folder;
        const TrainingRun written = makeTraining();
        std::vector<TrainingPoint> points = makeCurve(100);
        points[3].loss = 1.0 / 3;
        std::int64_t id = 0;
        {
            RunStore store(folder / "runs.sqlite");
            id = store.beginTraining(written);
            QCOMPARE(store.listTrainings().at(0).state, TrainingState::Running);
            QVERIFY(!store.listTrainings().at(0).last);
            store.addTrainingPoints(id, points);
            store.finishTraining(id, TrainingState::Finished);
        }
        const TrainingRun read = RunStore(folder / "runs.sqlite").loadTraining(id);
        QVERIFY(read.points == points);
        QCOMPARE(read.config, written.config);
        QCOMPARE(read.provenance, written.provenance);
        const TrainingSummary& summary = read.summary;
        QCOMPARE(summary.id, id);
        QCOMPARE(summary.key, std::string("light-1"));
        QCOMPARE(summary.name, std::string("light"));
        QCOMPARE(summary.kind, std::string("mdlm"));
        QCOMPARE(summary.folder, std::string("checkpoints/light"));
        QCOMPARE(summary.validation, std::string("NELBO"));
        QCOMPARE(summary.plannedSteps, 1000);
        QCOMPARE(summary.state, TrainingState::Finished);
        QCOMPARE(summary.started.size(), std::size_t{20});
        QVERIFY(summary.last == points.back());
        QCOMPARE(summary.lastValidation, points.back().validation);
    }

    void everyStateIsReadBack() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.beginTraining(makeTraining());
        for (const TrainingState state :
             {TrainingState::Finished, TrainingState::Stopped, TrainingState::CutOff, TrainingState::Failed,
              TrainingState::Running}) {
            store.finishTraining(id, state);
            QCOMPARE(store.loadTraining(id).summary.state, state);
        }
    }

    void listIsNewestFirstAndKnowsTheLatestValidation() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t first = store.beginTraining(makeTraining("a"));
        const std::int64_t second = store.beginTraining(makeTraining("b"));
        store.addTrainingPoints(first, makeCurve(50)); // the last point has no validation
        const std::vector<TrainingSummary> list = store.listTrainings();
        QCOMPARE(list.size(), std::size_t{2});
        QCOMPARE(list[0].id, second);
        QVERIFY(!list[0].last);
        QVERIFY(!list[0].lastValidation);
        QCOMPARE(list[1].last->step, 50);
        QVERIFY(!list[1].last->validation);
        QCOMPARE(list[1].lastValidation, makeCurve(40).back().validation);
    }

    void resumedTrainingGoesOnInItsRowFromItsStep() {
        const TemporaryFolder folder;
        std::int64_t id = 0;
        {
            RunStore store(folder / "runs.sqlite");
            TrainingRun first = makeTraining();
            first.summary.note = "the first";
            id = store.beginTraining(first);
            store.addTrainingPoints(id, makeCurve(100));
            store.finishTraining(id, TrainingState::Stopped);
        }
        changeRow(folder / "runs.sqlite", "started = '2026-01-31T12:00:00Z'");
        RunStore store(folder / "runs.sqlite");
        store.beginTraining(makeTraining("another"));
        TrainingRun again = makeTraining();
        again.summary.plannedSteps = 2000;
        again.config = R"({"steps":2000})";
        QCOMPARE(store.beginTraining(again, 60), id); // saved at 60, killed at 100
        TrainingRun run = store.loadTraining(id);
        QCOMPARE(run.summary.state, TrainingState::Running);
        QCOMPARE(run.summary.started, std::string("2026-01-31T12:00:00Z"));
        QCOMPARE(run.summary.note, std::string("the first"));
        QCOMPARE(run.summary.plannedSteps, 2000);
        QCOMPARE(run.config, again.config);
        QVERIFY(run.points == makeCurve(60));
        const std::vector<TrainingPoint> curve = makeCurve(120);
        store.addTrainingPoints(id, std::span(curve).subspan(6));
        QVERIFY(store.loadTraining(id).points == curve);
        QCOMPARE(store.listTrainings().size(), std::size_t{2});
    }

    void trainingFromTheBeginningDropsTheOldCurve() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.beginTraining(makeTraining());
        store.addTrainingPoints(id, makeCurve(100));
        QCOMPARE(store.beginTraining(makeTraining()), id);
        QVERIFY(store.loadTraining(id).points.empty());
    }

    void trainingThatAnotherProcessWritesIsRefused() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.beginTraining(makeTraining());
        store.addTrainingPoints(id, makeCurve(50));
        // The parent of this process, which lives, is said to write it.
        const std::int64_t parent = ::getppid();
        std::ifstream stat("/proc/" + std::to_string(parent) + "/stat");
        std::string text(std::istreambuf_iterator<char>(stat), {});
        std::istringstream fields(text.substr(text.rfind(')') + 1));
        std::string ticks;
        for (int field = 3; field <= 22; ++field)
            fields >> ticks;
        changeRow(folder / "runs.sqlite",
                  "process_id = " + std::to_string(parent) + ", process_start = " + ticks);
        expectError([&] { store.beginTraining(makeTraining(), 20); }, ErrorKind::Store,
                    {("process " + std::to_string(parent)).c_str(), "training run 1"});
        QVERIFY(store.loadTraining(id).points == makeCurve(50));
        store.finishTraining(id, TrainingState::Stopped); // it ended
        QCOMPARE(store.beginTraining(makeTraining(), 20), id);
    }

    void trainingWhoseProcessIsGoneIsCutOffAndCanBeResumed() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.beginTraining(makeTraining());
        store.addTrainingPoints(id, makeCurve(50));
        QCOMPARE(RunStore(folder / "runs.sqlite").loadTraining(id).summary.state, TrainingState::Running);
        changeRow(folder / "runs.sqlite", "boot_id = 'an earlier one'");
        RunStore again(folder / "runs.sqlite");
        QCOMPARE(again.loadTraining(id).summary.state, TrainingState::CutOff);
        QCOMPARE(again.beginTraining(makeTraining(), 50), id);
        QVERIFY(again.loadTraining(id).points == makeCurve(50));
    }

    void pointOfAStepThatIsThereReplacesIt() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.beginTraining(makeTraining());
        store.addTrainingPoints(id, makeCurve(20));
        TrainingPoint later = makeCurve(10).front();
        later.validation = 4.5;
        store.addTrainingPoints(id, std::span(&later, 1));
        const std::vector<TrainingPoint> points = store.loadTraining(id).points;
        QCOMPARE(points.size(), std::size_t{2});
        QVERIFY(points.front() == later);
    }

    void lossThatIsNotANumberIsKeptAsSuch() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.beginTraining(makeTraining());
        TrainingPoint point = makeCurve(10).front();
        point.loss = std::numeric_limits<double>::quiet_NaN();
        store.addTrainingPoints(id, std::span(&point, 1));
        store.finishTraining(id, TrainingState::Failed);
        const TrainingRun run = store.loadTraining(id);
        QVERIFY(std::isnan(run.points.at(0).loss));
        QVERIFY(std::isnan(run.summary.last->loss));
        QCOMPARE(run.summary.state, TrainingState::Failed);
    }

    void pointsComeAllOrNone() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.beginTraining(makeTraining());
        std::vector<TrainingPoint> points = makeCurve(30);
        points[2].flops = std::numeric_limits<double>::quiet_NaN(); // a total that cannot be
        expectError([&] { store.addTrainingPoints(id, points); }, ErrorKind::Store, {"training run 1"});
        QVERIFY(store.loadTraining(id).points.empty());
    }

    void removedTrainingTakesItsCurveAlong() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const std::int64_t id = store.beginTraining(makeTraining("a"));
        const std::int64_t other = store.beginTraining(makeTraining("b"));
        store.addTrainingPoints(id, makeCurve(50));
        store.addTrainingPoints(other, makeCurve(20));
        store.removeTraining(id);
        QCOMPARE(countOf(folder / "runs.sqlite", "SELECT count(*) FROM training_points"), 2);
        // The trainer that goes on writing is told.
        const std::vector<TrainingPoint> points = makeCurve(20);
        expectError([&] { store.addTrainingPoints(id, points); }, ErrorKind::Store,
                    {"no such training run", "training run 1"});
        expectError([&] { store.finishTraining(id, TrainingState::Finished); }, ErrorKind::Store,
                    {"no such training run"});
        expectError([&] { store.removeTraining(id); }, ErrorKind::Store, {"no such training run"});
        expectError([&] { store.loadTraining(id); }, ErrorKind::Store, {"no such training run"});
    }

    void descriptionThatNobodyCouldReadIsRefused() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        expectError([&] { store.beginTraining(makeTraining("")); }, ErrorKind::Store, {"key"});
        TrainingRun broken = makeTraining("odd");
        broken.config = "{width: 384}";
        expectError([&] { store.beginTraining(broken); }, ErrorKind::Store, {"\"odd\"", "config"});
        QVERIFY(store.listTrainings().empty());
    }

    void runsAndTrainingsAreCountedApartAndBothTellOfChange() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        RunStore watcher(folder / "runs.sqlite");
        const std::int64_t run = store.begin(makeRequest(), makeProvenance(), makeCost());
        const std::int64_t training = store.beginTraining(makeTraining());
        QCOMPARE(watcher.count(), 1);
        QCOMPARE(watcher.listTrainings().size(), std::size_t{1});
        const std::int64_t before = watcher.changeCounter();
        QCOMPARE(watcher.changeCounter(), before);
        store.addTrainingPoints(training, makeCurve(10));
        QVERIFY(watcher.changeCounter() > before);
        store.remove(run);
        QCOMPARE(store.loadTraining(training).points.size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestTrainingStore)
#include "test_training_store.moc"
