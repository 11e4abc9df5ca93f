// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/runs/run_store.h"
#include "tests/engine/comparisons/compared_runs.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <algorithm>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliCompareTest : public QObject {
    Q_OBJECT

private:
    TemporaryFolder m_folder;
    const QString m_store = text(m_folder / "runs.sqlite");

    CliResult compare(const QStringList& more) const {
        return runCli(QStringList{u"compare"_s, u"--store"_s, m_store} + more);
    }

private slots:
    void initTestCase() {
        std::vector<Run> runs{comparedRun(1, 3.0), comparedRun(2, 3.1, 8e8), comparedRun(3, 3.0)};
        runs[1].summary.request.schedule = parseSchedule("(H16)");
        for (RunSample& sample : runs[1].samples) // six of 24 tokens differ, and one more comes first
            for (int i = 0; i < 6; ++i)
                sample.trace.tokens[static_cast<std::size_t>(i)] = 50'000;
        for (RunSample& sample : runs[2].samples)
            std::rotate(sample.trace.tokens.begin(), sample.trace.tokens.end() - 1,
                        sample.trace.tokens.end());
        runs[2].summary.request.seed = 5;
        RunStore store(m_folder / "runs.sqlite");
        QCOMPARE(store.addRuns(runs), (std::vector<std::int64_t>{1, 2, 3}));
    }

    void tellsMeasuresDifferencesSettingsAndTokens() {
        const CliResult result = compare({u"1"_s, u"2"_s, u"3"_s, u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json json = result.json();
        QCOMPARE(json["baseline"].get<int>(), 1);
        const nlohmann::json& second = json["differences"][0];
        QVERIFY(second["paired"].get<bool>());
        QCOMPARE(second["pairs"].get<int>(), 8);
        const nlohmann::json& nats = second["measures"]["log_perplexity"];
        QVERIFY(nats["clear"].get<bool>() && nats["low"].get<double>() > 0.05);
        QVERIFY(nats["p_adjusted"].get<double>() >= nats["p"].get<double>());
        QVERIFY(std::abs(second["measures"]["flops"]["value"].get<double>() + 0.2) < 1e-9);
        const nlohmann::json& third = json["differences"][1];
        QCOMPARE(third["unpaired_because"].get<std::string>(), std::string("they differ in seed (77 and 5)"));
        QCOMPARE(json["best"]["flops"].get<int>(), 2);
        QVERIFY(json["best"]["log_perplexity"].is_null());
        const nlohmann::json& different = json["settings"]["different"];
        QCOMPARE(different[0]["setting"].get<std::string>(), std::string("schedule"));
        QCOMPARE(different[0]["values"][1].get<std::string>(), std::string("all heavy (H16)"));
        QCOMPARE(json["tokens"][0]["share"].get<double>(), 0.75);
        QVERIFY(json["tokens"][1]["share"].get<double>() < 0.1);
    }

    void bySequenceAMovedTextIsTheSame() {
        const nlohmann::json json = compare({u"1"_s, u"3"_s, u"--by"_s, u"sequence"_s, u"--json"_s}).json();
        QCOMPARE(json["tokens"][0]["equal"].get<int>(), 8 * 23);
        QCOMPARE(json["tokens"][0]["by"].get<std::string>(), std::string("sequence"));
    }

    void isReadByPeopleToo() {
        const CliResult result = compare({u"1"_s, u"2"_s, u"3"_s, u"--all"_s});
        QCOMPARE(result.exitCode, 0);
        for (const char* words : {"run − run 1", "all heavy (H16)", "8 pairs", "means (Welch)",
                                  "they differ in seed (77 and 5)", "least FLOPs executed: run 2, clearly",
                                  "run 2: 75.0% (144 of 192 tokens, 8 samples)", "the same in all"})
            QVERIFY2(result.output.contains(words), words);
    }

    void aRunThatIsNotThereOrNamedTwiceIsRefused() {
        QCOMPARE(compare({u"1"_s, u"9"_s}).exitCode, 1);
        const CliResult twice = compare({u"1"_s, u"1"_s});
        QCOMPARE(twice.exitCode, 2);
        QVERIFY(twice.errors.contains("named twice"));
        QCOMPARE(compare({u"1"_s}).exitCode, 2);
        QCOMPARE(compare({u"1"_s, u"2"_s, u"--by"_s, u"colour"_s}).exitCode, 2);
    }
};

QTEST_GUILESS_MAIN(CliCompareTest)
#include "cli_compare_test.moc"
