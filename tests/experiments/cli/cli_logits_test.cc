// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/checkpoint/safetensors.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliLogitsTest : public QObject {
    Q_OBJECT

private slots:
    void agreeWithTheReferenceImplementation_data() {
        QTest::addColumn<QString>("model");
        for (const char* model : {"mdlm_random", "mdlm_random_time", "gpt2_random", "llama_random_gqa"})
            QTest::newRow(model) << QString::fromLatin1(model);
    }
    void agreeWithTheReferenceImplementation() {
        QFETCH(const QString, model);
        const TemporaryFolder folder;
        const std::filesystem::path golden = goldenPath(model.toStdString());
        const CliResult result = runCli({u"logits"_s, u"--model"_s, text(golden), u"--input"_s,
                                         text(golden / "golden.safetensors"), u"--output"_s,
                                         text(folder / "out.safetensors"), u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());

        const auto expectedFile = MappedFile::open(golden / "golden.safetensors");
        const auto foundFile = MappedFile::open(folder / "out.safetensors");
        const TensorView expected = readSafetensors(*expectedFile).at("logits");
        const TensorView found = readSafetensors(*foundFile).at("logits");
        QCOMPARE(found.shape, expected.shape);
        QCOMPARE(result.json()["shape"].get<std::vector<std::int64_t>>(), expected.shape);
        const std::vector<float> wanted = expected.toFloats(), got = found.toFloats();
        float largest = 0, furthest = 0;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            largest = std::max(largest, std::abs(wanted[i]));
            furthest = std::max(furthest, std::abs(wanted[i] - got[i]));
        }
        QVERIFY2(furthest <= 2e-4f * largest, qPrintable(QString::number(furthest / largest)));
    }

    void anIdBeyondTheVocabularyIsNamed() {
        const TemporaryFolder folder;
        const std::vector<std::int32_t> ids = {1, 2, 211, 3};
        const std::vector<std::int64_t> shape = {2, 2};
        const TensorToWrite tensor{"input_ids", DType::I32, shape, std::as_bytes(std::span(ids))};
        writeSafetensors(folder / "in.safetensors", {&tensor, 1});
        const CliResult result =
            runCli({u"logits"_s, u"--model"_s, text(goldenPath("mdlm_random")), u"--input"_s,
                    text(folder / "in.safetensors"), u"--output"_s, text(folder / "out.safetensors")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY(result.errors.contains("input_ids[1, 0] is 211"));
        QVERIFY(!std::filesystem::exists(folder / "out.safetensors"));
    }

    void aTimeConditionedModelAsksForSigma() {
        const TemporaryFolder folder;
        const std::vector<std::int64_t> ids = {1, 2, 3};
        const std::vector<std::int64_t> shape = {1, 3};
        const TensorToWrite tensor{"input_ids", DType::I64, shape, std::as_bytes(std::span(ids))};
        writeSafetensors(folder / "in.safetensors", {&tensor, 1});
        const CliResult result =
            runCli({u"logits"_s, u"--model"_s, text(goldenPath("mdlm_random_time")), u"--input"_s,
                    text(folder / "in.safetensors"), u"--output"_s, text(folder / "out.safetensors")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY(result.errors.contains("sigma"));
    }
};

QTEST_GUILESS_MAIN(CliLogitsTest)
#include "cli_logits_test.moc"
