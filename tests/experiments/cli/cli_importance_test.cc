// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "tests/testing/paths.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliImportanceTest : public QObject {
    Q_OBJECT

private:
    static CliResult importance(const QStringList& more, const QString& tale = {}) {
        const QString pair = text(resourcePath("checkpoints"));
        const QString words =
            tale.isEmpty() ? text(resourcePath("texts") / "the-lamplighters-geese.txt") : tale;
        return runCli(QStringList{u"importance"_s, u"--model"_s, u"L="_s + pair + u"/light:bf16"_s,
                                  u"--model"_s, u"H="_s + pair + u"/heavy:bf16"_s, u"--text"_s, words} +
                      more);
    }

private slots:
    void theBundledPairIsMeasured() {
        const QStringList few{u"--grid"_s,   u"2"_s,  u"--windows"_s, u"8"_s,
                              u"--length"_s, u"64"_s, u"--json"_s};
        const CliResult result = importance(few);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json json = result.json();
        QCOMPARE(json["times"], (nlohmann::json{0.75, 0.25}));
        QCOMPARE(json["windows"].get<int>(), 8);
        QCOMPARE(json["length"].get<int>(), 64);
        QCOMPARE(json["pool"][0]["letter"].get<std::string>(), std::string("H")); // what savings refer to
        const nlohmann::json& heavy = json["members"][0];
        const nlohmann::json& light = json["members"][1];
        QCOMPARE(light["letter"].get<std::string>(), std::string("L"));
        for (int time = 0; time < 2; ++time) {
            QCOMPARE(heavy["divergence"][time]["value"].get<double>(), 0.0);
            QVERIFY(light["divergence"][time]["value"].get<double>() > 0);
            QVERIFY(heavy["cross_entropy"][time]["value"].get<double>() < 8); // chance: log 4096 = 8.3
        }
        // The more is known of a text, the better it is guessed.
        QVERIFY(heavy["cross_entropy"][1]["value"].get<double>() + 1 <
                heavy["cross_entropy"][0]["value"].get<double>());
        QCOMPARE(importance(few).json(), json);
    }

    void theTableSaysWhatItMeasuredAndHowMuchOfIt() {
        const CliResult result = importance({u"--grid"_s, u"2"_s, u"--windows"_s, u"100000"_s, u"--length"_s,
                                             u"128"_s, u"--threads"_s, u"2"_s},
                                            writtenText(3000));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QVERIFY2(result.output.contains("KL(H‖L)"), result.output.constData());
        QVERIFY2(result.output.contains("L diverges most at t = "), result.output.constData());
        QVERIFY2(result.errors.contains("100000 were asked for"), result.errors.constData());
    }

    void whatWasMeasuredIsFoundAgain() {
        const QString store = text(m_folder / "runs.sqlite");
        const auto measure = [&](const QString& seed) {
            nlohmann::json json = importance({u"--grid"_s, u"2"_s, u"--windows"_s, u"4"_s, u"--length"_s,
                                              u"32"_s, u"--seed"_s, seed, u"--store"_s, store, u"--json"_s})
                                      .json();
            return json;
        };
        nlohmann::json first = measure(u"1"_s), second = measure(u"1"_s);
        QVERIFY(!first["known"].get<bool>() && second["known"].get<bool>());
        first["known"] = true;
        QCOMPARE(second, first);
        QVERIFY(!measure(u"2"_s)["known"].get<bool>());
    }

    void theBestScheduleOfABudgetLosesLeast() {
        const QString pair = text(resourcePath("checkpoints"));
        const QStringList words{u"optimise"_s,
                                u"--model"_s,
                                u"H="_s + pair + u"/heavy:bf16"_s,
                                u"--model"_s,
                                u"L="_s + pair + u"/light:bf16"_s,
                                u"--text"_s,
                                text(resourcePath("texts") / "the-lamplighters-geese.txt"),
                                u"--grid"_s,
                                u"8"_s,
                                u"--windows"_s,
                                u"8"_s,
                                u"--length"_s,
                                u"64"_s,
                                u"--store"_s,
                                text(m_folder / "optimum.sqlite"),
                                u"--steps"_s,
                                u"64"_s,
                                u"--max-segments"_s,
                                u"3"_s};
        const CliResult result = runCli(words + QStringList{u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json json = result.json();
        const auto cost = [](const nlohmann::json& schedule) {
            return schedule["predicted_nats_per_token"].get<double>();
        };
        const double best = cost(json["schedules"][1]);
        QVERIFY(best > 0);
        for (const nlohmann::json& schedule : json["schedules"])
            QVERIFY(cost(schedule) >= best - 1e-12);
        QCOMPARE(json["front"].size(), std::size_t{21});
        QCOMPARE(cost(json["front"][0]), 0.0);
        for (std::size_t i = 1; i < 21; ++i)
            QVERIFY(cost(json["front"][i]) > cost(json["front"][i - 1]));
        QVERIFY(runCli(words).output.contains("optimum of 3 segments"));
        QCOMPARE(runCli(words + QStringList{u"--budget"_s, u"2"_s}).exitCode, 2);
    }

    void whatCannotBeMeasuredIsSaid() {
        const CliResult brief = importance({u"--length"_s, u"128"_s}, writtenText(40));
        QCOMPARE(brief.exitCode, 1);
        QVERIFY2(brief.errors.contains("shorter windows"), brief.errors.constData());
        const CliResult absent = importance({}, u"/no/such/text"_s);
        QCOMPARE(absent.exitCode, 1);
        QVERIFY2(absent.errors.contains("cannot read the text"), absent.errors.constData());
        const CliResult wide = importance({u"--length"_s, u"4000"_s});
        QVERIFY2(wide.errors.contains("was made for 128 positions"), wide.errors.constData());
        QCOMPARE(importance({u"--grid"_s, u"0"_s}).exitCode, 2);
    }

private:
    /// The first bytes of the bundled tale as a file.
    QString writtenText(std::size_t bytes) {
        writeText(m_folder / "text.txt",
                  readText(resourcePath("texts") / "the-lamplighters-geese.txt").substr(0, bytes));
        return text(m_folder / "text.txt");
    }
    TemporaryFolder m_folder;
};

QTEST_GUILESS_MAIN(CliImportanceTest)
#include "cli_importance_test.moc"
