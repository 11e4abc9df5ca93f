// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/golden.h"
#include "tiny_training.h"

#include <QtTest>

#include <numeric>

using namespace steploom;
using namespace steploom::testing;
namespace fs = std::filesystem;

namespace {

/// Of the largest logit: what two orders of f32 sums may differ by.
constexpr double kTolerance = 1e-4;
constexpr float kSigma = 0.7f;

/// The engine's logits of one window, and the trainer's.
void compareLogits(const fs::path& folder) {
    ComputeContext context(2);
    const Checkpoint checkpoint = Checkpoint::open(folder);
    std::vector<float> engine;
    std::vector<std::int64_t> tokens;
    const auto reserve = [&](const ModelFacts& facts) {
        engine.resize(tokens.size() * static_cast<std::size_t>(facts.vocabulary));
        return std::vector<std::int32_t>(tokens.begin(), tokens.end());
    };
    if (isMaskedDiffusion(checkpoint)) {
        const auto model = loadMaskedDiffusionModel(checkpoint, Precision::F32, context);
        const int length = model->facts().length;
        tokens = windowOf(length, model->maskToken(), model->maskToken());
        const std::vector<std::int32_t> ids = reserve(model->facts());
        std::vector<std::int32_t> rows(ids.size());
        std::iota(rows.begin(), rows.end(), 0);
        model->logits({ids, std::span(&kSigma, 1), 1, length, rows}, engine);
    } else {
        const auto model = loadCausalModel(checkpoint, Precision::F32, context);
        tokens = windowOf(model->facts().length, model->facts().vocabulary);
        const std::vector<std::int32_t> ids = reserve(model->facts());
        model->logits(ids, 1, static_cast<int>(ids.size()), engine);
    }
    const std::vector<float> trainer = trainerLogits(folder, tokens, kSigma);
    QCOMPARE(trainer.size(), engine.size());
    const double distance = relativeDistance(engine, trainer);
    QVERIFY2(distance <= kTolerance, qPrintable(QString::number(distance)));
}

} // namespace

class TrainerAgreementTest : public QObject {
    Q_OBJECT

private:
    const TinyTraining m_tiny;

private slots:
    /// On weights and outputs of the published model code.
    void theTrainerComputesWhatTheReferenceDoes_data() {
        QTest::addColumn<QString>("folder");
        QTest::newRow("mdlm") << "mdlm_random";
        QTest::newRow("mdlm with time conditioning") << "mdlm_random_time";
        QTest::newRow("llama") << "llama_random_gqa";
    }
    void theTrainerComputesWhatTheReferenceDoes() {
        QFETCH(QString, folder);
        const std::string name = folder.toStdString();
        const GoldenFile golden(name + "/golden.safetensors");
        const auto ids = golden.integers("input_ids");
        const auto windows = static_cast<std::size_t>(golden.shape("input_ids")[0]),
                   length = ids.size() / windows;
        const bool timed = folder.startsWith("mdlm");
        const std::vector<float> sigma = timed ? golden.floats("sigma") : std::vector<float>(windows);
        std::vector<float> found;
        for (std::size_t window = 0; window < windows; ++window) {
            const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(window * length);
            const std::vector<float> logits =
                trainerLogits(goldenPath(name), {begin, begin + static_cast<std::ptrdiff_t>(length)},
                              static_cast<double>(sigma[window]));
            found.insert(found.end(), logits.begin(), logits.end());
        }
        const double distance = relativeDistance(found, golden.floats("logits"));
        QVERIFY2(distance <= kGoldenTolerance, qPrintable(QString::number(distance)));
    }

    void theEngineComputesWhatTheTrainerDoesOnTheBundledCheckpoints_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"heavy", "light", "reader"})
            QTest::newRow(name) << name;
    }
    void theEngineComputesWhatTheTrainerDoesOnTheBundledCheckpoints() {
        QFETCH(QString, name);
        compareLogits(resourcePath("checkpoints/" + name.toStdString()));
    }

    void itDoesOnFreshOnesOfEveryKind_data() {
        QTest::addColumn<bool>("causal");
        QTest::addColumn<bool>("varied"); ///< time conditioning, or an output layer of its own
        QTest::newRow("mdlm") << false << false;
        QTest::newRow("mdlm with time conditioning") << false << true;
        QTest::newRow("causal") << true << false;
        QTest::newRow("causal, untied") << true << true;
    }
    void itDoesOnFreshOnesOfEveryKind() {
        QFETCH(bool, causal);
        QFETCH(bool, varied);
        TrainingJob job = m_tiny.job(causal ? TrainingKind::Causal : TrainingKind::MaskedDiffusion,
                                     QTest::currentDataTag());
        job.config.network.timeConditioning = varied;
        job.config.network.tied = !varied;
        job.config.network.ropeTheta = 500;
        job.config.network.rmsEpsilon = 1e-4;
        job.config.averaging = 0;
        trainUntil(job);
        compareLogits(job.out);
        // The time matters where it is asked for, and nowhere else.
        if (!causal) {
            const auto tokens = windowOf(16, 300, 300);
            const double distance =
                relativeDistance(trainerLogits(job.out, tokens, 0.1), trainerLogits(job.out, tokens, 3.0));
            QCOMPARE(distance > 0, varied);
        }
    }
};

QTEST_GUILESS_MAIN(TrainerAgreementTest)
#include "trainer_agreement_test.moc"
