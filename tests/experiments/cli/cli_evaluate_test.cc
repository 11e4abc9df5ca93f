// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/runs/run_store.h"
#include "tests/testing/paths.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliEvaluateTest : public QObject {
    Q_OBJECT

private:
    TemporaryFolder m_folder;
    const QString m_pair = text(resourcePath("checkpoints"));
    const QStringList m_pool{u"--model"_s, u"H="_s + m_pair + u"/heavy:bf16"_s, u"--model"_s,
                             u"L="_s + m_pair + u"/light:bf16"_s};
    const QStringList m_tale{u"--text"_s, text(resourcePath("texts") / "the-lamplighters-geese.txt")};
    const QString m_store = text(m_folder / "runs.sqlite");

    /// Without the time it took.
    static nlohmann::json evaluated(const CliResult& result) {
        nlohmann::json found = result.json()["evaluated"][0];
        for (nlohmann::json& measure : found["measures"])
            measure.erase("seconds");
        return found;
    }
    CliResult ofRun(const QStringList& more) const {
        return runCli(QStringList{u"evaluate"_s, u"--run"_s, u"1"_s, u"--store"_s, m_store, u"--json"_s} +
                      more);
    }

private slots:
    void initTestCase() {
        const CliResult made =
            runCli(QStringList{u"generate"_s, u"--schedule"_s, u"(L4,H8,L4)"_s, u"--length"_s, u"32"_s,
                               u"--samples"_s, u"3"_s, u"--no-timing"_s, u"--store"_s, m_store} +
                   m_pool);
        QVERIFY2(made.exitCode == 0, made.errors.constData());
    }

    void aCausalModelHasAScoreThatChanceDoesNotReach() {
        const CliResult result =
            runCli(QStringList{u"evaluate"_s, u"--causal"_s, m_pair + u"/reader"_s, u"--context"_s, u"40"_s,
                               u"--windows"_s, u"100"_s, u"--draws"_s, u"2"_s, u"--json"_s} +
                   m_tale);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json measures = evaluated(result)["measures"];
        QVERIFY(measures["brier_1"]["low"].get<double>() > 0);
        QVERIFY(measures["brier_1"]["value"].get<double>() > measures["brier_4"]["value"].get<double>());
        QCOMPARE(measures["brier_1"]["n"].get<int>(), 100);
    }

    void aScheduleIsMeasuredOnAText() {
        const QStringList words =
            QStringList{u"evaluate"_s, u"--schedule"_s, u"sandwich"_s,      u"--steps"_s, u"8"_s,
                        u"--length"_s, u"32"_s,         u"--windows"_s,     u"12"_s,      u"--draws"_s,
                        u"2"_s,        u"--measures"_s, u"brierlm,nelbo"_s, u"--json"_s} +
            m_pool + m_tale;
        const CliResult result = runCli(words);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json measures = evaluated(result)["measures"];
        for (const char* name : {"brier_1", "brier_2", "brier_3", "brier_4", "nelbo_H", "nelbo_L"})
            QVERIFY2(measures.contains(name), name);
        // Better than the logarithm of the vocabulary: 8.3 nats.
        QVERIFY(measures["nelbo_H"]["high"].get<double>() < 8);
        QCOMPARE(evaluated(runCli(words)), evaluated(result)); // one seed, one figure
    }

    void whatTheStoreKnowsIsNotMeasuredTwice() {
        // Diversity is measured of every finished run.
        const nlohmann::json second = evaluated(ofRun({u"--measures"_s, u"diversity"_s}));
        QCOMPARE(second["known"].size(), std::size_t{5});
        QCOMPARE(second["measures"]["distinct_1"]["n"].get<int>(), 3);
        QCOMPARE(evaluated(ofRun({u"--measures"_s, u"diversity"_s, u"--again"_s}))["known"].size(),
                 std::size_t{0});
        RunStore store(m_folder / "runs.sqlite");
        QVERIFY(store.summary(1).measure("self_bleu") != nullptr);

        // Another setting is another measurement.
        const QStringList brier =
            QStringList{u"--measures"_s, u"brierlm"_s, u"--windows"_s, u"6"_s, u"--draws"_s, u"2"_s} + m_tale;
        const CliResult measured = ofRun(brier);
        QVERIFY2(measured.exitCode == 0, measured.errors.constData());
        QCOMPARE(evaluated(ofRun(brier))["known"].size(), std::size_t{4});
        QCOMPARE(evaluated(ofRun(brier + QStringList{u"--context"_s, u"9"_s}))["known"].size(),
                 std::size_t{0});
        QCOMPARE(store.summary(1).measure("brier_1")->settings["context"].get<int>(), 9);
    }

    void wrongUseIsSaid() {
        QCOMPARE(runCli({u"evaluate"_s}).exitCode, 2);
        QCOMPARE(ofRun({u"--measures"_s, u"beauty"_s}).exitCode, 2);
        QVERIFY(ofRun({u"--measures"_s, u"brierlm"_s}).errors.contains("measured on a text"));
        QVERIFY(ofRun({u"--measures"_s, u"genppl"_s}).errors.contains("no evaluator"));
        const CliResult one =
            ofRun(QStringList{u"--measures"_s, u"brierlm"_s, u"--draws"_s, u"1"_s} + m_tale);
        QVERIFY2(one.errors.contains("less than 2"), one.errors.constData());
        QVERIFY(runCli(QStringList{u"evaluate"_s, u"--run"_s, u"77"_s, u"--store"_s, m_store}).exitCode == 1);
    }
};

QTEST_GUILESS_MAIN(CliEvaluateTest)
#include "cli_evaluate_test.moc"
