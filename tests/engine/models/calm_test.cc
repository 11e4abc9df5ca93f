// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/calm.h"
#include "engine/tensor/compute_context.h"
#include "tests/engine/models/made_up_tokens.h"
#include "tests/testing/errors.h"
#include "tests/testing/golden.h"
#include "tests/testing/paths.h"

#include <QTest>

#include <cmath>
#include <filesystem>
#include <map>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kSequences = 2; ///< of the goldens

/// bf16 keeps 8 bits; what that does to a vector depends on the depth.
constexpr double kBf16Distance = 0.03;
constexpr double kInt8Distance = 0.08;

std::filesystem::path goldenFolder(const QString& name) { return goldenPath(name.toStdString()); }

#define QCOMPARE_GOLDEN(found, expected, tolerance)                                                          \
    do {                                                                                                     \
        const double distance = relativeDistance(found, expected);                                           \
        QVERIFY2(distance <= (tolerance), qPrintable(QString::number(distance)));                            \
    } while (false)

void addGoldens() {
    QTest::addColumn<QString>("name");
    QTest::newRow("K = 4, two key heads, safetensors") << "calm_k4";
    QTest::newRow("K = 2, pytorch_model.bin") << "calm_k2"; // written by PyTorch itself
}

} // namespace

class CalmTest : public QObject {
    Q_OBJECT

private slots:
    void theAutoencoderGivesTheReferencePosteriorAndLogits_data() { addGoldens(); }
    void theAutoencoderGivesTheReferencePosteriorAndLogits() {
        QFETCH(QString, name);
        const GoldenFile golden(name.toStdString() + "/golden.safetensors");
        ComputeContext context(2);
        for (const auto& [precision, tolerance] :
             {std::pair{Precision::F32, kGoldenTolerance}, std::pair{Precision::BF16, kBf16Distance},
              std::pair{Precision::Int8, kInt8Distance}}) {
            CalmAutoencoder autoencoder(Checkpoint::open(goldenFolder(name) / "autoencoder"), precision,
                                        context);
            const auto expected = golden.floats("ae_mean");
            std::vector<float> mean(expected.size()), logSigma(expected.size());
            autoencoder.encode(golden.integers("input_ids"), mean, logSigma);
            QCOMPARE_GOLDEN(mean, expected, tolerance);
            QCOMPARE_GOLDEN(logSigma, golden.floats("ae_log_std"), tolerance);

            const auto logits = golden.floats("ae_decoder_logits_from_mean");
            std::vector<float> found(logits.size());
            autoencoder.decode(expected, found);
            QCOMPARE_GOLDEN(found, logits, tolerance);
        }
    }

    void theLikeliestTokensAreThoseOfTheLogits() {
        const GoldenFile golden("calm_k4/golden.safetensors");
        ComputeContext context(2);
        CalmAutoencoder autoencoder(Checkpoint::open(goldenPath("calm_k4/autoencoder")), Precision::F32,
                                    context);
        const auto logits = golden.floats("ae_decoder_logits_from_mean");
        const auto vocabulary = static_cast<std::ptrdiff_t>(autoencoder.facts().vocabulary);
        std::vector<std::int32_t> found(golden.integers("input_ids").size());
        autoencoder.decodeTokens(golden.floats("ae_mean"), found);
        for (std::size_t i = 0; i < found.size(); ++i) {
            const auto row = logits.begin() + static_cast<std::ptrdiff_t>(i) * vocabulary;
            QCOMPARE(found[i], static_cast<std::int32_t>(std::max_element(row, row + vocabulary) - row));
        }
    }

    void patchesAndHiddenStatesEqualTheReference_data() { addGoldens(); }
    void patchesAndHiddenStatesEqualTheReference() {
        QFETCH(QString, name);
        const GoldenFile golden(name.toStdString() + "/golden.safetensors");
        ComputeContext context(2);
        EnergyTransformer model(Checkpoint::open(goldenFolder(name) / "calm"), Precision::F32, context);
        const auto tokens = golden.integers("input_ids");
        const auto patches = golden.floats("patch_embeddings"), states = golden.floats("hidden_states");
        std::vector<float> found(patches.size());
        model.embedPatches(tokens, found);
        QCOMPARE_GOLDEN(found, patches, kGoldenTolerance);
        const int length = static_cast<int>(tokens.size()) / model.facts().chunk / kSequences;
        model.hiddenStates(tokens, kSequences, length, found);
        QCOMPARE_GOLDEN(found, states, kGoldenTolerance);
    }

    void theHeadDrawsTheReferenceVectors_data() { addGoldens(); }
    void theHeadDrawsTheReferenceVectors() {
        QFETCH(QString, name);
        const GoldenFile golden(name.toStdString() + "/golden.safetensors");
        ComputeContext context(2);
        for (const auto& [precision, tolerance] :
             {std::pair{Precision::F32, kGoldenTolerance}, std::pair{Precision::BF16, kBf16Distance}}) {
            EnergyTransformer model(Checkpoint::open(goldenFolder(name) / "calm"), precision, context);
            const auto expected = golden.floats("head_latents");
            std::vector<float> found(expected.size());
            model.draw(golden.floats("hidden_states"), golden.floats("head_noise"), 1, found);
            QCOMPARE_GOLDEN(found, expected, tolerance);
        }
    }

    void severalDrawsShareAHiddenStateAndEqualTheReference_data() { addGoldens(); }
    void severalDrawsShareAHiddenStateAndEqualTheReference() {
        QFETCH(QString, name);
        const GoldenFile golden(name.toStdString() + "/golden.safetensors");
        ComputeContext context(2);
        Calm calm = Calm::load(Checkpoint::open(goldenFolder(name) / "calm"), Precision::F32, context);
        const auto shape = golden.shape("eval_noise"); // [draws, sequences · (patches − 1), noise]
        const auto draws = static_cast<std::size_t>(shape[0]), rows = static_cast<std::size_t>(shape[1]),
                   width = static_cast<std::size_t>(calm.transformer.facts().stack.width),
                   noiseSize = static_cast<std::size_t>(shape[2]),
                   latent = static_cast<std::size_t>(calm.transformer.facts().latent());
        const auto states = golden.floats("hidden_states"), noise = golden.floats("eval_noise"),
                   expected = golden.floats("eval_latents");
        const std::size_t patches = states.size() / width / kSequences;
        // All but each sequence's last state predict a patch of it.
        std::vector<float> hidden, ordered(noise.size()), latents(expected.size()), found(expected.size());
        for (std::size_t row = 0; row < kSequences * patches; ++row)
            if (row % patches + 1 < patches)
                hidden.insert(hidden.end(), states.begin() + static_cast<std::ptrdiff_t>(row * width),
                              states.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
        for (std::size_t draw = 0; draw < draws; ++draw)
            for (std::size_t row = 0; row < rows; ++row)
                std::copy_n(noise.begin() + static_cast<std::ptrdiff_t>((draw * rows + row) * noiseSize),
                            noiseSize,
                            ordered.begin() + static_cast<std::ptrdiff_t>((row * draws + draw) * noiseSize));
        calm.transformer.draw(hidden, ordered, static_cast<int>(draws), latents);
        for (std::size_t draw = 0; draw < draws; ++draw)
            for (std::size_t row = 0; row < rows; ++row)
                std::copy_n(latents.begin() + static_cast<std::ptrdiff_t>((row * draws + draw) * latent),
                            latent,
                            found.begin() + static_cast<std::ptrdiff_t>((draw * rows + row) * latent));
        QCOMPARE_GOLDEN(found, expected, kGoldenTolerance);

        std::vector<std::int32_t> tokens(golden.integers("eval_tokens_1").size());
        const auto drawn = std::span<const float>(expected).subspan(0, rows * latent);
        calm.autoencoder.decodeTokens(drawn, tokens);
        QCOMPARE(tokens, golden.integers("eval_tokens_1"));
        calm.autoencoder.decodeTokens(std::span<const float>(expected).subspan(rows * latent, rows * latent),
                                      tokens);
        QCOMPARE(tokens, golden.integers("eval_tokens_2"));
    }

    void theCacheGivesTheStatesOfTheWholeSequence() {
        const GoldenFile golden("calm_k4/golden.safetensors");
        ComputeContext context(2);
        EnergyTransformer model(Checkpoint::open(goldenPath("calm_k4/calm")), Precision::F32, context);
        const auto tokens = golden.integers("input_ids");
        const auto width = static_cast<std::size_t>(model.facts().stack.width);
        const auto chunk = static_cast<std::size_t>(model.facts().chunk);
        const std::size_t patches = tokens.size() / chunk / kSequences;
        const auto states = golden.floats("hidden_states");
        const auto cache = model.newCache(static_cast<int>(patches));
        std::vector<float> hidden(width);
        std::size_t done = 0;
        for (const std::size_t count : {std::size_t{1}, std::size_t{3}, std::size_t{1}, patches - 5}) {
            model.extend(*cache, std::span(tokens).subspan(done * chunk, count * chunk), hidden);
            done += count;
            const auto expected = std::span(states).subspan((done - 1) * width, width);
            QCOMPARE_GOLDEN(hidden, expected, kGoldenTolerance);
        }
        QCOMPARE(cache->length(), static_cast<int>(patches));
    }

    void manyPatchesAtOnceGiveTheStatesOfOneByOne() {
        constexpr int kPatches = 170;
        ComputeContext context(2);
        for (const auto& [precision, tolerance] :
             {std::pair{Precision::F32, 1e-5}, std::pair{Precision::BF16, kBf16Distance}}) {
            EnergyTransformer model(Checkpoint::open(goldenPath("calm_k4/calm")), precision, context);
            const auto chunk = static_cast<std::size_t>(model.facts().chunk);
            const auto tokens = madeUpTokens(kPatches * model.facts().chunk, model.facts().stack.vocabulary);
            std::vector<float> hidden(static_cast<std::size_t>(model.facts().stack.width));
            std::map<std::size_t, std::vector<float>> expected; // by patches
            const auto stepwise = model.newCache(kPatches), cache = model.newCache(kPatches);
            for (std::size_t patch = 0; patch < kPatches; ++patch) {
                model.extend(*stepwise, std::span(tokens).subspan(patch * chunk, chunk), hidden);
                expected[patch + 1] = hidden;
            }
            // A prompt, a vector, a catch-up over the end of a tile, and what follows from all of their keys.
            std::size_t done = 0;
            for (const std::size_t count : {std::size_t{100}, std::size_t{1}, std::size_t{40}, std::size_t{1},
                                            std::size_t{17}, std::size_t{11}}) {
                model.extend(*cache, std::span(tokens).subspan(done * chunk, count * chunk), hidden);
                done += count;
                QCOMPARE_GOLDEN(hidden, expected.at(done), tolerance);
            }
            QCOMPARE(cache->length(), kPatches);
        }
    }

    void theAutoencoderCarriedAlongIsTheOneOfItsOwnFolder() {
        const TemporaryFolder folder;
        std::filesystem::copy(goldenPath("calm_k4/calm"), folder.path() / "alone");
        ComputeContext context(2);
        Calm calm = Calm::load(Checkpoint::open(folder.path() / "alone"), Precision::F32, context);
        QCOMPARE(calm.place.scope, std::string("ae_model."));
        const GoldenFile golden("calm_k4/golden.safetensors");
        const auto expected = golden.floats("ae_mean");
        std::vector<float> mean(expected.size()), logSigma(expected.size());
        calm.autoencoder.encode(golden.integers("input_ids"), mean, logSigma);
        QCOMPARE_GOLDEN(mean, expected, kGoldenTolerance);
    }

    void anAutoencoderThatDoesNotFitIsRefusedByItsSizes() {
        ComputeContext context(1);
        const Checkpoint energy = Checkpoint::open(goldenPath("calm_k4/calm"));
        expectError([&] { Calm::load(energy, Precision::F32, context, goldenPath("calm_k2/autoencoder")); },
                    ErrorKind::Pool,
                    {"K (patch_size) is 2, the energy transformer's 4",
                     "latent_size is 8, the energy transformer's 16"});
    }
};

QTEST_GUILESS_MAIN(CalmTest)
#include "calm_test.moc"
