// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <cmath>

using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliCheckpointCommandsTest : public QObject {
    Q_OBJECT

private:
    static QString checkpoint(const char* name) {
        return text(resourcePath(std::string("checkpoints/") + name));
    }
    static QStringList pair() {
        return {u"--model"_s, u"H="_s + checkpoint("heavy"), u"--model"_s, u"L="_s + checkpoint("light")};
    }

private slots:
    void inspectDescribesTheBundledHeavyModel() {
        const CliResult result = runCli({u"inspect"_s, checkpoint("heavy"), u"--json"_s});
        QCOMPARE(result.exitCode, 0);
        const nlohmann::json json = result.json();
        QCOMPARE(json["architecture"].get<std::string>(), std::string("mdlm"));
        QCOMPARE(json["blocks"].get<int>(), 12);
        QCOMPARE(json["width"].get<int>(), 192);
        QCOMPARE(json["heads"].get<int>(), 3);
        QCOMPARE(json["vocabulary"].get<int>(), 4097);
        QCOMPARE(json["length"].get<int>(), 128);
        QCOMPARE(json["precision_stored"].get<std::string>(), std::string("bf16"));
        QVERIFY(std::abs(json["parameters"].get<double>() - 8.78e6) < 0.01e6);
        QVERIFY(json["tokenizer"].get<std::string>().find("4,096") != std::string::npos);
        QCOMPARE(json["sha256"].get<std::string>().size(), std::size_t{64});
        // 12 blocks of 24 d² + 4 L d on L rows; 2 d V on L rows.
        QCOMPARE(json["flops_per_call"]["blocks"].get<double>(),
                 128.0 * 12 * (24.0 * 192 * 192 + 4.0 * 128 * 192));
        QCOMPARE(json["flops_per_call"]["head"].get<double>(), 128.0 * 2 * 192 * 4097);
    }

    void computeShowsThePapersTableAndTheTermsOfAShape() {
        const nlohmann::json rows = runCli({u"compute"_s, u"--json"_s}).json()["rows"];
        QCOMPARE(rows.size(), std::size_t{6});
        for (const nlohmann::json& row : rows)
            QVERIFY(std::abs(row["parameters"].get<double>() / row["published"]["parameters"].get<double>() -
                             1) < 0.01);
        const CliResult shape = runCli({u"compute"_s, u"calm"_s, u"--chunk"_s, u"8"_s, u"--json"_s});
        QCOMPARE(shape.exitCode, 0);
        const nlohmann::json estimate = shape.json();
        double sum = 0;
        for (const nlohmann::json& term : estimate["terms"])
            sum += term["inference_flops"].get<double>();
        QCOMPARE(sum, estimate["inference_flops"].get<double>());
        QCOMPARE(runCli({u"compute"_s, u"calm"_s, u"--chunk"_s, u"0"_s}).exitCode, 2);
    }

    void inspectSpeaksPlainlyWithoutJson() {
        const CliResult result = runCli({u"inspect"_s, checkpoint("reader")});
        QCOMPARE(result.exitCode, 0);
        QVERIFY(result.output.contains("llama"));
        QVERIFY(result.output.contains("4.33M"));
    }

    void inspectOfAFolderWithoutTokenizerSaysSo() {
        const CliResult result = runCli({u"inspect"_s, text(goldenPath("mdlm_random")), u"--json"_s});
        QCOMPARE(result.exitCode, 0);
        QVERIFY(result.json()["tokenizer"].is_null());
    }

    void tokenizeAndDecodeGiveTheTextBack() {
        const QByteArray original = "  The Wizard of Oz — “naïve” 漢字 🙂\n\nEnd\n";
        const CliResult ids = runCli({u"tokenize"_s, u"--tokenizer"_s, checkpoint("heavy")}, original);
        QCOMPARE(ids.exitCode, 0);
        QVERIFY(ids.json().is_array());
        QVERIFY(!ids.json().empty());
        const CliResult back =
            runCli({u"tokenize"_s, u"--tokenizer"_s, checkpoint("heavy"), u"--decode"_s}, ids.output);
        QCOMPARE(back.exitCode, 0);
        QCOMPARE(back.output, original);
    }

    void invalidUtf8OnStandardInputIsRefused() {
        const CliResult result = runCli({u"tokenize"_s, u"--tokenizer"_s, checkpoint("heavy"), u"--json"_s},
                                        QByteArray("good \xFF bad"));
        QCOMPARE(result.exitCode, 1);
        QVERIFY(result.json()["error"]["where"].get<std::string>().find("standard input") !=
                std::string::npos);
        QVERIFY2(result.output.contains('5'), "the byte that is wrong is named");
    }

    void anIdThatTheTokenizerLacksIsRefused() {
        const CliResult result =
            runCli({u"tokenize"_s, u"--tokenizer"_s, checkpoint("heavy"), u"--decode"_s}, "[1, 99999]");
        QCOMPARE(result.exitCode, 1);
        QVERIFY(result.errors.contains("99999"));
    }

    void aSandwichOverAQuarterOfTheStepsSavesOneSixthOfTheBlocks() {
        const CliResult result = runCli(QStringList{u"cost"_s} + pair() +
                                        QStringList{u"--schedule"_s, u"(L125,H750,L125)"_s, u"--length"_s,
                                                    u"128"_s, u"--no-timing"_s, u"--json"_s});
        QCOMPARE(result.exitCode, 0);
        const nlohmann::json json = result.json();
        QCOMPARE(json["steps"].get<int>(), 1000);
        QCOMPARE(json["light_share"].get<double>(), 0.25);
        QVERIFY(std::abs(json["blocks_only_saving"].get<double>() - 1.0 / 6) < 1e-12);
        for (const char* key : {"nominal_saving", "executed_saving", "expected_calls", "seconds"})
            QVERIFY2(json.contains(key), key);
        QVERIFY(json["seconds"].is_null());
        // 1000 steps on 128 positions: 1000 · (1 − (1 − 1/1000)^128) calls.
        QVERIFY(std::abs(json["expected_calls"].get<double>() - 120.2) < 0.2);
    }

    void costTimesTheModelsUnlessToldNotTo() {
        const TemporaryFolder folder;
        const TinyPool pool(folder.path());
        const CliResult result = runCli(QStringList{u"cost"_s} + pool.models() +
                                        QStringList{u"--schedule"_s, u"sandwich:0.5"_s, u"--steps"_s, u"8"_s,
                                                    u"--threads"_s, u"1"_s, u"--json"_s});
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(result.json()["steps"].get<int>(), 8);
        QVERIFY(result.json()["seconds"].get<double>() > 0);
    }

    void aPresetTakes256StepsUnlessTold() {
        const CliResult result =
            runCli(QStringList{u"cost"_s} + pair() +
                   QStringList{u"--schedule"_s, u"sandwich:0.25"_s, u"--no-timing"_s, u"--json"_s});
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(result.json()["schedule"].get<std::string>(), std::string("(L32,H192,L32)"));
        QCOMPARE(result.json()["length"].get<int>(), 128);
    }
};

QTEST_GUILESS_MAIN(CliCheckpointCommandsTest)
#include "cli_checkpoint_commands_test.moc"
