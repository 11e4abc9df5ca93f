// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/training_record.h"
#include "tests/testing/paths.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <fstream>

using namespace steploom;
using namespace steploom::testing;

class TrainingRecordTest : public QObject {
    Q_OBJECT

    static TrainingTotals totalsOf(const std::string& training) {
        const TemporaryFolder folder;
        std::ofstream(folder / "training.json") << training;
        return trainingTotals(folder.path());
    }

private slots:
    void aTrainingFromRandomWeightsIsAllThereWas() {
        const TrainingTotals totals =
            totalsOf(R"({"tokens":100,"flops":7e3,"config":{"start":{"from":""}}})");
        QCOMPARE(*totals.tokens, 100.0);
        QCOMPARE(*totals.flops, 7e3);
    }

    void whatCameBeforeIsCounted() {
        const TrainingTotals totals = totalsOf(
            R"({"tokens":100,"flops":7e3,"before":{"tokens":50,"flops":1e3},"config":{"start":{"from":"x"}}})");
        QCOMPARE(*totals.tokens, 150.0);
        QCOMPARE(*totals.flops, 8e3);
    }

    void aTotalIsUnknownWhereABeginningIs() {
        // Records of before there was "before" name the folder only.
        const TrainingTotals old = totalsOf(R"({"tokens":100,"flops":7e3,"config":{"start":{"from":"x"}}})");
        QVERIFY(!old.tokens && !old.flops);
        const TrainingTotals half =
            totalsOf(R"({"tokens":100,"flops":7e3,"before":{"tokens":50,"flops":null}})");
        QCOMPARE(*half.tokens, 150.0);
        QVERIFY(!half.flops);
        QVERIFY(!totalsOf(R"({"tokens":100,"flops":7e3,"before":3})").tokens);
    }

    void whatIsNoRecordTellsNothing() {
        for (const char* text : {"", "[]", "{", "{}", R"({"tokens":"many","flops":[]})", R"({"config":3})",
                                 R"({"config":{"start":{"from":7}}})"}) {
            const TrainingTotals totals = totalsOf(text);
            QVERIFY2(!totals.tokens && !totals.flops, text);
        }
        QVERIFY(!trainingTotals("/nowhere").flops);
    }

    void aRecordOfWhatCameBeforeIsReadAgain() {
        const nlohmann::ordered_json json = beforeJson({50, std::nullopt});
        QCOMPARE(json.dump(), std::string(R"({"tokens":50.0,"flops":null})"));
    }
};

QTEST_GUILESS_MAIN(TrainingRecordTest)
#include "training_record_test.moc"
