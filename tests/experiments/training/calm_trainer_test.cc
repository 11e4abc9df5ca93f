// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/training_record.h"
#include "engine/models/calm.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "engine/text/tokenizer.h"
#include "tests/testing/errors.h"
#include "tiny_training.h"

#include <QtTest>

#include <numeric>

using namespace steploom;
using namespace steploom::testing;
namespace fs = std::filesystem;

namespace {

std::string weightsOf(const fs::path& checkpoint) { return readText(checkpoint / "model.safetensors"); }

nlohmann::json recordOf(const fs::path& checkpoint) {
    return nlohmann::json::parse(readText(checkpoint / "training.json"));
}

void bothParts() {
    QTest::addColumn<TrainingKind>("kind");
    QTest::newRow("autoencoder") << TrainingKind::Autoencoder;
    QTest::newRow("energy transformer") << TrainingKind::Energy;
}

} // namespace

class CalmTrainerTest : public QObject {
    Q_OBJECT

private:
    const TinyTraining m_tiny;

    TrainingJob jobOf(TrainingKind kind, const std::string& out) const {
        TrainingJob job = m_tiny.job(kind, out);
        job.autoencoder = m_tiny.folder / "autoencoder";
        job.config.averaging = 0.9;
        return job;
    }

private slots:
    void initTestCase() {
        TrainingJob job = jobOf(TrainingKind::Autoencoder, "autoencoder");
        job.config.network.width = 32;
        job.config.network.hidden = 48;
        job.config.steps = 250;
        job.config.batch = 16;
        job.config.validateEvery = 25;
        Recorder recorder;
        const TrainingOutcome outcome = train(job, nullptr, recorder, {});
        QVERIFY(outcome.finished);
        QCOMPARE(outcome.measure, std::string("token accuracy"));
        QVERIFY(outcome.flops > 0);
        const double first = *recorder.points[24].validation, last = *recorder.points.back().validation;
        QVERIFY2(last > 0.9 && last > first, qPrintable(QString("%1 to %2").arg(first).arg(last)));
        QVERIFY(recorder.points.back().loss < 0.6 * recorder.points.front().loss);
        const Estimate chunks = outcome.heldOut.beside.at(0).value;
        QCOMPARE(outcome.heldOut.beside.at(0).name, std::string("chunk accuracy"));
        QVERIFY(chunks.value <= last && chunks.value > 0.5);
        QCOMPARE(recordOf(job.out)["measurements"].size(), std::size_t{10});
        QCOMPARE(recordOf(job.out)["held_out"]["value"].get<double>(), last);
    }

    void theEngineFindsTheTokensAgainThatTheTrainerDoes() {
        const fs::path folder = m_tiny.folder / "autoencoder";
        const Measurement measured = measureText(folder, {m_tiny.text}, {}, {});
        QCOMPARE(measured.measure, std::string("token accuracy"));
        ComputeContext context(1);
        CalmAutoencoder autoencoder(Checkpoint::open(folder), Precision::F32, context);
        QCOMPARE(autoencoder.facts().parameters, measured.parameters);
        // Its windows are of 64 chunks, side by side as far as the text reaches.
        const auto ids = Tokenizer::load(folder)->encode(smallStory().substr(0, 400));
        std::vector<std::int32_t> tokens(ids.begin(),
                                         ids.begin() + static_cast<std::ptrdiff_t>(ids.size() / 4 * 4));
        std::vector<float> mean(tokens.size() / 4 * 16), logSigma(mean.size());
        std::vector<std::int32_t> found(tokens.size());
        autoencoder.encode(tokens, mean, logSigma);
        autoencoder.decodeTokens(mean, found);
        int right = 0;
        for (std::size_t i = 0; i < tokens.size(); ++i)
            right += found[i] == tokens[i] ? 1 : 0;
        const double share = static_cast<double>(right) / static_cast<double>(tokens.size());
        QVERIFY2(std::abs(share - measured.figures.main.value) < 0.1,
                 qPrintable(QString("%1, %2").arg(share).arg(measured.figures.main.value)));
    }

    void theEnergyLossOnHeldOutTextFallsAndTheEngineLoadsWhatIsWritten() {
        TrainingJob job = jobOf(TrainingKind::Energy, "calm");
        job.config.steps = 150;
        job.config.validateEvery = 15;
        RunStore store(m_tiny.folder / "calm.sqlite");
        Recorder recorder;
        const TrainingOutcome outcome = train(job, &store, recorder, {});
        QCOMPARE(outcome.measure, std::string("BrierLM"));
        const nlohmann::json record = recordOf(job.out);
        const auto energy = [&](std::size_t at) {
            return record["measurements"][at]["energy loss"].get<double>();
        };
        QVERIFY2(energy(9) < energy(0) - 0.3, qPrintable(QString("%1 to %2").arg(energy(0)).arg(energy(9))));
        QCOMPARE(outcome.heldOut.beside.size(), std::size_t{5});
        QCOMPARE(record["autoencoder"].get<std::string>().size(), std::size_t{64});
        // No score is made up: the curve has one where all four means are above 0.
        for (const nlohmann::json& entry : record["measurements"]) {
            bool above = true;
            for (const char* order : {"Brier-1", "Brier-2", "Brier-3", "Brier-4"})
                above = above && entry[order].get<double>() > 0;
            QCOMPARE(entry.contains("BrierLM"), above);
        }
        QCOMPARE(store.listTrainings().front().validation, std::string("BrierLM"));
        QCOMPARE(store.loadTraining(store.listTrainings().front().id).points.size(), std::size_t{150});

        ComputeContext context(1);
        const Calm calm = Calm::load(Checkpoint::open(job.out), Precision::F32, context);
        QCOMPARE(calm.place.folder, m_tiny.folder / "autoencoder");
        QCOMPARE(calm.transformer.facts().stack.length, 4); // 16 tokens
        QCOMPARE(calm.transformer.facts().stack.parameters, outcome.parameters);
        const auto config = nlohmann::json::parse(readText(job.out / "config.json"));
        QCOMPARE(config["ae_path"].get<std::string>(), std::string("autoencoder"));

        const Measurement measured = measureText(job.out, {m_tiny.text}, {.draws = 4}, {});
        QCOMPARE(measured.measure, std::string("BrierLM"));
        QVERIFY(std::abs(measured.figures.beside.back().value.value - energy(9)) < 1);
    }

    void aResumedTrainingHasTheWeightsOfAnUnbrokenOne_data() { bothParts(); }
    void aResumedTrainingHasTheWeightsOfAnUnbrokenOne() {
        QFETCH(TrainingKind, kind);
        const auto jobFor = [&](const std::string& out, int threads) {
            TrainingJob job = jobOf(kind, out + trainingKindName(kind));
            job.config.dropout = 0.1;
            job.config.accumulation = 2;
            job.config.validateEvery = 4;
            job.config.threads = threads;
            return job;
        };
        const TrainingJob unbroken = jobFor("unbroken", 1), broken = jobFor("broken", 1),
                          spread = jobFor("spread", 2);
        QVERIFY(trainUntil(unbroken).finished);
        QVERIFY(!trainUntil(broken, 6).finished);
        QVERIFY(weightsOf(broken.out) != weightsOf(unbroken.out));
        QVERIFY(trainUntil(broken).finished);
        QVERIFY(weightsOf(broken.out) == weightsOf(unbroken.out));
        QVERIFY(recordOf(broken.out)["measurements"] == recordOf(unbroken.out)["measurements"]);
        QVERIFY(trainUntil(spread).finished);
        QVERIFY(weightsOf(spread.out) == weightsOf(unbroken.out));
    }

    void itBeginsWithWeightsOfTheSameShapes_data() { bothParts(); }
    void itBeginsWithWeightsOfTheSameShapes() {
        QFETCH(TrainingKind, kind);
        TrainingJob first = jobOf(kind, std::string("first ") + trainingKindName(kind)),
                    second = jobOf(kind, std::string("second ") + trainingKindName(kind));
        first.config.averaging = second.config.averaging = 0;
        trainUntil(first);
        second.config.startFrom = first.out.string();
        second.config.learningRate = 0;
        second.config.steps = 1;
        trainUntil(second);
        QVERIFY(weightsOf(second.out) == weightsOf(first.out));
        const TrainingTotals one = trainingTotals(first.out), both = trainingTotals(second.out);
        QVERIFY(*both.tokens > *one.tokens && *both.flops > *one.flops);
        second.out += " wider";
        second.config.network.hidden = 32;
        expectError([&] { trainUntil(second); }, ErrorKind::Tensors, {"shape"});
    }

    void anAutoencoderThatDoesNotFitIsRefusedByItsSizes() {
        TrainingJob job = jobOf(TrainingKind::Energy, "refused");
        job.config.network.latent = 24;
        expectError(
            [&] { trainUntil(job); }, ErrorKind::Pool,
            {"autoencoder", "latent_size is 16 there, network.latent is 24 here", "Set network.chunk"});
        job.config.network.latent = 16;
        job.config.network.chunk = 2;
        expectError([&] { trainUntil(job); }, ErrorKind::Pool,
                    {"patch_size is 4 there, network.chunk is 2 here"});
        job.config.network.chunk = 4;
        job.autoencoder = goldenPath("calm_k4/autoencoder");
        expectError([&] { trainUntil(job); }, ErrorKind::Pool,
                    {"vocab_size is 96 there, the tokenizer's size is 300 here"});
        job.autoencoder = goldenPath("calm_k4/calm");
        expectError([&] { trainUntil(job); }, ErrorKind::Config, {"model_type is \"energy\"", "autoencoder"});
        QVERIFY(!fs::exists(job.out / "training-state.safetensors"));
    }

    void onlyTheSameAutoencoderIsGoneOnWith() {
        const TrainingJob job = jobOf(TrainingKind::Energy, "resumed");
        trainUntil(job, 3);
        TrainingJob other = jobOf(TrainingKind::Autoencoder, "other autoencoder");
        trainUntil(other);
        TrainingJob elsewhere = job;
        elsewhere.autoencoder = other.out;
        expectError([&] { trainUntil(elsewhere); }, ErrorKind::Config,
                    {"cannot resume", "autoencoder: \"", "there"});
        TrainingJob more = job;
        more.config.posteriorSamples = 20;
        expectError([&] { trainUntil(more); }, ErrorKind::Config,
                    {"energy.posterior_samples: 10 there, 20 here"});
        TrainingJob same = job;
        same.config.brierDraws = 8;
        QVERIFY(trainUntil(same).finished);
    }

    void theBundledAutoencoderFindsNinetyNineOfAHundredTokensAgain() {
        const Measurement measured =
            measureText(resourcePath("checkpoints/autoencoder"),
                        {resourcePath("texts/the-lamplighters-geese.txt")}, {.bf16 = true}, {});
        QVERIFY2(measured.figures.main.low > 0.99, qPrintable(QString::number(measured.figures.main.low)));
    }

    void theBundledEnergyTransformersFindIt_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("full") << "calm-full";
        QTest::newRow("small") << "calm-small";
    }
    void theBundledEnergyTransformersFindIt() {
        QFETCH(QString, name);
        ComputeContext context(1);
        const fs::path folder = resourcePath("checkpoints/" + name.toStdString());
        const Calm calm = Calm::load(Checkpoint::open(folder), Precision::BF16, context);
        QCOMPARE(calm.place.folder.lexically_normal(),
                 resourcePath("checkpoints/autoencoder").lexically_normal());
        // It is the one that they learnt from.
        QCOMPARE(Checkpoint::open(calm.place.folder).sha256(),
                 recordOf(folder)["autoencoder"].get<std::string>());
    }

    void windowsOfAMeasurementAreWholeChunks() {
        expectError([&] { measureText(m_tiny.folder / "autoencoder", {m_tiny.text}, {.length = 10}, {}); },
                    ErrorKind::Request, {"10 tokens", "4 of a chunk", "Take 12"});
    }
};

QTEST_GUILESS_MAIN(CalmTrainerTest)
#include "calm_trainer_test.moc"
