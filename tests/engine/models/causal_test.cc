// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"
#include "tests/engine/models/made_up_tokens.h"
#include "tests/testing/golden.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr double kInt8Distance = 0.06; ///< measured: 0.016 (GPT-2) and 0.034 (Llama)
constexpr double kBf16Distance = 0.02; ///< measured: 0.0052 (GPT-2) and 0.0098 (Llama), see mdlm_test.cc

std::vector<float> logitsOf(CausalModel& model, const std::vector<std::int32_t>& tokens, int samples) {
    std::vector<float> out(tokens.size() * static_cast<std::size_t>(model.facts().vocabulary));
    model.logits(tokens, samples, static_cast<int>(tokens.size()) / samples, out);
    return out;
}

} // namespace

class CausalTest : public QObject {
    Q_OBJECT

private slots:
    void reproducesThePublishedModel_data() {
        QTest::addColumn<QString>("folder");
        QTest::newRow("GPT-2") << "gpt2_random";
        QTest::newRow("Llama with grouped queries") << "llama_random_gqa";
    }
    void reproducesThePublishedModel() {
        QFETCH(QString, folder);
        const std::string name = folder.toStdString();
        const GoldenFile golden(name + "/golden.safetensors");
        const auto tokens = golden.integers("input_ids");
        ComputeContext context(2);
        const auto model = loadCausalModel(Checkpoint::open(goldenPath(name)), Precision::F32, context);
        const double distance = relativeDistance(logitsOf(*model, tokens, 2), golden.floats("logits"));
        QVERIFY2(distance <= kGoldenTolerance, qPrintable(QString::number(distance)));
        const auto narrow = loadCausalModel(Checkpoint::open(goldenPath(name)), Precision::BF16, context);
        const double narrowDistance = relativeDistance(logitsOf(*narrow, tokens, 2), golden.floats("logits"));
        QVERIFY2(narrowDistance <= kBf16Distance, qPrintable(QString::number(narrowDistance)));
        const auto byteWide = loadCausalModel(Checkpoint::open(goldenPath(name)), Precision::Int8, context);
        const double byteDistance = relativeDistance(logitsOf(*byteWide, tokens, 2), golden.floats("logits"));
        QVERIFY2(byteDistance <= kInt8Distance, qPrintable(QString::number(byteDistance)));
    }

    void theBundledReaderGivesTheReferenceLikelihoods() {
        const GoldenFile golden("bundled/reader.safetensors");
        ComputeContext context(2);
        const auto model =
            loadCausalModel(Checkpoint::open(resourcePath("checkpoints/reader")), Precision::F32, context);
        std::vector<float> found(2 * 127);
        model->negativeLogLikelihood(golden.integers("input_ids"), 2, 128, found);
        const double distance = relativeDistance(found, golden.floats("nll"));
        QVERIFY2(distance <= kGoldenTolerance, qPrintable(QString::number(distance)));
    }

    void theCacheGivesTheLogitsOfTheWholeSequence_data() {
        QTest::addColumn<QString>("modelType");
        QTest::newRow("GPT-2") << "gpt2";
        QTest::newRow("Llama") << "llama";
    }
    void theCacheGivesTheLogitsOfTheWholeSequence() {
        QFETCH(QString, modelType);
        const TemporaryFolder folder;
        writeTinyCausal(folder.path(),
                        {.modelType = modelType.toStdString(), .heads = 4, .keyValueHeads = 2});
        ComputeContext context(2);
        const auto model = loadCausalModel(Checkpoint::open(folder.path()), Precision::F32, context);
        const int length = 20, vocabulary = model->facts().vocabulary;
        const auto tokens = madeUpTokens(length, vocabulary);
        const auto whole = logitsOf(*model, tokens, 1);
        const auto cache = model->newCache(length);
        std::vector<float> step(static_cast<std::size_t>(vocabulary));
        // A prompt of seven, then one by one, then three at once.
        for (const auto& [first, count] : {std::pair{0, 7}, {7, 1}, {8, 1}, {9, 8}, {17, 3}}) {
            model->extend(
                *cache,
                std::span(tokens).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
                step);
            QCOMPARE(cache->length(), first + count);
            const auto expected =
                std::span(whole).subspan(static_cast<std::size_t>((first + count - 1) * vocabulary),
                                         static_cast<std::size_t>(vocabulary));
            QVERIFY(relativeDistance(step, expected) < 1e-5);
        }
        // Another end after the same beginning.
        cache->truncate(12);
        cache->truncate(15); // it holds no more than 12
        QCOMPARE(cache->length(), 12);
        model->extend(*cache, std::span(tokens).subspan(12, 3), step);
        QVERIFY(relativeDistance(step, std::span(whole).subspan(static_cast<std::size_t>(14 * vocabulary),
                                                                static_cast<std::size_t>(vocabulary))) <
                1e-5);
        cache->clear();
        QCOMPARE(cache->length(), 0);
    }

    void likelihoodsAgreeWithTheLogits() {
        const TemporaryFolder folder;
        writeTinyCausal(folder.path());
        ComputeContext context(2);
        const auto model = loadCausalModel(Checkpoint::open(folder.path()), Precision::F32, context);
        const int samples = 3, length = 30, vocabulary = model->facts().vocabulary;
        const auto tokens = madeUpTokens(samples * length, vocabulary);
        const auto logits = logitsOf(*model, tokens, samples);
        std::vector<float> found(static_cast<std::size_t>(samples * (length - 1)));
        model->negativeLogLikelihood(tokens, samples, length, found);
        for (int sample = 0; sample < samples; ++sample)
            for (int position = 0; position + 1 < length; ++position) {
                const int row = sample * length + position;
                double sum = 0;
                for (int id = 0; id < vocabulary; ++id)
                    sum += std::exp(double{logits[static_cast<std::size_t>(row * vocabulary + id)]});
                const double expected =
                    std::log(sum) - logits[static_cast<std::size_t>(
                                        row * vocabulary + tokens[static_cast<std::size_t>(row + 1)])];
                QVERIFY(std::abs(found[static_cast<std::size_t>(sample * (length - 1) + position)] -
                                 expected) < 1e-4);
            }
    }

    void aBeginningThatAllSequencesShareChangesNoLikelihood_data() {
        QTest::addColumn<QString>("modelType");
        QTest::addColumn<int>("shared");
        for (const char* type : {"gpt2", "llama"})
            for (const int shared : {1, 17, 130, 199, 200})
                QTest::addRow("%s, %d of 200", type, shared) << type << shared;
    }
    void aBeginningThatAllSequencesShareChangesNoLikelihood() {
        QFETCH(QString, modelType);
        QFETCH(int, shared);
        const TemporaryFolder folder;
        writeTinyCausal(folder.path(), {.modelType = modelType.toStdString(), .length = 200});
        ComputeContext context(2);
        const auto model = loadCausalModel(Checkpoint::open(folder.path()), Precision::F32, context);
        const int samples = 4, length = 200;
        auto tokens = madeUpTokens(samples * length, model->facts().vocabulary);
        for (int sample = 1; sample < samples; ++sample)
            std::copy_n(tokens.begin(), shared, tokens.begin() + sample * length);
        std::vector<float> together(static_cast<std::size_t>(samples * (length - 1)), -1.0f),
            alone(length - 1);
        model->negativeLogLikelihood(tokens, samples, length, together);
        for (int sample = 0; sample < samples; ++sample) {
            model->negativeLogLikelihood(
                std::span(tokens).subspan(static_cast<std::size_t>(sample * length), length), 1, length,
                alone);
            for (int position = 0; position + 1 < length; ++position) {
                const double difference =
                    together[static_cast<std::size_t>(sample * (length - 1) + position)] -
                    alone[static_cast<std::size_t>(position)];
                QVERIFY(std::abs(difference) <=
                        1e-6 * std::max(1.0f, alone[static_cast<std::size_t>(position)]));
            }
        }
    }

    void aPositionNeverSeesWhatFollows() {
        const TemporaryFolder folder;
        writeTinyCausal(folder.path());
        ComputeContext context(1);
        const auto model = loadCausalModel(Checkpoint::open(folder.path()), Precision::F32, context);
        auto tokens = madeUpTokens(32, model->facts().vocabulary);
        const auto before = logitsOf(*model, tokens, 1);
        tokens[20] = (tokens[20] + 1) % model->facts().vocabulary;
        const auto after = logitsOf(*model, tokens, 1);
        const auto seen = static_cast<std::ptrdiff_t>(20 * model->facts().vocabulary);
        QVERIFY(std::equal(before.begin(), before.begin() + seen, after.begin()));
        QVERIFY(!std::equal(before.begin() + seen, before.end(), after.begin() + seen));
    }
};

QTEST_GUILESS_MAIN(CausalTest)
#include "causal_test.moc"
