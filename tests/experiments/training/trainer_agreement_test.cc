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
