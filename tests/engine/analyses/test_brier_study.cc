// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/autoencoder_analysis.h"
#include "engine/analyses/kinds.h"
#include "engine/analyses/run_analysis.h"
#include "engine/analyses/study_brier.h"
#include "engine/checkpoint/training_record.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_calm.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

BrierStudyOrder makeOrder() {
    return {.checkpoints = {resourcePath("checkpoints/reader").string(),
                            resourcePath("checkpoints/light").string()},
            .text = resourcePath("texts/the-lamplighters-geese.txt").string(),
            .windows = 3,
            .context = 16,
            .length = 32,
            .steps = 4,
            .draws = 2,
            .precision = Precision::F32};
}

class Witness : public AnalysisObserver {
public:
    std::vector<std::string> what;
    std::size_t kepts = 0, stopBehind = 99;
    std::stop_source stop;
    void advanced(double, const std::string& doing) override {
        if (what.empty() || what.back() != doing)
            what.push_back(doing);
    }
    void kept(const StoredAnalysis&) override {
        if (++kepts == stopBehind)
            stop.request_stop();
    }
};

template <class Value>
Value throughText(const Value& value) {
    return nlohmann::json::parse(nlohmann::json(value).dump()).get<Value>();
}

} // namespace

class TestBrierStudy : public QObject {
    Q_OBJECT

private slots:
    void modelsOfDifferentKindsAreMeasuredOnTheSameWindows() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ComputeContext context(1);
        Witness stopped, whole, again;
        stopped.stopBehind = 1;
        const auto run = [&](Witness& witness) {
            return runAnalysis({}, makeOrder(), {.store = &store}, context, witness,
                               witness.stop.get_token());
        };
        const auto partial = run(stopped).result.get<BrierStudy>();
        QVERIFY(partial.stopped);
        QCOMPARE(partial.points.size(), std::size_t{1});
        const StoredAnalysis analysis = run(whole);
        QCOMPARE(analysis.kind, std::string(kBrierStudyKind));
        const auto study = analysis.result.get<BrierStudy>();
        QVERIFY(!study.stopped);
        QCOMPARE(study.points.size(), std::size_t{2});
        QVERIFY(study.points[0] == partial.points[0]);

        const BrierStudyPoint &reader = study.points[0], &light = study.points[1];
        QCOMPARE(reader.model, std::string("reader"));
        QVERIFY(reader.kind == GenerationKind::Autoregressive);
        QVERIFY(reader.brier.estimator == BrierEstimator::Probabilities);
        QVERIFY(light.kind == GenerationKind::MaskedDiffusion);
        QVERIFY(light.brier.estimator == BrierEstimator::Draws);
        for (const BrierStudyPoint& point : study.points) {
            QCOMPARE(point.brier.orders[3].n, 3);
            QVERIFY(point.inferenceFlops > 1e6);
            QVERIFY(point.schedule.empty());
        }
        QCOMPARE(*reader.trainingFlops, *trainingTotals(resourcePath("checkpoints/reader").string()).flops);
        QVERIFY(*reader.trainingFlops > 1e14);
        QCOMPARE(light.trainingFlops, trainingTotals(resourcePath("checkpoints/light").string()).flops);

        const StoredAnalysis known = run(again);
        QVERIFY(known.result == analysis.result);
        QCOMPARE(again.kepts, std::size_t{0});
    }

    void calmIsMeasuredAloneAtTemperaturesAndUnderSchedules() {
        const TemporaryFolder folder;
        TinyCalm shape{.vocabulary = 257};
        const std::string autoencoder = writeTinyAutoencoder(folder / "autoencoder", shape).string();
        const std::string full = writeTinyCalm(folder / "full", shape).string();
        shape.blocks = 1;
        const std::string small = writeTinyCalm(folder / "small", shape).string();
        writeByteTokenizer(full);
        writeByteTokenizer(small);
        writeByteTokenizer(autoencoder);
        writeText(folder / "full" / "training.json", R"({"flops": 3e9})");
        BrierStudyOrder order = makeOrder();
        order.checkpoints = {full, small};
        order.schedules = {"all heavy", "sandwich:0.5", "all light"};
        order.temperatures = {1, 0.5};
        order.candidates = {5, 10};
        RunStore store(folder / "runs.sqlite");
        ComputeContext context(1);
        Witness witness;
        const auto study =
            runAnalysis({}, order, {.store = &store}, context, witness, {}).result.get<BrierStudy>();
        QVERIFY(!study.stopped);
        QCOMPARE(study.points.size(), std::size_t{2 * 3 + 3});
        QCOMPARE(study.points[0].temperature, 1.0);
        QCOMPARE(study.points[2].candidates, 10);
        // N candidates cost N heads and decoders; the transformer runs once.
        QVERIFY(study.points[1].inferenceFlops > 2 * study.points[0].inferenceFlops);
        QVERIFY(study.points[2].inferenceFlops > 1.5 * study.points[1].inferenceFlops);
        QCOMPARE(*study.points[0].trainingFlops, 3e9);
        QVERIFY(!study.points[3].trainingFlops);
        const BrierStudyPoint &whole = study.points[6], &mixed = study.points[7], &light = study.points[8];
        QCOMPARE(whole.schedule, std::string("(H8)"));
        QCOMPARE(mixed.schedule, std::string("(L2,H4,L2)"));
        // Executed: a member that sat out reads what it skipped.
        QVERIFY(light.inferenceFlops < whole.inferenceFlops);
        QVERIFY(light.inferenceFlops < mixed.inferenceFlops);
        QCOMPARE(*whole.trainingFlops, 3e9); // of what it names
        QVERIFY(!mixed.trainingFlops);
        QVERIFY(QString::fromStdString(mixed.estimator).contains(QStringLiteral("teacher forced")));
        QCOMPARE(mixed.brier.orders[0].n, 3);

        // The autoencoder, by its own folder or by the model that names it.
        const AutoencoderOrder quality{autoencoder, order.text, {.chunks = 50}};
        const StoredAnalysis found = runAnalysis({}, quality, {.store = &store}, context, witness, {});
        QCOMPARE(found.kind, std::string(kAutoencoderKind));
        QCOMPARE(found.result.get<AutoencoderQuality>().chunks, std::int64_t{50});
        const AutoencoderOrder named{full, order.text, {.chunks = 50}};
        QVERIFY(runAnalysis({}, named, {.store = &store}, context, witness, {}).result == found.result);
    }

    void whatCannotBeStudiedIsRefused() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ComputeContext context(1);
        Witness witness;
        const auto run = [&](const AnalysisOrder& order) {
            runAnalysis({}, order, {.store = &store}, context, witness, {});
        };
        BrierStudyOrder order = makeOrder();
        order.checkpoints.clear();
        expectError([&] { run(order); }, ErrorKind::Request, {"checkpoints"});
        order = makeOrder();
        order.schedules = {"sandwich:0.25"};
        expectError([&] { run(order); }, ErrorKind::Request, {"CALM"});
        expectError(
            [&] {
                run(AutoencoderOrder{resourcePath("checkpoints/light").string(), order.text, {}});
            },
            ErrorKind::Config, {"mdlm"});
    }

    void resultsAndOrdersComeBackFromTheirJson() {
        BrierStudy study;
        study.points.push_back({.model = "H: calm-full, L: calm-small",
                                .kind = GenerationKind::Calm,
                                .schedule = "(H4,L4)",
                                .temperature = 0.5,
                                .candidates = 200,
                                .inferenceFlops = 1e7,
                                .brier = {.orders = {Estimate{0.1, 0, 0.2, 9}, {}, {}, {}}, .draws = 4},
                                .estimator = "teacher forced"});
        study.points.push_back(study.points[0]);
        study.points[1].trainingFlops = 1e15;
        study.points[1].brier.score = Estimate{3, 2, 4, 9};
        study.points[1].brier.estimator = BrierEstimator::Probabilities;
        QVERIFY(throughText(study) == study);
        const AutoencoderQuality quality{.chunks = 7,
                                         .token = {0.9, 0.8, 1, 7},
                                         .divergence = {0.5, 0.001},
                                         .latentDivergence = {0.501, 0.4, 0.6, 7},
                                         .collapsed = 1};
        QVERIFY(throughText(quality) == quality);

        BrierStudyOrder order = makeOrder();
        order.schedules = {"all heavy", "(H4,L4)"};
        order.temperatures = {1, 0.5};
        order.candidates = {20, 50};
        for (const AnalysisOrder& each :
             {AnalysisOrder(order),
              AnalysisOrder(AutoencoderOrder{"ae", "tale.txt", {.chunks = 9, .seed = 3}})})
            QVERIFY(orderOf(nlohmann::json::parse(orderJson(each).dump())) == each);
    }
};

QTEST_GUILESS_MAIN(TestBrierStudy)
#include "test_brier_study.moc"
