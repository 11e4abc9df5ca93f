// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QtTest>

#include <memory>

using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliWrongUseTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<TinyPool> m_pool;

    QStringList cost(const QStringList& more) const {
        return QStringList{u"cost"_s} + m_pool->models() + QStringList{u"--no-timing"_s, u"--json"_s} + more;
    }
    QStringList generate(const QStringList& more) const {
        return QStringList{u"generate"_s} + m_pool->models() +
               QStringList{u"--schedule"_s, u"(H4)"_s, u"--no-timing"_s, u"--json"_s} + more;
    }
    /// The reason in the error object, all four parts of which must be there.
    static std::string why(const CliResult& result) {
        const nlohmann::json json = result.json();
        for (const char* part : {"what", "where", "why", "remedy"})
            if (!json.is_object() || !json["error"].is_object() || json["error"].value(part, "").empty())
                return std::string("the error lacks its part: ") + part;
        return json["error"]["where"].get<std::string>() + ": " + json["error"]["why"].get<std::string>();
    }

private slots:
    void initTestCase() {
        m_folder = std::make_unique<TemporaryFolder>();
        m_pool = std::make_unique<TinyPool>(m_folder->path());
    }

    void helpStatesTheExitCodes() {
        const CliResult result = runCli({u"--help"_s});
        QCOMPARE(result.exitCode, 0);
        QVERIFY(result.output.contains("0 done, 1 failed"));
        QCOMPARE(runCli({u"generate"_s, u"--help"_s}).exitCode, 0);
        QCOMPARE(runCli({u"--version"_s}).exitCode, 0);
    }

    void whatTheParserRefusesIsWrongUse_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("no command") << QStringList{u"--json"_s};
        QTest::newRow("unknown command") << QStringList{u"weave"_s, u"--json"_s};
        QTest::newRow("unknown option") << QStringList{u"inspect"_s, u"x"_s, u"--colour"_s, u"--json"_s};
        QTest::newRow("missing option") << QStringList{u"tokenize"_s, u"--json"_s};
        QTest::newRow("not a number") << generate({u"--samples"_s, u"many"_s});
        QTest::newRow("out of range") << generate({u"--samples"_s, u"0"_s});
        QTest::newRow("a sampler that is none") << generate({u"--sampler"_s, u"ddim"_s});
        QTest::newRow("a threshold beyond 1")
            << generate({u"--sampler"_s, u"threshold"_s, u"--threshold"_s, u"1.5"_s});
        QTest::newRow("a negative block length") << generate({u"--block-length"_s, u"-4"_s});
        QTest::newRow("a remasking that is none") << generate({u"--remask"_s, u"often"_s});
        QTest::newRow("batch of none") << generate({u"--batch"_s, u"0"_s});
        QTest::newRow("batch of a word") << generate({u"--batch"_s, u"large"_s});
        QTest::newRow("prompt and template")
            << generate({u"--prompt"_s, u"a"_s, u"--template"_s, u"[mask]"_s});
        QTest::newRow("runs without a verb") << QStringList{u"runs"_s, u"--json"_s};
    }
    void whatTheParserRefusesIsWrongUse() {
        QFETCH(const QStringList, arguments);
        const CliResult result = runCli(arguments);
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(!result.errors.isEmpty(), "it says what is wrong");
        QVERIFY2(why(result).find("lacks") == std::string::npos, why(result).c_str());
    }

    void aLetterThatIsNotInThePoolIsNamed() {
        const CliResult result = runCli(cost({u"--schedule"_s, u"(H2,X2)"_s}));
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(result.output.contains('X'), result.output.constData());
        QVERIFY2(why(result).find("lacks") == std::string::npos, why(result).c_str());
    }

    void anUnknownPrecisionIsNamed() {
        const CliResult result =
            runCli({u"generate"_s, u"--model"_s, u"H="_s + text(m_pool->heavy) + u":int7"_s, u"--schedule"_s,
                    u"(H4)"_s, u"--json"_s});
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(why(result).find("int7") != std::string::npos, why(result).c_str());
    }

    void aScheduleThatDoesNotSumNamesBothNumbers() {
        const CliResult result = runCli(cost({u"--schedule"_s, u"(H7,L6)"_s, u"--steps"_s, u"20"_s}));
        QCOMPARE(result.exitCode, 2);
        const std::string reason = why(result);
        QVERIFY2(reason.find("13") != std::string::npos && reason.find("20") != std::string::npos,
                 reason.c_str());
    }

    void orderOptionsThatDoNotGoTogetherAreNamed() {
        const auto refused = [this](const QStringList& order, const char* first, const char* second) {
            for (const CliResult& result :
                 {runCli(generate(order)), runCli(cost(QStringList{u"--schedule"_s, u"(H4)"_s} + order))}) {
                QCOMPARE(result.exitCode, 2);
                QVERIFY2(result.output.contains(first) && result.output.contains(second),
                         result.output.constData());
            }
        };
        refused({u"--threshold"_s, u"0.5"_s}, "--threshold", "--sampler threshold");
        refused({u"--eta"_s, u"0.5"_s}, "--eta", "--remask");
        refused({u"--remask"_s, u"cap"_s, u"--t-on"_s, u"0.5"_s}, "--t-on", "--remask loop");
        refused({u"--remask"_s, u"cap"_s, u"--eta"_s, u"2"_s}, "η 2", "at most 1");
        refused({u"--remask"_s, u"loop"_s, u"--t-off"_s, u"0.9"_s}, "t_off 0.9", "less than t_on");
        refused({u"--remask"_s, u"cap"_s, u"--sampler"_s, u"entropy"_s}, "remasking cap", "sampler entropy");
        refused({u"--block-length"_s, u"4"_s, u"--sampler"_s, u"first-hitting"_s}, "first-hitting", "blocks");
        refused({u"--block-length"_s, u"4"_s, u"--length"_s, u"24"_s}, "6 blocks", "4 steps");
    }

    void anEmptyScheduleIsRefused() { QCOMPARE(runCli(cost({u"--schedule"_s, u"()"_s})).exitCode, 2); }

    void aTemperatureOfZeroIsWrongUse() {
        const CliResult result = runCli(generate({u"--temperature"_s, u"0"_s}));
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(result.output.contains("temperature"), result.output.constData());
    }

    void aPromptLongerThanTheLengthNamesBoth() {
        const CliResult result =
            runCli(generate({u"--length"_s, u"8"_s, u"--prompt"_s, u"twenty-two bytes long."_s}));
        QCOMPARE(result.exitCode, 2);
        const std::string reason = why(result);
        QVERIFY2(reason.find("22") != std::string::npos && reason.find("8") != std::string::npos,
                 reason.c_str());
    }

    void aMissingCheckpointIsAFailureThatNamesThePath() {
        const CliResult result = runCli({u"inspect"_s, text(*m_folder / "nowhere"), u"--json"_s});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(why(result).find("nowhere") != std::string::npos, why(result).c_str());
        QVERIFY2(result.errors.contains("remedy:"), result.errors.constData());
    }

    void membersWithDifferentTokenizersAreRefused() {
        const TemporaryFolder folder;
        const TinyPool pool(folder.path());
        writeByteTokenizer(pool.light, true); // one more token than the heavy one's
        const CliResult result =
            runCli(QStringList{u"generate"_s} + pool.models() +
                   QStringList{u"--schedule"_s, u"(H2,L2)"_s, u"--no-timing"_s, u"--json"_s});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(why(result).find("lacks") == std::string::npos, why(result).c_str());
    }

    void aMistypedStoreIsNotMadeAnew() {
        const CliResult result =
            runCli({u"runs"_s, u"list"_s, u"--store"_s, text(*m_folder / "typo.sqlite"), u"--json"_s});
        QCOMPARE(result.exitCode, 1);
        QVERIFY(!std::filesystem::exists(*m_folder / "typo.sqlite"));
    }

    void aStoreThatIsNoDatabaseIsRefusedBeforeAnythingIsGenerated() {
        writeText(*m_folder / "notes.txt", std::string(5000, 'x'));
        const CliResult result = runCli(generate({u"--store"_s, text(*m_folder / "notes.txt")}));
        QCOMPARE(result.exitCode, 1);
        QCOMPARE(readText(*m_folder / "notes.txt"), std::string(5000, 'x'));
    }

    void aReportOfARunThatIsNotThereIsRefused() {
        const QString store = text(*m_folder / "runs.sqlite");
        QCOMPARE(runCli(generate({u"--samples"_s, u"1"_s, u"--store"_s, store})).exitCode, 0);
        const CliResult result = runCli({u"report"_s, u"--store"_s, store, u"--runs"_s, u"77"_s, u"--out"_s,
                                         text(*m_folder / "report.html"), u"--json"_s});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(why(result).find("77") != std::string::npos, why(result).c_str());
        QVERIFY(!std::filesystem::exists(*m_folder / "report.html"));
    }
};

QTEST_GUILESS_MAIN(CliWrongUseTest)
#include "cli_wrong_use_test.moc"
