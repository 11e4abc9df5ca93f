// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"
#include "tests/engine/models/made_up_tokens.h"
#include "tests/engine/models/plain_stack.h"
#include "tests/testing/golden.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QTest>

#include <functional>
#include <numeric>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Relative to the largest logit. Measured on these checkpoints (AVX-512 with AMX): 0.004 to 0.010 in bf16,
/// 0.015 to 0.031 in int8.
constexpr double kBf16Distance = 0.025;
constexpr double kInt8Distance = 0.06;

using Write = std::function<void(const std::filesystem::path& folder)>;

std::vector<float> logitsOf(MaskedDiffusionModel& model, const std::vector<std::int32_t>& tokens, int samples,
                            const std::vector<std::int32_t>& rows) {
    std::vector<float> out(rows.size() * static_cast<std::size_t>(model.facts().vocabulary));
    model.logits({tokens, {}, samples, static_cast<int>(tokens.size()) / samples, rows}, out);
    return out;
}

std::vector<float> allLogitsOf(MaskedDiffusionModel& model, const std::vector<std::int32_t>& tokens,
                               int samples) {
    std::vector<std::int32_t> rows(tokens.size());
    std::iota(rows.begin(), rows.end(), 0);
    return logitsOf(model, tokens, samples, rows);
}

std::span<const float> rowOf(const std::vector<float>& logits, int row, int vocabulary) {
    return std::span(logits).subspan(static_cast<std::size_t>(row * vocabulary),
                                     static_cast<std::size_t>(vocabulary));
}

} // namespace

Q_DECLARE_METATYPE(Write)

class BidirectionalTest : public QObject {
    Q_OBJECT

    static void addCheckpoints() {
        QTest::addColumn<Write>("write");
        const auto add = [](const char* name, auto shape) {
            QTest::newRow(name) << Write([shape](const std::filesystem::path& folder) {
                if constexpr (std::is_same_v<decltype(shape), TinyLlada>)
                    writeTinyLlada(folder, shape);
                else
                    writeTinyDream(folder, shape);
            });
        };
        add("LLaDA",
            TinyLlada{.width = 40, .heads = 4, .keyValueHeads = 4, .feedForward = 53, .vocabulary = 71});
        add("LLaDA, grouped and tied", TinyLlada{.width = 36,
                                                 .heads = 6,
                                                 .keyValueHeads = 3,
                                                 .blocks = 3,
                                                 .feedForward = 41,
                                                 .vocabulary = 67,
                                                 .tied = true});
        add("LLaDA, biases on queries, keys and values",
            TinyLlada{.width = 36, .heads = 2, .keyValueHeads = 1, .queryKeyValueBias = true});
        add("LLaDA, one block", TinyLlada{.blocks = 1});
        add("LLaDA, biases everywhere", TinyLlada{.width = 28, .heads = 2, .feedForward = 33, .bias = true});
        add("Dream", TinyDream{.width = 36,
                               .heads = 6,
                               .keyValueHeads = 2,
                               .blocks = 3,
                               .feedForward = 41,
                               .vocabulary = 71});
        add("Dream, tied", TinyDream{.width = 40, .heads = 2, .keyValueHeads = 2, .tied = true});
    }

private slots:
    void agreesWithThePublishedForward_data() { addCheckpoints(); }
    void agreesWithThePublishedForward() {
        QFETCH(Write, write);
        const TemporaryFolder folder;
        write(folder.path());
        const Checkpoint checkpoint = Checkpoint::open(folder.path());
        ComputeContext context(2);
        const auto model = loadMaskedDiffusionModel(checkpoint, Precision::F32, context);
        const auto tokens = madeUpTokens(13, model->facts().vocabulary);
        const auto expected = model->facts().architecture == "llada" ? plainLlada(checkpoint, tokens)
                                                                     : plainDream(checkpoint, tokens);
        const double distance = relativeDistance(allLogitsOf(*model, tokens, 1), expected);
        QVERIFY2(distance <= kGoldenTolerance, qPrintable(QString::number(distance)));

        const auto narrow = loadMaskedDiffusionModel(checkpoint, Precision::BF16, context);
        const double narrowDistance = relativeDistance(allLogitsOf(*narrow, tokens, 1), expected);
        QVERIFY2(narrowDistance <= kBf16Distance, qPrintable(QString::number(narrowDistance)));
        if (supportsBf16())
            QVERIFY2(narrowDistance > kGoldenTolerance, "bf16 was asked for but f32 computed");

        const auto bytes = loadMaskedDiffusionModel(checkpoint, Precision::Int8, context);
        const double bytesDistance = relativeDistance(allLogitsOf(*bytes, tokens, 1), expected);
        QVERIFY2(bytesDistance <= kInt8Distance, qPrintable(QString::number(bytesDistance)));
    }

    void flopsAreThoseOfTheMatrices_data() { addCheckpoints(); }
    void flopsAreThoseOfTheMatrices() {
        QFETCH(Write, write);
        const TemporaryFolder folder;
        write(folder.path());
        const Checkpoint checkpoint = Checkpoint::open(folder.path());
        const ModelFacts facts = describe(checkpoint);
        const std::string last = std::to_string(facts.blocks - 1) + ".";
        double blocks = 0, lastForWanted = 0;
        for (const auto& [name, tensor] : checkpoint.tensors()) {
            const bool inBlock = name.find("blocks.") != name.npos || name.find("layers.") != name.npos;
            if (!inBlock || tensor.shape.size() != 2)
                continue;
            const double flops = 2.0 * static_cast<double>(tensor.elements());
            blocks += flops;
            const bool keyOrValue = name.find("k_proj") != name.npos || name.find("v_proj") != name.npos;
            if (name.find("s." + last) != name.npos && !keyOrValue)
                lastForWanted += flops;
        }
        QCOMPARE(facts.weightFlopsPerRow, blocks);
        QCOMPARE(facts.lastBlockFlopsPerRow, lastForWanted);
        QCOMPARE(facts.headFlopsPerRow, 2.0 * facts.width * facts.vocabulary);
    }

    void qwen2AgreesWithThePublishedForward_data() {
        QTest::addColumn<bool>("tied");
        QTest::newRow("untied") << false;
        QTest::newRow("tied") << true;
    }
    void qwen2AgreesWithThePublishedForward() {
        QFETCH(bool, tied);
        const TemporaryFolder folder;
        writeTinyCausal(folder.path(), {.modelType = "qwen2",
                                        .width = 36,
                                        .heads = 6,
                                        .keyValueHeads = 2,
                                        .feedForward = 41,
                                        .vocabulary = 71,
                                        .tied = tied});
        const Checkpoint checkpoint = Checkpoint::open(folder.path());
        ComputeContext context(2);
        const auto model = loadCausalModel(checkpoint, Precision::F32, context);
        const auto tokens = madeUpTokens(13, 71);
        std::vector<float> found(tokens.size() * 71);
        model->logits(tokens, 1, 13, found);
        const double distance = relativeDistance(found, plainQwen2(checkpoint, tokens));
        QVERIFY2(distance <= kGoldenTolerance, qPrintable(QString::number(distance)));
    }

    void aRowsLogitsDoNotDependOnBatchThreadsOrOtherRows_data() { addCheckpoints(); }
    void aRowsLogitsDoNotDependOnBatchThreadsOrOtherRows() {
        QFETCH(Write, write);
        const TemporaryFolder folder;
        write(folder.path());
        const Checkpoint checkpoint = Checkpoint::open(folder.path());
        for (const Precision precision : {Precision::F32, Precision::BF16, Precision::Int8}) {
            ComputeContext one(1), two(2);
            const auto single = loadMaskedDiffusionModel(checkpoint, precision, one);
            const auto shared = loadMaskedDiffusionModel(checkpoint, precision, two);
            const int vocabulary = single->facts().vocabulary, samples = 5, length = 11;
            const auto tokens = madeUpTokens(samples * length, vocabulary);
            const auto all = allLogitsOf(*shared, tokens, samples);
            QVERIFY(all == allLogitsOf(*single, tokens, samples));
            for (int sample = 0; sample < samples; ++sample) {
                const std::vector<std::int32_t> alone(tokens.begin() + sample * length,
                                                      tokens.begin() + (sample + 1) * length);
                // The first two rows of a shifted model come from the same hidden row.
                for (const std::vector<std::int32_t>& rows :
                     {std::vector<std::int32_t>{0}, {0, 1}, {1, 2, 7}, {length - 1}}) {
                    const auto some = logitsOf(*single, alone, 1, rows);
                    for (std::size_t i = 0; i < rows.size(); ++i)
                        QVERIFY(std::ranges::equal(rowOf(some, static_cast<int>(i), vocabulary),
                                                   rowOf(all, sample * length + rows[i], vocabulary)));
                }
            }
        }
    }

    void everyPositionSeesEveryOther_data() { addCheckpoints(); }
    void everyPositionSeesEveryOther() {
        QFETCH(Write, write);
        const TemporaryFolder folder;
        write(folder.path());
        ComputeContext context(1);
        const auto model = loadMaskedDiffusionModel(Checkpoint::open(folder.path()), Precision::F32, context);
        const int vocabulary = model->facts().vocabulary;
        auto tokens = madeUpTokens(12, vocabulary);
        const auto before = allLogitsOf(*model, tokens, 1);
        for (const std::size_t changed : {std::size_t{0}, tokens.size() - 1}) {
            auto other = tokens;
            other[changed] = (other[changed] + 1) % vocabulary;
            const auto after = allLogitsOf(*model, other, 1);
            for (int row = 0; row < 12; ++row)
                QVERIFY(!std::ranges::equal(rowOf(before, row, vocabulary), rowOf(after, row, vocabulary)));
        }
    }

    void theConfigNamesTheMaskToken() {
        const TemporaryFolder folder;
        writeTinyLlada(folder / "llada", {.vocabulary = 64, .maskToken = 41});
        writeTinyDream(folder / "dream", {.vocabulary = 64, .maskToken = 17});
        ComputeContext context(1);
        const auto llada =
            loadMaskedDiffusionModel(Checkpoint::open(folder / "llada"), Precision::F32, context);
        const auto dream =
            loadMaskedDiffusionModel(Checkpoint::open(folder / "dream"), Precision::F32, context);
        QCOMPARE(llada->maskToken(), 41);
        QCOMPARE(dream->maskToken(), 17);
        QVERIFY(llada->maskTokenStated() && dream->maskTokenStated());
        QVERIFY(!llada->facts().logitsShifted && dream->facts().logitsShifted);
        QVERIFY(!llada->timeConditioned() && !dream->timeConditioned());
    }
};

QTEST_GUILESS_MAIN(BidirectionalTest)
#include "bidirectional_test.moc"
