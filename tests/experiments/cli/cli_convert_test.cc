// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/safetensors.h"
#include "tests/testing/golden.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"
#include "tests/testing/torch_writer.h"

#include <QtTest>

#include <cstring>
#include <limits>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

namespace {

/// The bytes of the logits that `model` gives for a file of ids; empty when the program failed.
std::string logitsOf(const QString& model, const std::filesystem::path& input, const TemporaryFolder& folder,
                     const char* precision = "f32") {
    const CliResult result =
        runCli({u"logits"_s, u"--model"_s, model, u"--input"_s, text(input), u"--output"_s,
                text(folder / "logits.safetensors"), u"--precision"_s, QString::fromLatin1(precision)});
    if (result.exitCode != 0) {
        qWarning("%s", result.errors.constData());
        return {};
    }
    const auto file = MappedFile::open(folder / "logits.safetensors");
    const TensorView logits = readSafetensors(*file).at("logits");
    return {reinterpret_cast<const char*>(logits.bytes.data()), logits.bytes.size()};
}

std::size_t entriesOf(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

} // namespace

class CliConvertTest : public QObject {
    Q_OBJECT

private:
    static std::filesystem::path lightning() { return goldenPath("mdlm_lightning/last.ckpt"); }
    static std::filesystem::path lightningInput() { return goldenPath("mdlm_lightning/golden.safetensors"); }

private slots:
    void bothFileKindsAndTheirConversionsGiveTheSameLogits_data() {
        QTest::addColumn<QString>("model");
        for (const char* model : {"mdlm_random", "mdlm_random_time", "gpt2_random", "llama_random_gqa"})
            QTest::newRow(model) << QString::fromLatin1(model);
    }
    void bothFileKindsAndTheirConversionsGiveTheSameLogits() {
        QFETCH(const QString, model);
        const TemporaryFolder folder;
        const std::filesystem::path safe = goldenPath(model.toStdString()),
                                    input = safe / "golden.safetensors";
        std::filesystem::create_directory(folder / "pickled");
        std::filesystem::copy_file(safe / "config.json", folder / "pickled/config.json");
        writeText(folder / "pickled/pytorch_model.bin", torchArchiveOf(Checkpoint::open(safe).tensors()));

        const std::string expected = logitsOf(text(safe), input, folder);
        QVERIFY(!expected.empty());
        QVERIFY2(logitsOf(text(folder / "pickled"), input, folder) == expected, "pytorch_model.bin");
        const CliResult result =
            runCli({u"convert"_s, text(folder / "pickled"), text(folder / "clean"), u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QCOMPARE(result.json()["weights"].get<std::string>(), std::string("only"));
        QVERIFY2(logitsOf(text(folder / "clean"), input, folder) == expected, "converted");

        QCOMPARE(
            runCli({u"convert"_s, text(safe), text(folder / "narrow"), u"--precision"_s, u"bf16"_s}).exitCode,
            0);
        const auto narrow = Checkpoint::open(folder / "narrow");
        QCOMPARE(narrow.storedType(), DType::BF16);
        QCOMPARE(narrow.text("torch_dtype"), std::string("bfloat16"));
        const Checkpoint wide = Checkpoint::open(safe);
        QCOMPARE(narrow.tensors().size(), wide.tensors().size());
        for (const auto& [name, tensor] : wide.tensors()) {
            std::vector<float> rounded = tensor.toFloats();
            for (float& value : rounded)
                value = fromBf16(toBf16(value));
            QVERIFY2(narrow.tensor(name).toFloats() == rounded, name.c_str());
        }
        QVERIFY(!logitsOf(text(folder / "narrow"), input, folder, "bf16").empty());
    }

    void aTrainingCheckpointGivesItsAveragedWeightsUnlessAskedForTheRawOnes() {
        const TemporaryFolder folder;
        const std::string averaged = logitsOf(text(lightning()), lightningInput(), folder);
        const std::string raw = logitsOf(text(lightning()) + u"@raw"_s, lightningInput(), folder);
        QVERIFY(!averaged.empty() && !raw.empty());
        const GoldenFile golden("mdlm_lightning/golden.safetensors");
        const auto distance = [&](const std::string& bytes) {
            std::vector<float> values(bytes.size() / sizeof(float));
            std::memcpy(values.data(), bytes.data(), bytes.size());
            return relativeDistance(values, golden.floats("logits_ema"));
        };
        QVERIFY2(distance(averaged) <= kGoldenTolerance, qPrintable(QString::number(distance(averaged))));
        QVERIFY2(distance(raw) > 100 * kGoldenTolerance, qPrintable(QString::number(distance(raw))));

        QCOMPARE(runCli({u"convert"_s, text(lightning()), text(folder / "ema")}).exitCode, 0);
        QCOMPARE(runCli({u"convert"_s, text(lightning()), text(folder / "raw"), u"--raw"_s}).exitCode, 0);
        QVERIFY(logitsOf(text(folder / "ema"), lightningInput(), folder) == averaged);
        QVERIFY(logitsOf(text(folder / "raw"), lightningInput(), folder) == raw);
        QCOMPARE(runCli({u"inspect"_s, text(lightning()), u"--json"_s}).json()["weights"].get<std::string>(),
                 std::string("ema"));
        QCOMPARE(runCli({u"inspect"_s, text(lightning()) + u"@raw"_s, u"--json"_s})
                     .json()["weights"]
                     .get<std::string>(),
                 std::string("raw"));
        QVERIFY(runCli({u"inspect"_s, text(lightning())}).output.contains("EMA"));
    }

    void aPoolTakesTheTwoSetsOfOneCheckpoint() {
        const TemporaryFolder folder;
        const QString path = text(lightning());
        const CliResult result =
            runCli({u"cost"_s, u"--model"_s, u"H="_s + path, u"--model"_s, u"L="_s + path + u"@raw:bf16"_s,
                    u"--schedule"_s, u"sandwich:0.5"_s, u"--steps"_s, u"8"_s, u"--no-timing"_s, u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QCOMPARE(result.json()["steps"].get<int>(), 8);
    }

    void theTokenizerComesAlong() {
        const TemporaryFolder folder;
        writeTinyMdlm(folder / "in");
        writeByteTokenizer(folder / "in");
        const CliResult result =
            runCli({u"convert"_s, text(folder / "in"), text(folder / "out"), u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QCOMPARE(readText(folder / "out/tokenizer.json"), readText(folder / "in/tokenizer.json"));
        QCOMPARE(result.json()["tokenizer_files"].get<std::vector<std::string>>(),
                 std::vector<std::string>{"tokenizer.json"});
    }

    void nothingIsOverwrittenAndNothingIsLeftBehind() {
        const TemporaryFolder folder;
        writeText(folder / "full/file", "mine");
        CliResult result = runCli({u"convert"_s, text(goldenPath("mdlm_random")), text(folder / "full")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.errors.contains("there is something already"), result.errors.constData());
        QCOMPARE(readText(folder / "full/file"), std::string("mine"));
        QCOMPARE(entriesOf(folder.path()), std::size_t{1});

        // A weight that cannot be written fails the conversion when its folder is already begun: safetensors
        // names are UTF-8.
        std::filesystem::create_directory(folder / "in");
        writeText(folder / "in/config.json", "{}");
        const TorchStorages storages = {{"0", floatStorage({1})}};
        PickleText pickle;
        pickleStateDict(pickle, {{.name = "\xff", .storage = "0", .shape = {1}}}, storages);
        writeText(folder / "in/pytorch_model.bin", torchArchive(pickle.bytes(), storages));
        result = runCli({u"convert"_s, text(folder / "in"), text(folder / "out")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.errors.contains("not valid UTF-8"), result.errors.constData());
        QCOMPARE(entriesOf(folder.path()), std::size_t{2});
    }

    void anEmptyFolderIsTaken() {
        const TemporaryFolder folder;
        std::filesystem::create_directory(folder / "empty");
        QCOMPARE(
            runCli({u"convert"_s, text(goldenPath("mdlm_random")), text(folder / "empty") + u"/"_s}).exitCode,
            0);
        QVERIFY(std::filesystem::exists(folder / "empty/model.safetensors"));
        QCOMPARE(entriesOf(folder.path()), std::size_t{1});
    }

    void tensorsAreListedWithTheirRangesAndFaults() {
        const TemporaryFolder folder;
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN(),
                        kInfinity = std::numeric_limits<float>::infinity();
        const TorchStorages storages = {{"0", floatStorage({-1, 2, 5, kNan, kInfinity, -kInfinity})}};
        PickleText pickle;
        pickleStateDict(pickle,
                        {{.name = "broken", .storage = "0", .shape = {2, 3}},
                         {.name = "sound", .storage = "0", .shape = {3}}},
                        storages);
        writeText(folder / "pytorch_model.bin", torchArchive(pickle.bytes(), storages));
        writeText(folder / "config.json", "{}");
        const CliResult result = runCli({u"inspect"_s, text(folder.path()), u"--tensors"_s, u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json tensors = result.json()["tensors"];
        QCOMPARE(tensors.size(), std::size_t{2});
        QCOMPARE(tensors[0]["name"].get<std::string>(), std::string("broken"));
        QCOMPARE(tensors[0]["dtype"].get<std::string>(), std::string("f32"));
        QCOMPARE(tensors[0]["shape"].get<std::vector<int>>(), (std::vector<int>{2, 3}));
        QCOMPARE(tensors[0]["nan"].get<int>(), 1);
        QCOMPARE(tensors[0]["infinite"].get<int>(), 2);
        QCOMPARE(tensors[0]["min"].get<double>(), -1.0);
        QCOMPARE(tensors[0]["max"].get<double>(), 5.0);
        QCOMPARE(tensors[1]["mean"].get<double>(), 2.0);
        QCOMPARE(tensors[1]["nan"].get<int>(), 0);
        const CliResult readable = runCli({u"inspect"_s, text(folder.path()), u"--tensors"_s});
        QVERIFY(readable.output.contains("1 NaN, 2 infinite"));
        QVERIFY(readable.output.contains("[2, 3]"));
    }

    void aPickleThatWouldRunACommandIsRefusedByName() {
        const TemporaryFolder folder;
        writeText(folder / "config.json", "{}");
        writeText(folder / "pytorch_model.bin",
                  torchArchive(PickleText()
                                   .global("os", "system")
                                   .op('(')
                                   .text("touch " + (folder / "marker").string())
                                   .op("tR")
                                   .bytes(),
                               {}));
        const CliResult result = runCli({u"inspect"_s, text(folder.path())});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.errors.contains("os.system") && result.errors.contains("nothing was run"),
                 result.errors.constData());
        QVERIFY(!std::filesystem::exists(folder / "marker"));
    }
};

QTEST_GUILESS_MAIN(CliConvertTest)
#include "cli_convert_test.moc"
