// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/frontier.h"
#include "engine/analyses/kinds.h"
#include "engine/analyses/run_analysis.h"
#include "engine/analyses/search_result.h"
#include "engine/runs/known_importance.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/paths.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

ModelPool makePool(const std::string& heavyName = "heavy") {
    return ModelPool({{{'H', heavyName, "checkpoints/heavy", Precision::F32, "heavy-sha"},
                       std::make_shared<FakeDenoiser>(27, 64, 4)},
                      {{'L', "light", "checkpoints/light", Precision::F32, "light-sha"},
                       std::make_shared<FakeDenoiser>(27, 64, 2)}},
                     makeLetterTokenizer(26));
}

Evaluator makeReader(const std::string& name = "reader") {
    return Evaluator(
        name, "reader-sha",
        std::make_shared<FakeCausal>(26, 64, [](auto, std::int32_t token) { return 1 + 0.1 * token; }),
        makeLetterTokenizer(26));
}

GenerationRequest wanted() {
    GenerationRequest request = makeRequest();
    request.schedule = StepSchedule::all('H', 16);
    request.samples = 6;
    return request;
}

class Witness : public AnalysisObserver {
public:
    std::vector<std::string> what;
    std::vector<StoredAnalysis> all;
    std::stop_source stop;
    std::size_t stopBehind = 1000;
    double share = 0;

    void advanced(double now, const std::string& doing) override {
        share = now;
        if (what.empty() || what.back() != doing)
            what.push_back(doing);
    }
    void kept(const StoredAnalysis& analysis) override {
        all.push_back(analysis);
        if (all.size() == stopBehind)
            stop.request_stop();
    }
};

/// A store, models, and what is to be asked of them.
struct Bench {
    TemporaryFolder folder;
    RunStore store{folder / "runs.sqlite"};
    ModelPool pool = makePool();
    Evaluator reader = makeReader();
    ComputeContext context{1};
    GenerationMeans means{.pool = &pool, .evaluator = &reader, .store = &store, .threads = 1};

    StoredAnalysis run(const AnalysisOrder& order, Witness& witness) {
        return runAnalysis(wanted(), order, means, context, witness, witness.stop.get_token());
    }
};

const SearchOrder kSearch{.segments = 4, .light = 1};
const FrontierOrder kFrontier{{StepSchedule::all('H', 16), parseSchedule("(L4,H8,L4)")}, {1, 0.2}};

} // namespace

class TestRunAnalysis : public QObject {
    Q_OBJECT

private slots:
    void aSearchIsKeptUnderWhatItDependsOn() {
        Bench bench;
        Witness witness;
        const StoredAnalysis analysis = bench.run(kSearch, witness);
        QCOMPARE(analysis.kind, std::string(kSearchKind));
        const nlohmann::json& settings = analysis.settings;
        QCOMPARE(settings["models"][1],
                 (nlohmann::json{{"letter", "L"}, {"sha256", "light-sha"}, {"precision", "f32"}}));
        QCOMPARE(settings["pool"][0]["name"].get<std::string>(), std::string("heavy"));
        QCOMPARE(settings["evaluator_sha256"].get<std::string>(), std::string("reader-sha"));
        QCOMPARE(settings["request"]["seed"].get<int>(), 77);
        QCOMPARE(settings["request"]["steps"].get<int>(), 16);
        for (const char* left : {"pool", "tokenizer", "schedule", "batch", "top_tokens"})
            QVERIFY2(!settings["request"].contains(left), left);
        QVERIFY(!analysis.created.empty());
        QVERIFY(analysis.seconds > 0);
        const auto result = analysis.result.get<SearchResult>();
        QVERIFY(!result.stopped);
        QCOMPARE(result.entries.size(), std::size_t{4});
        QCOMPARE(witness.share, 1.0);
        QCOMPARE(witness.what.front(), std::string("baseline: (H16), 6 samples"));
        QCOMPARE(witness.what.back(), std::string("schedule 4 of 4: (H12,L4), 6 samples"));
        // After every schedule what there was by then, and in the end all.
        QCOMPARE(witness.all.size(), std::size_t{5});
        QCOMPARE(witness.all[1].result.get<SearchResult>().entries.size(), std::size_t{2});
        QVERIFY(witness.all[1].result["stopped"].get<bool>());
        QCOMPARE(bench.store.listAnalyses(kSearchKind).size(), std::size_t{1});
    }

    void aWholeResultIsFoundAgainWhateverTheModelsAreCalled() {
        Bench bench;
        Witness first, second, third;
        const StoredAnalysis analysis = bench.run(kSearch, first);
        bench.pool = makePool("renamed");
        const Evaluator reader = makeReader("renamed too");
        bench.means.evaluator = &reader;
        const StoredAnalysis found = bench.run(kSearch, second);
        QCOMPARE(found.result, analysis.result);
        QVERIFY(second.what.empty() && second.all.empty());
        SearchOrder other = kSearch;
        other.stopEarly = false;
        bench.run(other, third);
        QVERIFY(!third.all.empty());
        QCOMPARE(bench.store.listAnalyses(kSearchKind).size(), std::size_t{2});
        QCOMPARE(bench.store.count(), 5); // of the same runs
    }

    void whatWasBrokenOffIsGoneOnFrom() {
        Bench bench, whole;
        Witness broken, resumed, unbroken;
        broken.stopBehind = 2;
        const StoredAnalysis partial = bench.run(kSearch, broken);
        QVERIFY(partial.result["stopped"].get<bool>());
        QCOMPARE(partial.result["entries"].size(), std::size_t{2});
        QVERIFY(bench.store.findAnalysis(kSearchKind, partial.settings)->result["stopped"].get<bool>());
        const StoredAnalysis analysis = bench.run(kSearch, resumed);
        QVERIFY(analysis.seconds > partial.seconds);
        QCOMPARE(analysis.result, whole.run(kSearch, unbroken).result);
        QVERIFY(resumed.what.front().ends_with("in the store"));
    }

    void aFrontierHasEveryScheduleAtEveryTemperature() {
        Bench bench;
        Witness witness, again, more;
        const auto frontier = bench.run(kFrontier, witness).result.get<Frontier>();
        QVERIFY(!frontier.stopped);
        QCOMPARE(frontier.points.size(), std::size_t{4});
        for (std::size_t i = 0; i < 4; ++i) {
            const FrontierPoint& point = frontier.points[i];
            QVERIFY(point.schedule == kFrontier.schedules[i / 2]);
            QCOMPARE(point.temperature, i % 2 == 0 ? 0.2 : 1.0);
            const RunSummary run = bench.store.summary(point.run);
            QCOMPARE(run.request.temperature, point.temperature);
            QVERIFY(run.measure("generative_perplexity")->estimate == point.perplexity);
            QVERIFY(run.measure("entropy")->estimate == point.entropy);
        }
        QVERIFY(!(frontier.points[0].entropy == frontier.points[1].entropy));
        QVERIFY(frontier.points[2].saved > 0 && frontier.points[0].saved == 0);
        QCOMPARE(witness.share, 1.0);
        bench.run(kFrontier, again);
        QVERIFY(again.what.empty());
        // One that grows finds the runs that are there.
        FrontierOrder grown = kFrontier;
        grown.temperatures.push_back(0.5);
        QCOMPARE(bench.run(grown, more).result["points"].size(), std::size_t{6});
        QCOMPARE(bench.store.count(), 6);
    }

    void importanceIsKeptWhereTheWindowLooksForIt() {
        Bench bench;
        writeText(bench.folder / "tale.txt", std::string(200, 'a') + std::string(200, 'b'));
        const ImportanceOrder order{(bench.folder / "tale.txt").string(),
                                    {.times = 3, .windows = 8, .length = 16, .seed = 2}};
        Witness broken, witness, again;
        broken.stop.request_stop();
        QVERIFY(bench.run(order, broken).result["stopped"].get<bool>());
        const nlohmann::json key =
            importanceKey(bench.pool, readText(bench.folder / "tale.txt"), order.settings);
        QVERIFY(!findImportance(bench.store, key).has_value());
        const StoredAnalysis analysis = bench.run(order, witness);
        QCOMPARE(analysis.settings, key);
        QVERIFY(findImportance(bench.store, key) == analysis.result.get<ImportanceProfile>());
        QCOMPARE(analysis.result["windows"].get<int>(), 8);
        bench.run(order, again);
        QVERIFY(again.what.empty());
    }

    void whatCannotBeAnalysedIsRefused() {
        Bench bench;
        Witness witness;
        const auto refused = [&](const AnalysisOrder& order, std::initializer_list<const char*> words) {
            expectError([&] { bench.run(order, witness); }, ErrorKind::Request, words);
        };
        refused(SearchOrder{.segments = 16, .light = 8, .most = 30'000}, {"10000 schedules", "fewer"});
        refused(FrontierOrder{{}, {1}}, {"schedules", "none"});
        refused(FrontierOrder{{StepSchedule::all('H', 4)}, {}}, {"temperatures", "none"});
        refused(FrontierOrder{{StepSchedule::all('H', 4)}, {0}}, {"temperature", "0"});
        expectError(
            [&] {
                bench.run(ImportanceOrder{"/no/such/tale.txt", {}}, witness);
            },
            ErrorKind::File, {"cannot read the text"});
        bench.means.evaluator = nullptr;
        refused(kSearch, {"evaluator"});
        bench.means.pool = nullptr;
        refused(kFrontier, {"pool"});
        bench.means.store = nullptr;
        refused(kSearch, {"store"});
        QVERIFY(witness.all.empty());
    }

    void anAnalysisInTheQueueLeavesItWhenItIsDone() {
        Bench bench;
        bench.store.addToQueue(std::vector<WantedGeneration>{{"search", wanted(), orderJson(kSearch)},
                                                             {"broken", wanted(), {{"kind", kSearchKind}}}});
        Witness stopped, witness;
        stopped.stopBehind = 1;
        const auto run = [&](Witness& observer) {
            return runQueuedAnalysis(*bench.store.claimQueued(), bench.means, bench.context, observer,
                                     observer.stop.get_token());
        };
        QVERIFY(!run(stopped));
        QCOMPARE(bench.store.listQueue().front().state, QueueState::Waiting);
        QVERIFY(run(witness));
        QCOMPARE(bench.store.listQueue().size(), std::size_t{1});
        QVERIFY(!bench.store.listAnalyses(kSearchKind).front().result["stopped"].get<bool>());
        expectError([&] { run(witness); }, ErrorKind::Request, {"segments"});
        QCOMPARE(bench.store.listQueue().front().state, QueueState::Failed);
    }
};

QTEST_GUILESS_MAIN(TestRunAnalysis)
#include "test_run_analysis.moc"
