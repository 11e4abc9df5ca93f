// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/golden.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QTest>

#include <cmath>
#include <cstring>
#include <numeric>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// bf16 has 8 bits: products of 2⁻⁹ relative error each add up over the blocks. Measured: 0.0029 and 0.0039
/// on the random goldens, 0.0032 and 0.0027 on the bundled pair (relative to the largest logit, AVX-512 with
/// AMX).
constexpr double kBf16Distance = 0.01;
/// int8 has one step in 127 of the largest weight of an output, one in 255 of a row's range. Measured: 0.012
/// and 0.010 on the random goldens, 0.036 and 0.033 on the bundled pair.
constexpr double kInt8Distance = 0.06;

std::vector<std::int32_t> allRows(int count) {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
}

struct Batch {
    std::vector<std::int32_t> tokens;
    std::vector<float> sigma;
    int samples = 0;
    int length = 0;
};

std::vector<float> logitsOf(MaskedDiffusionModel& model, const Batch& batch,
                            const std::vector<std::int32_t>& rows) {
    std::vector<float> out(rows.size() * static_cast<std::size_t>(model.facts().vocabulary));
    model.logits({batch.tokens, batch.sigma, batch.samples, batch.length, rows}, out);
    return out;
}

Batch goldenBatch(const GoldenFile& golden) {
    const auto& shape = golden.shape("input_ids");
    return {golden.integers("input_ids"), golden.floats("sigma"), static_cast<int>(shape[0]),
            static_cast<int>(shape[1])};
}

/// A batch of pseudo-random tokens, some masked; sample s is the same whatever `samples`.
Batch madeUpBatch(const MaskedDiffusionModel& model, int samples, int length) {
    Batch batch{{}, {}, samples, length};
    for (int sample = 0; sample < samples; ++sample) {
        for (int position = 0; position < length; ++position) {
            const unsigned hash =
                (static_cast<unsigned>(sample) * 7919u + static_cast<unsigned>(position)) * 2654435761u;
            batch.tokens.push_back(hash >> 30 ? static_cast<std::int32_t>(hash >> 8) % model.maskToken()
                                              : model.maskToken());
        }
        batch.sigma.push_back(0.1f + 0.3f * static_cast<float>(sample));
    }
    for (std::int32_t& token : batch.tokens)
        token = std::abs(token);
    return batch;
}

} // namespace

class MdlmTest : public QObject {
    Q_OBJECT

private slots:
    void reproducesThePublishedModel_data() {
        QTest::addColumn<QString>("folder");
        QTest::newRow("no time conditioning") << "mdlm_random";
        QTest::newRow("time conditioning, odd length") << "mdlm_random_time";
    }
    void reproducesThePublishedModel() {
        QFETCH(QString, folder);
        const std::string name = folder.toStdString();
        const GoldenFile golden(name + "/golden.safetensors");
        const Batch batch = goldenBatch(golden);
        ComputeContext context(2);
        const auto model =
            loadMaskedDiffusionModel(Checkpoint::open(goldenPath(name)), Precision::F32, context);
        const auto rows = allRows(batch.samples * batch.length);
        const double distance = relativeDistance(logitsOf(*model, batch, rows), golden.floats("logits"));
        QVERIFY2(distance <= kGoldenTolerance, qPrintable(QString::number(distance)));

        const auto narrow =
            loadMaskedDiffusionModel(Checkpoint::open(goldenPath(name)), Precision::BF16, context);
        const double narrowDistance =
            relativeDistance(logitsOf(*narrow, batch, rows), golden.floats("logits"));
        QVERIFY2(narrowDistance <= kBf16Distance, qPrintable(QString::number(narrowDistance)));
        if (supportsBf16())
            QVERIFY2(narrowDistance > kGoldenTolerance, "bf16 was asked for but f32 computed");

        const auto byteWide =
            loadMaskedDiffusionModel(Checkpoint::open(goldenPath(name)), Precision::Int8, context);
        QCOMPARE(byteWide->facts().effective, effectivePrecision(Precision::Int8));
        const double byteDistance =
            relativeDistance(logitsOf(*byteWide, batch, rows), golden.floats("logits"));
        QVERIFY2(byteDistance <= kInt8Distance, qPrintable(QString::number(byteDistance)));
        if (supportsInt8())
            QVERIFY2(byteDistance > narrowDistance, "int8 was asked for but bf16 computed");
    }

    void reproducesTheBundledModels_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("heavy") << "heavy";
        QTest::newRow("light") << "light";
    }
    void reproducesTheBundledModels() {
        QFETCH(QString, name);
        const GoldenFile golden("bundled/" + name.toStdString() + ".safetensors");
        Batch batch{golden.integers("input_ids"), {}, 3, 128};
        std::vector<std::int32_t> rows;
        const auto pairs = golden.integers("rows"); // [6, 2]: sample, position
        for (std::size_t i = 0; i < pairs.size(); i += 2)
            rows.push_back(pairs[i] * 128 + pairs[i + 1]);
        ComputeContext context(2);
        const auto checkpoint = Checkpoint::open(resourcePath("checkpoints/" + name.toStdString()));
        const auto model = loadMaskedDiffusionModel(checkpoint, Precision::F32, context);
        const double distance =
            relativeDistance(logitsOf(*model, batch, rows), golden.floats("logits_at_rows"));
        QVERIFY2(distance <= kGoldenTolerance, qPrintable(QString::number(distance)));
        const auto narrow = loadMaskedDiffusionModel(checkpoint, Precision::BF16, context);
        const double narrowDistance =
            relativeDistance(logitsOf(*narrow, batch, rows), golden.floats("logits_at_rows"));
        QVERIFY2(narrowDistance <= kBf16Distance, qPrintable(QString::number(narrowDistance)));
        const auto byteWide = loadMaskedDiffusionModel(checkpoint, Precision::Int8, context);
        const double byteDistance =
            relativeDistance(logitsOf(*byteWide, batch, rows), golden.floats("logits_at_rows"));
        QVERIFY2(byteDistance <= kInt8Distance, qPrintable(QString::number(byteDistance)));
    }

    void aRowsLogitsDoNotDependOnBatchThreadsOrOtherRows_data() {
        QTest::addColumn<bool>("timeConditioning");
        QTest::addColumn<Precision>("precision");
        for (const bool time : {false, true})
            for (const Precision precision : {Precision::F32, Precision::BF16, Precision::Int8})
                QTest::addRow("%s, %s", time ? "time" : "no time", precisionName(precision).data())
                    << time << precision;
    }
    void aRowsLogitsDoNotDependOnBatchThreadsOrOtherRows() {
        QFETCH(bool, timeConditioning);
        QFETCH(Precision, precision);
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path(), {.width = 64,
                                      .heads = 2,
                                      .blocks = 3,
                                      .vocabulary = 150,
                                      .length = 50,
                                      .timeConditioning = timeConditioning});
        const Checkpoint checkpoint = Checkpoint::open(folder.path());
        ComputeContext one(1), two(2);
        const auto single = loadMaskedDiffusionModel(checkpoint, precision, one);
        const auto shared = loadMaskedDiffusionModel(checkpoint, precision, two);
        const Batch eight = madeUpBatch(*single, 8, 50);
        const auto all = logitsOf(*shared, eight, allRows(8 * 50));
        QVERIFY(all == logitsOf(*single, eight, allRows(8 * 50)));

        const auto vocabulary = static_cast<std::size_t>(single->facts().vocabulary);
        for (int sample = 0; sample < 8; ++sample) {
            Batch alone{{eight.tokens.begin() + sample * 50, eight.tokens.begin() + (sample + 1) * 50},
                        {eight.sigma[static_cast<std::size_t>(sample)]},
                        1,
                        50};
            const std::vector<std::int32_t> rows{3, 17, 49};
            const auto some = logitsOf(*single, alone, rows);
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const auto row = static_cast<std::size_t>(sample * 50 + rows[i]);
                QCOMPARE(
                    std::memcmp(&some[i * vocabulary], &all[row * vocabulary], vocabulary * sizeof(float)),
                    0);
            }
        }
    }

    void readsEveryStoredPrecision() {
        for (const DType stored : {DType::F32, DType::F16, DType::BF16}) {
            const TemporaryFolder folder;
            writeTinyMdlm(folder.path(), {.stored = stored});
            ComputeContext context(1);
            const auto model =
                loadMaskedDiffusionModel(Checkpoint::open(folder.path()), Precision::BF16, context);
            QCOMPARE(model->facts().stored, stored);
            QCOMPARE(model->facts().requested, Precision::BF16);
            QCOMPARE(model->facts().effective, supportsBf16() ? Precision::BF16 : Precision::F32);
        }
    }

    void statesItsFlops() {
        ComputeContext context(1);
        const auto facts = describe(Checkpoint::open(resourcePath("checkpoints/heavy")));
        // models.md §3: n(24d² + 4Ld)L for the blocks, 2dV per row for the output layer.
        QCOMPARE(facts.blockFlops(128), 12.0 * (24.0 * 192 * 192 + 4.0 * 128 * 192) * 128);
        QCOMPARE(facts.headFlopsPerRow, 2.0 * 192 * 4097);
        // Keys and values of the last block, 2 · 2d² a row, are all that it owes to rows nobody wants.
        QCOMPARE(facts.lastBlockRowFlops(128), 20.0 * 192 * 192 + 4.0 * 128 * 192);
        QCOMPARE(facts.length, 128);
        QCOMPARE(facts.heads, 3);
    }
};

QTEST_GUILESS_MAIN(MdlmTest)
#include "mdlm_test.moc"
