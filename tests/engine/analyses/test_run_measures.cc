// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/run_measures.h"
#include "engine/core/sha256.h"
#include "engine/core/thread_pool.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <algorithm>

using namespace steploom;
using namespace steploom::testing;

namespace {

StudyText makeText(int letters = 400) {
    StudyText text{.name = "tale.txt", .content = {}, .sha256 = {}};
    for (int i = 0; i < letters; ++i)
        text.content += static_cast<char>('a' + i * i % 26);
    text.sha256 = sha256Of(text.content);
    return text;
}

/// A store with a run of five samples, and what measures it.
struct Bench {
    TemporaryFolder folder;
    RunStore store{folder / "runs.sqlite"};
    ModelPool pool = makeFakePool();
    std::shared_ptr<FakeCausal> model =
        std::make_shared<FakeCausal>(26, 16, [](auto, std::int32_t) { return 2.0; });
    Evaluator reader{"reader", "reader-sha", model, makeLetterTokenizer(26)};
    ThreadPool threads{1};
    StudyText text = makeText();
    int pools = 0;
    std::int64_t id = 0;
    std::stop_source stop;

    Bench() {
        RunObserver observer;
        id = runGeneration(makeRequest(), {.pool = &pool, .store = &store, .threads = 1}, observer, {})
                 .summary.id;
    }
    MeasuringMeans means() {
        return {.store = &store,
                .evaluator = [this]() -> const Evaluator& { return reader; },
                .pool = [this]() -> const ModelPool& {
                    ++pools;
                    return pool;
                },
                .text = &text,
                .threads = &threads};
    }
    Measured measure(const WantedMeasures& wanted) {
        return measureRun(store.load(id), wanted, means(), {}, stop.get_token());
    }
};

const WantedMeasures kAll{.diversity = true,
                          .perplexity = true,
                          .brierLm = true,
                          .nelbo = true,
                          .windows = 4,
                          .context = 8,
                          .draws = 2};

/// What every finished run is measured by.
const std::vector<std::string> kWithTheRun{"distinct_1", "distinct_2", "distinct_3",
                                           "entropy",    "repeated_4", "self_bleu"};

std::vector<std::string> sorted(std::vector<std::string> names) {
    std::ranges::sort(names);
    return names;
}

} // namespace

class TestRunMeasures : public QObject {
    Q_OBJECT

private slots:
    void everyMeasureIsKeptWithTheRunAndMadeOnce() {
        Bench bench;
        const Measured first = bench.measure(kAll);
        QVERIFY(!first.stopped);
        QCOMPARE(sorted(first.known), kWithTheRun);
        const Run run = bench.store.load(bench.id);
        for (const Measure& measure : first.measures) {
            const Measure* kept = run.summary.measure(measure.name);
            QVERIFY2(kept != nullptr && *kept == measure, measure.name.c_str());
            QVERIFY(!measure.estimator.empty());
        }
        for (const char* name : {"distinct_1", "self_bleu", "generative_perplexity", "entropy", "brier_1",
                                 "brier_4", "nelbo_H", "nelbo_L"})
            QVERIFY2(first.measure(name) != nullptr, name);
        QCOMPARE(first.measure("nelbo_H")->settings["text_sha256"].get<std::string>(), bench.text.sha256);
        for (const RunSample& sample : run.samples)
            QCOMPARE(sample.score->nats, 2.0 * sample.score->tokens);

        const std::size_t calls = bench.model->calls.size();
        bench.pools = 0;
        const Measured second = bench.measure(kAll);
        QCOMPARE(second.known.size(), first.measures.size());
        QCOMPARE(second.measures.size(), first.measures.size());
        QCOMPARE(bench.model->calls.size(), calls);
        QCOMPARE(bench.pools, 0); // nothing is loaded for what is known
        WantedMeasures again = kAll;
        again.again = true;
        QVERIFY(bench.measure(again).known.empty());
        WantedMeasures other = kAll;
        other.draws = 3;
        const Measured third = bench.measure(other);
        QVERIFY(std::ranges::count(third.known, "nelbo_H") == 1 &&
                std::ranges::count(third.known, "brier_1") == 0);
    }

    void longSamplesAreJudgedInASlidingWindowAndThatIsSaid() {
        Bench bench; // 24 letters, a reader of 16
        const Measured measured = bench.measure({.perplexity = true});
        const nlohmann::json& settings = measured.measure("generative_perplexity")->settings;
        QCOMPARE(settings["sliding"].get<bool>(), true);
        QCOMPARE(settings["stride"].get<int>(), 8);
        QVERIFY(settings["retokenised"].is_null()); // the fakes have no folder
    }

    void aRunThatHasMoreSamplesIsMeasuredAgain() {
        Bench bench;
        ModelPool pool = makeFakePool();
        RunObserver observer;
        GenerationRequest request = makeRequest();
        request.seed = 5;
        GenerationMeans means{.pool = &pool, .store = &bench.store, .threads = 1, .samplesAtMost = 3};
        const Run part = runGeneration(request, means, observer, {});
        QCOMPARE(part.samples.size(), std::size_t{3});
        QCOMPARE(part.summary.state, RunState::Stopped);
        bench.id = part.summary.id;
        const WantedMeasures wanted{.diversity = true, .perplexity = true};
        QCOMPARE(bench.measure(wanted).measure("generative_perplexity")->estimate.n, 3);
        means.unfinished = bench.id;
        means.samplesAtMost = 0;
        QCOMPARE(runGeneration(request, means, observer, {}).summary.id, bench.id);
        const Measured measured = bench.measure(wanted);
        QCOMPARE(sorted(measured.known), kWithTheRun); // continuing makes them anew
        QCOMPARE(measured.measure("generative_perplexity")->estimate.n, 5);
        QCOMPARE(measured.measure("distinct_1")->estimate.n, 5);
    }

    void halfAMeasurementIsNone() {
        Bench bench;
        bench.stop.request_stop();
        const Measured measured = bench.measure(kAll);
        QVERIFY(measured.stopped);
        QCOMPARE(measured.measures.size(), kWithTheRun.size()); // what the run has is known
        QVERIFY(bench.store.summary(bench.id).measure("generative_perplexity") == nullptr);
    }

    void whatNeedsNoRunIsKeptAsAnAnalysis() {
        Bench bench;
        GenerationRequest request = makeRequest();
        WantedMeasures wanted{.brierLm = true, .nelbo = true, .windows = 4, .context = 8, .draws = 2};
        const auto measure = [&] { return measureOnText(request, wanted, bench.means(), {}, {}); };
        const Measured first = measure();
        QVERIFY(first.known.empty());
        QCOMPARE(bench.store.listAnalyses(kTextMeasuresKind).size(), std::size_t{2});
        QCOMPARE(measure().known.size(), first.measures.size());
        request.samples = 99; // of a run, not of windows
        QCOMPARE(measure().known.size(), first.measures.size());
        request.schedule = parseSchedule("(H16)");
        const Measured other = measure();
        QCOMPARE(other.known, (std::vector<std::string>{"nelbo_H", "nelbo_L"})); // the models' own
        bench.text = makeText(401);
        QVERIFY(measure().known.empty());
    }

    void whatIsMissingIsSaid() {
        Bench bench;
        const Run run = bench.store.load(bench.id);
        const auto measure = [&](const Run& of, const WantedMeasures& wanted, const MeasuringMeans& means) {
            measureRun(of, wanted, means, {}, {});
        };
        expectError([&] { measure(run, {.brierLm = true}, {}); }, ErrorKind::Request, {"on a text"});
        expectError([&] { measure(run, {.perplexity = true}, {}); }, ErrorKind::Request, {"no evaluator"});
        Run empty = run;
        empty.samples.clear();
        expectError([&] { measure(empty, {.diversity = true}, {}); }, ErrorKind::Request,
                    {"no finished sample"});
        expectError([&] { bench.measure({.brierLm = true, .draws = 1}); }, ErrorKind::Request,
                    {"less than 2"});
        bench.text = makeText(10);
        expectError([&] { bench.measure({.brierLm = true, .context = 8}); }, ErrorKind::Text,
                    {"10 tokens", "12"});
    }
};

QTEST_GUILESS_MAIN(TestRunMeasures)
#include "test_run_measures.moc"
