// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/safetensors.h"
#include "tests/engine/models/plain_stack.h"
#include "tests/testing/golden.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

/// LLaDA and Dream folders through the program itself.
class CliStacksTest : public QObject {
    Q_OBJECT

private:
    /// A padded vocabulary over the byte tokenizer, its mask among the special tokens.
    static std::filesystem::path writeModel(const std::filesystem::path& folder, const QString& kind,
                                            int blocks = 2) {
        writeByteTokenizer(folder, true);
        if (kind == u"llada"_s)
            return writeTinyLlada(folder, {.blocks = blocks, .vocabulary = 304, .maskToken = 257});
        return writeTinyDream(folder, {.blocks = blocks, .vocabulary = 304, .maskToken = 257});
    }
    static void addKinds() {
        QTest::addColumn<QString>("kind");
        QTest::newRow("LLaDA") << u"llada"_s;
        QTest::newRow("Dream") << u"Dream"_s;
    }

private slots:
    void inspectSaysWhatItIs_data() { addKinds(); }
    void inspectSaysWhatItIs() {
        QFETCH(QString, kind);
        const TemporaryFolder folder;
        const QString path = text(writeModel(folder.path(), kind));
        const CliResult result = runCli({u"inspect"_s, path, u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json json = result.json();
        QCOMPARE(json["architecture"].get<std::string>(), kind.toStdString());
        QCOMPARE(json["blocks"].get<int>(), 2);
        QCOMPARE(json["vocabulary"].get<int>(), 304);
        QCOMPARE(json["key_value_heads"].get<int>(), kind == u"llada"_s ? 2 : 1);
        QCOMPARE(json["logits_shifted"].get<bool>(), kind == u"Dream"_s);
        QCOMPARE(runCli({u"inspect"_s, path}).output.contains("shifted by one"), kind == u"Dream"_s);
    }

    void logitsAreThoseOfThePublishedCode_data() { addKinds(); }
    void logitsAreThoseOfThePublishedCode() {
        QFETCH(QString, kind);
        const TemporaryFolder folder;
        const auto model = writeModel(folder / "model", kind);
        const std::vector<std::int32_t> ids{257, 3, 257, 250, 8, 257, 9};
        const std::vector<std::int64_t> shape{1, static_cast<std::int64_t>(ids.size())};
        const TensorToWrite tensor{"input_ids", DType::I32, shape, std::as_bytes(std::span(ids))};
        writeSafetensors(folder / "in.safetensors", {&tensor, 1});
        const CliResult result =
            runCli({u"logits"_s, u"--model"_s, text(model), u"--input"_s, text(folder / "in.safetensors"),
                    u"--output"_s, text(folder / "out.safetensors"), u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const auto file = MappedFile::open(folder / "out.safetensors");
        const Checkpoint checkpoint = Checkpoint::open(model);
        const double distance =
            relativeDistance(readSafetensors(*file).at("logits").toFloats(),
                             kind == u"llada"_s ? plainLlada(checkpoint, ids) : plainDream(checkpoint, ids));
        QVERIFY2(distance <= kGoldenTolerance, qPrintable(QString::number(distance)));
    }

    void aScheduleOverTwoOfThemGenerates_data() { addKinds(); }
    void aScheduleOverTwoOfThemGenerates() {
        QFETCH(QString, kind);
        const TemporaryFolder folder;
        const QString heavy = text(writeModel(folder / "heavy", kind, 3)),
                      light = text(writeModel(folder / "light", kind, 1));
        const auto generate = [&](const QString& precision, const QString& batch) {
            return runCli({u"generate"_s, u"--model"_s, u"H="_s + heavy, u"--model"_s,
                           u"L="_s + light + u":"_s + precision, u"--schedule"_s, u"(L2,H4,L2)"_s,
                           u"--length"_s, u"12"_s, u"--samples"_s, u"3"_s, u"--prompt"_s, u"Hi "_s,
                           u"--threads"_s, u"1"_s, u"--batch"_s, batch, u"--no-timing"_s, u"--json"_s});
        };
        for (const QString& precision : {u"f32"_s, u"bf16"_s}) {
            const CliResult result = generate(precision, u"1"_s);
            QVERIFY2(result.exitCode == 0, result.errors.constData());
            const nlohmann::json json = result.json();
            QCOMPARE(json["samples"].size(), std::size_t{3});
            for (const nlohmann::json& sample : json["samples"]) {
                QVERIFY(sample["text"].get<std::string>().starts_with("Hi "));
                for (const nlohmann::json& token : sample["tokens"])
                    QVERIFY(token.get<int>() < 257);
            }
            QVERIFY(generate(precision, u"3"_s).json()["samples"] == json["samples"]);
        }
    }

    void aFolderThatLacksTensorsIsRefusedWithTheirNames() {
        const TemporaryFolder folder;
        const auto model = writeModel(folder.path(), u"llada"_s);
        auto config = nlohmann::json::parse(readText(model / "config.json"));
        config["n_layers"] = 3;
        writeText(model / "config.json", config.dump());
        const CliResult result = runCli({u"generate"_s, u"--model"_s, u"H="_s + text(model), u"--schedule"_s,
                                         u"(H4)"_s, u"--length"_s, u"8"_s});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.errors.contains("9 missing: model.transformer.blocks.2."), result.errors);
    }
};

QTEST_GUILESS_MAIN(CliStacksTest)
#include "cli_stacks_test.moc"
