// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors.h"
#include "engine/runs/run_store.h"
#include "tests/testing/errors.h"
#include "tests/testing/golden.h"
#include "tiny_training.h"

#include <QtTest>

#include <cmath>
#include <csignal>
#include <sys/resource.h>

using namespace steploom;
using namespace steploom::testing;
namespace fs = std::filesystem;

namespace {

constexpr const char* kState = "training-state.safetensors";
constexpr std::int64_t kMask = 300; ///< behind the tokenizer's pieces

void bothKinds() {
    QTest::addColumn<TrainingKind>("kind");
    QTest::newRow("mdlm") << TrainingKind::MaskedDiffusion;
    QTest::newRow("causal") << TrainingKind::Causal;
}

std::string weightsOf(const fs::path& checkpoint) { return readText(checkpoint / "model.safetensors"); }

/// Files may not grow beyond `bytes` while this lives: what a full disk looks like.
class FullDisk {
public:
    explicit FullDisk(std::uintmax_t bytes) : m_handler(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        rlimit limit = m_before;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    void (*m_handler)(int);
    rlimit m_before{};
};

/// KL(teacher ‖ student) of a masked window, nats per masked position.
double divergenceOf(const fs::path& teacher, const fs::path& student) {
    const auto tokens = windowOf(16, 300, kMask);
    const auto p = trainerLogits(teacher, tokens, 0.5), q = trainerLogits(student, tokens, 0.5);
    const std::size_t columns = p.size() / tokens.size(), pieces = columns - 1; // SUBS: never the mask
    const auto normaliser = [&](const std::vector<float>& logits, std::size_t row) {
        double sum = 0;
        for (std::size_t id = 0; id < pieces; ++id)
            sum += std::exp(static_cast<double>(logits[row * columns + id]));
        return std::log(sum);
    };
    double divergence = 0;
    int masked = 0;
    for (std::size_t row = 0; row < tokens.size(); ++row) {
        if (tokens[row] != kMask)
            continue;
        ++masked;
        const double ofTeacher = normaliser(p, row), ofStudent = normaliser(q, row);
        for (std::size_t id = 0; id < pieces; ++id) {
            const double a = p[row * columns + id] - ofTeacher, b = q[row * columns + id] - ofStudent;
            divergence += std::exp(a) * (a - b);
        }
    }
    return divergence / masked;
}

} // namespace

class TrainerTest : public QObject {
    Q_OBJECT

private:
    const TinyTraining m_tiny;

private slots:
    void theLossOnHeldOutTextFalls_data() { bothKinds(); }
    void theLossOnHeldOutTextFalls() {
        QFETCH(TrainingKind, kind);
        TrainingJob job = m_tiny.job(kind, "learns");
        job.out += trainingKindName(kind);
        job.config.steps = 120;
        job.config.validateEvery = 10;
        job.config.averaging = 0.9;
        Recorder recorder;
        const TrainingOutcome outcome = train(job, nullptr, recorder, {});
        QVERIFY(outcome.finished);
        QCOMPARE(outcome.steps, std::int64_t{120});
        QCOMPARE(outcome.tokens, std::int64_t{120 * 4 * 16});
        QVERIFY(outcome.flops > 0);
        QCOMPARE(recorder.points.size(), std::size_t{120});
        const TrainingPoint &first = recorder.points[9], &last = recorder.points.back();
        QVERIFY(first.validation && last.validation);
        QCOMPARE(outcome.heldOut.main.value, *last.validation);
        QCOMPARE(outcome.measure, std::string(kind == TrainingKind::Causal ? "cross-entropy" : "NELBO"));
        QVERIFY2(*last.validation < *first.validation - 0.4,
                 qPrintable(QString("%1 to %2").arg(*first.validation).arg(*last.validation)));
        const auto lossOf = [&](std::size_t from) { // one step's masks make its loss noisy
            double sum = 0;
            for (std::size_t i = from; i < from + 20; ++i)
                sum += recorder.points[i].loss;
            return sum;
        };
        QVERIFY(lossOf(100) < lossOf(0));
        const std::vector<fs::path> texts{m_tiny.text};
        const Measurement measured = measureText(job.out, texts, {}, {});
        QCOMPARE(measured.measure, outcome.measure);
        QCOMPARE(measured.parameters, outcome.parameters);
        QVERIFY(std::abs(measured.figures.main.value - *last.validation) < 1);
    }

    void moreDrawsLeaveLessOfTheMasksChance() {
        const fs::path model = m_tiny.trained(TrainingKind::MaskedDiffusion, "measured", 20);
        const std::vector<fs::path> texts{m_tiny.text};
        const Estimate one = measureText(model, texts, {.draws = 1}, {}).figures.main,
                       eight = measureText(model, texts, {.draws = 8}, {}).figures.main;
        QCOMPARE(eight.n, one.n);
        QVERIFY2(eight.margin() < 0.7 * one.margin(),
                 qPrintable(QString("%1, %2").arg(eight.margin()).arg(one.margin())));
        QVERIFY(std::abs(eight.value - one.value) < eight.margin() + one.margin());
        const Estimate half = measureText(model, texts, {.draws = 8, .bf16 = true}, {}).figures.main;
        QVERIFY(half.value != eight.value && std::abs(half.value - eight.value) < 0.02);
    }

    void windowsAreAsLongAsAskedForOrRefused() {
        const fs::path model = m_tiny.trained(TrainingKind::Causal, "windows", 5);
        const std::vector<fs::path> texts{m_tiny.text};
        const int whole = measureText(model, texts, {}, {}).figures.main.n,
                  half = measureText(model, texts, {.length = 8}, {}).figures.main.n;
        QVERIFY(half > 1.8 * whole);
        expectError([&] { measureText(model, texts, {.length = 17}, {}); }, ErrorKind::Request,
                    {"16 tokens", "17"});
    }

    void aStudentComesNearerToItsTeacher() {
        const fs::path teacher = m_tiny.trained(TrainingKind::MaskedDiffusion, "teacher", 100);
        TrainingJob job = m_tiny.job(TrainingKind::Distillation, "student");
        job.teacher = teacher;
        job.config.network.blocks = 1;
        job.config.averaging = 0;
        job.config.teacherShare = 1;
        job.config.steps = 60;
        trainUntil(job, 1);
        const double before = divergenceOf(teacher, job.out);
        QVERIFY(trainUntil(job).finished);
        const double after = divergenceOf(teacher, job.out);
        QVERIFY2(after < 0.8 * before, qPrintable(QString("%1 to %2").arg(before).arg(after)));
        QCOMPARE(divergenceOf(teacher, teacher), 0.0);

        job.out = m_tiny.folder / "another student";
        job.teacher = resourcePath("checkpoints/light");
        expectError([&] { trainUntil(job); }, ErrorKind::Pool, {"teacher", "4097", "301"});
    }

    void aResumedTrainingHasTheWeightsOfAnUnbrokenOne_data() { bothKinds(); }
    void aResumedTrainingHasTheWeightsOfAnUnbrokenOne() {
        QFETCH(TrainingKind, kind);
        const auto jobFor = [&](const std::string& out, int threads) {
            TrainingJob job = m_tiny.job(kind, out + trainingKindName(kind));
            job.config.dropout = 0.1;
            job.config.accumulation = 2;
            job.config.threads = threads;
            return job;
        };
        const TrainingJob unbroken = jobFor("unbroken", 1), broken = jobFor("broken", 1),
                          spread = jobFor("spread", 2);
        QVERIFY(trainUntil(unbroken).finished);
        const TrainingOutcome stopped = trainUntil(broken, 6);
        QVERIFY(!stopped.finished);
        QCOMPARE(stopped.steps, std::int64_t{6});
        QVERIFY(weightsOf(broken.out) != weightsOf(unbroken.out));
        Recorder recorder;
        const TrainingOutcome outcome = train(broken, nullptr, recorder, {});
        QVERIFY(outcome.finished);
        QCOMPARE(recorder.notes.back(), std::string("going on after step 6"));
        QCOMPARE(recorder.points.front().step, std::int64_t{7});
        QCOMPARE(outcome.tokens, 2 * stopped.tokens);
        QVERIFY(weightsOf(broken.out) == weightsOf(unbroken.out));
        trainUntil(spread, 5);
        QVERIFY(trainUntil(spread).finished);
        QVERIFY(weightsOf(spread.out) == weightsOf(unbroken.out));
    }

    void onlyTheSameTrainingIsResumed() {
        const TrainingJob job = m_tiny.job(TrainingKind::MaskedDiffusion, "resumed");
        trainUntil(job, 3);
        const std::string state = readText(job.out / kState);

        TrainingJob faster = job;
        faster.config.learningRate = 0.02;
        expectError([&] { trainUntil(faster); }, ErrorKind::Config,
                    {"cannot resume", "training.learning_rate: 0.01 there, 0.02 here", "--out"});
        TrainingJob elsewhere = job;
        elsewhere.texts = {m_tiny.folder / "other.txt"};
        writeText(elsewhere.texts.front(), smallStory(299));
        expectError([&] { trainUntil(elsewhere); }, ErrorKind::Config, {"cannot resume", "text"});
        TrainingJob causal = job;
        causal.kind = TrainingKind::Causal;
        expectError([&] { trainUntil(causal); }, ErrorKind::Config, {"\"mdlm\" there, \"causal\" here"});
        QVERIFY(readText(job.out / kState) == state);

        TrainingJob same = job;
        same.config.device = "auto";
        same.config.threads = 2;
        same.config.saveEvery = 2;
        same.config.logEvery = 5;
        QVERIFY(trainUntil(same).finished);
        // What is finished stays so.
        const std::string weights = weightsOf(job.out);
        QCOMPARE(trainUntil(job).steps, std::int64_t{12});
        QVERIFY(weightsOf(job.out) == weights);
    }

    void checkpointsOnTheWayAreKept() {
        TrainingJob job = m_tiny.job(TrainingKind::Causal, "kept");
        job.config.keepEvery = 5;
        trainUntil(job);
        QCOMPARE(job.config.steps, std::int64_t{12});
        const fs::path steps = job.out / "steps";
        QCOMPARE(std::distance(fs::directory_iterator(steps), {}), 2);
        const std::string fifth = weightsOf(steps / "00000005"), tenth = weightsOf(steps / "00000010");
        QVERIFY(fifth != tenth);
        QVERIFY(tenth != weightsOf(job.out));
        for (const char* file : {"config.json", "tokenizer.json", "training.json"})
            QVERIFY2(fs::exists(steps / "00000005" / file), file);
        QCOMPARE(nlohmann::json::parse(readText(steps / "00000005" / "training.json")).at("steps"), 5);
        // How often they are kept does not decide the weights.
        TrainingJob none = m_tiny.job(TrainingKind::Causal, "none kept");
        trainUntil(none);
        QVERIFY(weightsOf(none.out) == weightsOf(job.out));
        QVERIFY(!fs::exists(none.out / "steps"));
    }

    void aDamagedStateIsRefused() {
        const TrainingJob job = m_tiny.job(TrainingKind::Causal, "damaged");
        trainUntil(job, 3);
        const std::string state = readText(job.out / kState);
        writeText(job.out / kState, state.substr(0, state.size() / 2));
        expectError([&] { trainUntil(job); }, ErrorKind::File, {kState});
        fs::copy_file(job.out / "model.safetensors", job.out / kState, fs::copy_options::overwrite_existing);
        expectError([&] { trainUntil(job); }, ErrorKind::File, {kState, "not a saved training"});
        writeText(job.out / kState, state);
        QVERIFY(trainUntil(job).finished);
    }

    void whatLeavesTheRangeOfNumbersStopsAndKeepsTheStateSavedBefore() {
        TrainingJob job = m_tiny.job(TrainingKind::MaskedDiffusion, "diverges");
        job.config.steps = 100;
        job.config.warmUp = 0;
        job.config.clip = 0;
        job.config.decay = "constant";
        job.config.learningRate = 10;
        job.config.weightDecay = 10; // matrices grow by a factor of 99 a step
        job.config.saveEvery = 1;
        RunStore store(m_tiny.folder / "diverges.sqlite");
        const auto messageOf = [&](Recorder& recorder) {
            try {
                train(job, &store, recorder, {});
            } catch (const Error& error) {
                return std::string(error.what());
            }
            return std::string("nothing was thrown");
        };
        Recorder first, second;
        const std::string message = messageOf(first);
        const auto step = static_cast<std::int64_t>(first.points.size()) + 1;
        QVERIFY2(message.find("range of numbers: step " + std::to_string(step) + ":") != std::string::npos,
                 message.c_str());
        QCOMPARE(store.listTrainings().front().state, TrainingState::Failed);
        for (const char* file : {kState, "model.safetensors"}) {
            const auto mapped = MappedFile::open(job.out / file);
            for (const auto& [name, view] : readSafetensors(*mapped)) {
                if (view.dtype != DType::F32)
                    continue;
                std::vector<float> values(view.elements());
                view.copyFloats(0, values);
                for (const float value : values)
                    QVERIFY2(std::isfinite(value), name.c_str());
            }
        }
        // It goes on from there, and fails where it failed.
        QCOMPARE(messageOf(second), message);
        QVERIFY(!second.notes.empty());
        QVERIFY(second.notes.back().starts_with("going on after step "));
        QVERIFY(step > 2);
    }

    void onAFullDiskTheOldStateStays() {
        const auto jobFor = [&](const std::string& out) {
            TrainingJob job = m_tiny.job(TrainingKind::MaskedDiffusion, out);
            job.config.network.width = 64; // a state larger than the run store
            return job;
        };
        const TrainingJob job = jobFor("full"), unbroken = jobFor("not full");
        trainUntil(unbroken);
        RunStore store(m_tiny.folder / "full.sqlite");
        trainUntil(job, 6, &store);
        const std::string state = readText(job.out / kState), weights = weightsOf(job.out);
        const auto files = [&] {
            return std::distance(fs::directory_iterator(job.out), fs::directory_iterator());
        };
        const auto before = files();
        {
            const FullDisk full(state.size() - 1);
            expectError([&] { trainUntil(job, 0, &store); }, ErrorKind::File, {kState});
        }
        QVERIFY(readText(job.out / kState) == state);
        QVERIFY(weightsOf(job.out) == weights);
        QCOMPARE(files(), before);
        QCOMPARE(store.listTrainings().front().state, TrainingState::Failed);
        QVERIFY(trainUntil(job, 0, &store).finished);
        QVERIFY(weightsOf(job.out) == weightsOf(unbroken.out));
    }

    void aGrownNetworkSaysWhatTheSmallOneSaid_data() {
        QTest::addColumn<TrainingKind>("kind");
        QTest::addColumn<bool>("timed");
        QTest::addColumn<int>("blocks");
        QTest::newRow("mdlm") << TrainingKind::MaskedDiffusion << false << 6;
        QTest::newRow("mdlm, with time conditioning") << TrainingKind::MaskedDiffusion << true << 6;
        QTest::newRow("mdlm, one more") << TrainingKind::MaskedDiffusion << false << 3;
        QTest::newRow("causal") << TrainingKind::Causal << false << 6;
    }
    void aGrownNetworkSaysWhatTheSmallOneSaid() {
        QFETCH(TrainingKind, kind);
        QFETCH(bool, timed);
        QFETCH(int, blocks);
        const std::string tag = QTest::currentDataTag();
        TrainingJob small = m_tiny.job(kind, "small, " + tag), grown = m_tiny.job(kind, "grown, " + tag);
        small.config.network.timeConditioning = grown.config.network.timeConditioning = timed;
        small.config.steps = 30;
        trainUntil(small);
        grown.config.startFrom = small.out.string();
        grown.config.network.blocks = blocks;
        grown.config.steps = 1;
        grown.config.learningRate = 0;
        trainUntil(grown);
        const auto tokens = windowOf(16, 300, kind == TrainingKind::Causal ? -1 : kMask);
        const auto before = trainerLogits(small.out, tokens, 0.7),
                   after = trainerLogits(grown.out, tokens, 0.7);
        QCOMPARE(after.size(), before.size());
        const double distance = relativeDistance(after, before);
        QVERIFY2(distance < 1e-5, qPrintable(QString::number(distance)));

        TrainingJob shrunk = m_tiny.job(kind, "shrunk, " + tag);
        shrunk.config.startFrom = grown.out.string();
        expectError([&] { trainUntil(shrunk); }, ErrorKind::Config, {"blocks, more than 2"});
        shrunk.config.startFrom = small.out.string();
        shrunk.config.network.width = 32;
        expectError([&] { trainUntil(shrunk); }, ErrorKind::Tensors, {"shape"});
    }

    void theCurveIsInTheRunStoreAndAResumedOneGoesOnInIt() {
        TrainingJob job = m_tiny.job(TrainingKind::Causal, "curve");
        job.name = "a tiny one";
        job.config.validateEvery = 4;
        RunStore store(m_tiny.folder / "curve.sqlite");
        trainUntil(job, 6, &store);
        const auto stopped = store.listTrainings();
        QCOMPARE(stopped.size(), std::size_t{1});
        QCOMPARE(stopped[0].state, TrainingState::Stopped);
        QCOMPARE(stopped[0].name, std::string("a tiny one"));
        QCOMPARE(stopped[0].kind, std::string("causal"));
        QCOMPARE(stopped[0].validation, std::string("cross-entropy"));
        QCOMPARE(stopped[0].plannedSteps, std::int64_t{12});
        QCOMPARE(stopped[0].last->step, std::int64_t{6});

        const TrainingOutcome outcome = trainUntil(job, 0, &store);
        const auto finished = store.listTrainings();
        QCOMPARE(finished.size(), std::size_t{1});
        QCOMPARE(finished[0].id, stopped[0].id);
        QCOMPARE(finished[0].state, TrainingState::Finished);
        const TrainingRun run = store.loadTraining(finished[0].id);
        QCOMPARE(run.points.size(), std::size_t{12});
        for (std::size_t i = 0; i < run.points.size(); ++i) {
            const TrainingPoint& point = run.points[i];
            const auto step = static_cast<std::int64_t>(i) + 1;
            QCOMPARE(point.step, step);
            QCOMPARE(point.tokens, step * 4 * 16);
            QCOMPARE(point.validation.has_value(), step % 4 == 0);
            QCOMPARE(point.learningRate, learningRateAt(job.config, step - 1));
            QVERIFY(i == 0 || point.seconds >= run.points[i - 1].seconds);
        }
        QCOMPARE(*run.points.back().validation, outcome.heldOut.main.value);
        QVERIFY(nlohmann::json::parse(run.config) == nlohmann::json(toJson(job.config)));
    }

    void textThatCannotBeTrainedOnIsRefusedByName() {
        TrainingJob job = m_tiny.job(TrainingKind::Causal, "refused");
        job.texts = {m_tiny.folder / "bad.txt"};
        for (const char* content : {"", "Too little.\n", "\n<|endoftext|>\n\n"}) {
            writeText(job.texts.front(), content);
            expectError([&] { trainUntil(job); }, ErrorKind::Text, {"bad.txt"});
        }
        writeText(job.texts.front(), smallStory(20) + "caf\xE9 again");
        expectError([&] { trainUntil(job); }, ErrorKind::Text, {"bad.txt", "byte", "UTF-8"});
        job.texts = {m_tiny.folder / "absent.txt"};
        expectError([&] { trainUntil(job); }, ErrorKind::File, {"absent.txt"});
        job.texts = {m_tiny.text};
        job.config.network.length = 100'000;
        expectError([&] { trainUntil(job); }, ErrorKind::Text, {"tokens", "100001"});
        QVERIFY(!fs::exists(job.out / kState));
    }

    void textTooShortToHoldAnyOutIsTrainedOnWithoutValidation() {
        TrainingJob job = m_tiny.job(TrainingKind::Causal, "short");
        job.config.heldOut = 0;
        job.config.validateEvery = 1;
        Recorder recorder;
        const TrainingOutcome outcome = train(job, nullptr, recorder, {});
        QVERIFY(outcome.finished);
        QCOMPARE(outcome.heldOut.main.n, 0);
        QVERIFY(!recorder.points.back().validation);
        QVERIFY(!recorder.notes.empty());
        QVERIFY(recorder.notes.front().find("no validation") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TrainerTest)
#include "trainer_test.moc"
