// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_trainings.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <memory>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliTrainingsTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;

    CliResult trainings(const QStringList& words) const {
        return runCli(QStringList{u"trainings"_s} + words +
                      QStringList{u"--store"_s, text(*m_folder / "runs.sqlite")});
    }

private slots:
    /// Two trainings: one finished with a curve of 60 points, one that is running.
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        RunStore store(*m_folder / "runs.sqlite");
        store.addTrainingPoints(store.beginTraining(makeTraining("a")), makeCurve(600));
        store.finishTraining(1, TrainingState::Finished);
        TrainingRun reader = makeTraining("b");
        reader.summary.name = "reader";
        reader.summary.plannedSteps = 0;
        store.beginTraining(reader);
    }

    void listHasALineForEachNewestFirst() {
        const nlohmann::json json = trainings({u"list"_s, u"--json"_s}).json();
        QCOMPARE(json["trainings"].size(), std::size_t{2});
        const nlohmann::json& running = json["trainings"][0];
        QCOMPARE(running["name"].get<std::string>(), std::string("reader"));
        QCOMPARE(running["state"].get<std::string>(), std::string("running"));
        QVERIFY(running["last"].is_null() && running["planned_steps"].is_null());
        const nlohmann::json& finished = json["trainings"][1];
        QCOMPARE(finished["id"].get<int>(), 1);
        QCOMPARE(finished["planned_steps"].get<int>(), 1000);
        QCOMPARE(finished["last"]["step"].get<int>(), 600);
        QCOMPARE(finished["last_validation"].get<double>(), *makeCurve(600).back().validation);
        const CliResult plain = trainings({u"list"_s});
        QCOMPARE(plain.exitCode, 0);
        QVERIFY2(plain.output.contains("600 of 1000"), plain.output.constData());
    }

    void showHasTheWholeCurveInJsonAndAScreenfulInText() {
        const nlohmann::json json = trainings({u"show"_s, u"1"_s, u"--json"_s}).json();
        const std::vector<TrainingPoint> curve = makeCurve(600);
        QCOMPARE(json["points"].size(), curve.size());
        QVERIFY(json["points"][0]["validation"].is_null());
        for (std::size_t i = 0; i < curve.size(); ++i) {
            QCOMPARE(json["points"][i]["step"].get<std::int64_t>(), curve[i].step);
            QCOMPARE(json["points"][i]["loss"].get<double>(), curve[i].loss);
        }
        QCOMPARE(json["config"]["width"].get<int>(), 384);
        QCOMPARE(json["provenance"]["threads"].get<int>(), 2);
        const CliResult plain = trainings({u"show"_s, u"1"_s});
        QCOMPARE(plain.exitCode, 0);
        QVERIFY2(plain.output.contains("NELBO") && plain.output.contains("\n 600  "),
                 plain.output.constData());
        QVERIFY(plain.output.count('\n') < 40);
    }

    void removeForgetsOneAndLeavesTheRunningOne() {
        const CliResult running = trainings({u"remove"_s, u"2"_s});
        QCOMPARE(running.exitCode, 1);
        // The process that wrote it in this test lives: it counts as running.
        QVERIFY2(running.errors.contains("it is running"), running.errors.constData());
        QCOMPARE(trainings({u"remove"_s, u"1"_s, u"--json"_s}).json()["removed"].get<int>(), 1);
        QCOMPARE(trainings({u"list"_s, u"--json"_s}).json()["trainings"].size(), std::size_t{1});
        const CliResult gone = trainings({u"show"_s, u"1"_s});
        QCOMPARE(gone.exitCode, 1);
        QVERIFY(gone.errors.contains("no such training run"));
    }

    void wrongUseIsSaid() {
        QCOMPARE(trainings({u"show"_s}).exitCode, 2);
        QCOMPARE(runCli({u"trainings"_s}).exitCode, 2);
        QCOMPARE(
            runCli({u"trainings"_s, u"list"_s, u"--store"_s, text(*m_folder / "absent.sqlite")}).exitCode, 1);
    }
};

QTEST_GUILESS_MAIN(CliTrainingsTest)
#include "cli_trainings_test.moc"
