// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/version.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_json.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/paths.h"

#include <QtTest>
#include <SQLiteCpp/Database.h>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Two nats a token: a perplexity of e² whatever the text.
Evaluator makeReader(int context = 64) {
    return Evaluator("reader", "reader-sha",
                     std::make_shared<FakeCausal>(26, context, [](auto, std::int32_t) { return 2.0; }),
                     makeLetterTokenizer(26));
}

/// Writes down what it is told, and may act on it.
class Witness : public RunObserver {
public:
    std::vector<std::string> events;
    std::int64_t run = -1;
    std::function<void()> onStored;
    std::function<void()> onMeasuring;

    void begun(std::int64_t id, const ScheduleCost& cost) override {
        run = id;
        events.push_back("begun");
        steps = cost.steps;
    }
    void started(const PlannedWork&) override { events.push_back("started"); }
    void finished(const SampleTrace&) override { events.push_back("finished"); }
    void stored(const RunSample&) override {
        events.push_back("stored");
        if (onStored)
            onStored();
    }
    void measuring(double) override {
        if (events.back() != "measuring")
            events.push_back("measuring");
        if (onMeasuring)
            onMeasuring();
    }
    void scored(std::span<const TextScore> all) override { scores.assign(all.begin(), all.end()); }
    int steps = 0;
    std::vector<TextScore> scores;
};

} // namespace

class TestRunGeneration : public QObject {
    Q_OBJECT

private slots:
    void aBranchedRunIsMadeAgainBitForBitThoughItsParentIsGone() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        Witness witness;
        const Run parent = runGeneration(makeRequest(), {&pool, nullptr, &store, 1}, witness, {});
        GenerationRequest request = makeRequest();
        request.schedule = parseSchedule("(H10,L6)"); // another one for the rest
        request.branch =
            branchFrom(parent.summary.request, parent.summary.id, parent.samples[1].trace, 26, 6);
        writeToken(*request.branch, 2, 11);
        maskToken(*request.branch, 5);
        const Run branch = runGeneration(request, {&pool, nullptr, &store, 1}, witness, {});
        store.remove(parent.summary.id);

        const Run stored = store.load(branch.summary.id);
        QCOMPARE(stored.summary.request.branch->parent, parent.summary.id);
        QCOMPARE(stored.samples.size(), std::size_t{5});
        for (const RunSample& sample : stored.samples)
            QCOMPARE(sample.trace.tokens[2], 11);
        QVERIFY(stored.samples[0].trace.likely.size() == 5 * 24);
        QVERIFY(stored.summary.cost.expectedCalls < parent.summary.cost.expectedCalls);
        const RerunResult result = rerunAndCompare(stored, pool, witness, {});
        QVERIFY2(result.identical, result.firstDifference.c_str());
        QCOMPARE(result.compared, 5);
    }

    void aRunThatIsMadeInPartsIsJudgedInParts() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        const auto model =
            std::make_shared<FakeCausal>(26, 64, [](auto, std::int32_t token) { return token; });
        const Evaluator reader("reader", "reader-sha", model, makeLetterTokenizer(26));
        const Evaluator another("reader", "other-sha", model, makeLetterTokenizer(26));
        const auto judged = [&] {
            int texts = 0;
            for (const FakeCausal::Call& call : model->calls)
                texts += call.samples;
            return texts;
        };
        Witness witness;
        GenerationMeans means{.pool = &pool, .evaluator = &reader, .store = &store, .samplesAtMost = 2};
        const Run part = runGeneration(makeRequest(), means, witness, {});
        QCOMPARE(part.summary.state, RunState::Stopped);
        QCOMPARE(part.samples.size(), std::size_t{2});
        QCOMPARE(part.summary.measure("generative_perplexity")->estimate.n, 2);
        QVERIFY(isJudgedBy(store.summary(part.summary.id), reader));
        QVERIFY(!isJudgedBy(store.summary(part.summary.id), another));
        QCOMPARE(judged(), 2);
        means.unfinished = part.summary.id;
        means.samplesAtMost = 0;
        const Run whole = runGeneration(makeRequest(), means, witness, {});
        QCOMPARE(whole.summary.id, part.summary.id);
        QCOMPARE(whole.summary.state, RunState::Finished);
        QCOMPARE(judged(), 5); // those that are new
        QCOMPARE(witness.scores.size(), std::size_t{5});
        means.store = nullptr;
        const Run atOnce = runGeneration(makeRequest(), means, witness, {});
        for (std::size_t i = 0; i < 5; ++i) {
            QCOMPARE(whole.samples[i].trace.tokens, atOnce.samples[i].trace.tokens);
            QVERIFY(whole.samples[i].score == atOnce.samples[i].score);
        }
        QVERIFY(whole.summary.measure("generative_perplexity")->estimate ==
                atOnce.summary.measure("generative_perplexity")->estimate);
        QCOMPARE(whole.summary.measure("generative_perplexity")->settings["retokenised"].get<bool>(), false);
    }

    void everySampleKeepsItsScore() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        const Evaluator reader = makeReader();
        Witness witness;
        const Run run = runGeneration(makeRequest(), {&pool, &reader, &store, 1}, witness, {});
        QCOMPARE(witness.scores.size(), std::size_t{5});
        const Run stored = store.load(run.summary.id);
        for (const RunSample& sample : stored.samples) {
            QVERIFY(sample.score.has_value());
            QVERIFY(std::abs(sample.score->perplexity() - std::exp(2.0)) < 1e-9);
        }
        QVERIFY(stored.samples == run.samples);
    }

    void aRunIsKeptWithAllItIsMadeOf() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        const Evaluator reader = makeReader();
        Witness witness;
        const Run run = runGeneration(makeRequest(), {&pool, &reader, &store, 2}, witness, {});

        QCOMPARE(witness.run, run.summary.id);
        QCOMPARE(witness.steps, 16);
        QCOMPARE(witness.events.front(), std::string("begun"));
        QCOMPARE(witness.events.at(1), std::string("started"));
        QCOMPARE(std::ranges::count(witness.events, "stored"), 5);
        QCOMPARE(witness.events.back(), std::string("measuring"));

        QCOMPARE(run.summary.state, RunState::Finished);
        QCOMPARE(run.summary.finishedSamples, 5);
        QCOMPARE(run.summary.request.pool[0].sha256, std::string("heavy-sha"));
        QCOMPARE(run.provenance.version, std::string(kVersion));
        QCOMPARE(run.provenance.threads, 2);
        QCOMPARE(run.provenance.members.size(), std::size_t{2});
        QCOMPARE(run.provenance.members[1].blocks, 2);
        QCOMPARE(run.summary.cost.blocksOnlySaving, 0.5 * (1 - 2.0 / 4));
        QVERIFY(!run.provenance.processor.empty() && !run.provenance.onednn.empty());

        double flops = 0;
        std::map<char, std::int64_t> calls;
        for (const RunSample& sample : run.samples) {
            flops += sample.trace.flops;
            for (const auto& [letter, count] : sample.trace.calls)
                calls[letter] += count;
            QCOMPARE(sample.text, pool.tokenizer()->decode(sample.trace.tokens));
        }
        QCOMPARE(run.summary.executedFlops, flops);
        QCOMPARE(run.summary.calls, calls);

        const RunWork& work = run.summary.work;
        QCOMPARE(work.batch, 2);
        QVERIFY(work.peakMemory > 1'000'000);
        std::int64_t rows = 0;
        for (const auto& [letter, member] : work.members) {
            QCOMPARE(member.sampleCalls, calls.at(letter)); // all samples were finished
            QVERIFY(member.networkCalls >= member.sampleCalls / 2 &&
                    member.networkCalls <= member.sampleCalls);
            rows += member.rows;
            flops -= member.flops;
        }
        QCOMPARE(rows, 5 * 24); // every position passes the output layer once
        QVERIFY(std::abs(flops) < 1e-6 * run.summary.executedFlops);

        const Measure* perplexity = run.summary.measure("generative_perplexity");
        QVERIFY(perplexity != nullptr);
        QVERIFY(std::abs(perplexity->estimate.value - std::exp(2.0)) < 1e-12);
        QCOMPARE(perplexity->estimate.n, 5);
        QCOMPARE(perplexity->settings["evaluator_sha256"].get<std::string>(), std::string("reader-sha"));
        QVERIFY(perplexity->seconds > 0);
        QCOMPARE(run.summary.measure("entropy")->estimate.n, 5);

        const Run stored = store.load(run.summary.id);
        QVERIFY(stored.summary.request == run.summary.request);
        QVERIFY(stored.samples == run.samples);
        QCOMPARE(stored.summary.state, RunState::Finished);
        QCOMPARE(stored.summary.measures, run.summary.measures);
        QCOMPARE(stored.summary.seconds, run.summary.seconds);
        QCOMPARE(stored.summary.calls, run.summary.calls);
        QVERIFY(stored.summary.work == run.summary.work);
        QCOMPARE(nlohmann::json(stored.summary.cost), nlohmann::json(run.summary.cost));
        QCOMPARE(nlohmann::json(stored.provenance), nlohmann::json(run.provenance));
    }

    void withoutStoreAndEvaluatorTheRunIsStillWhole() {
        ModelPool pool = makeFakePool();
        Witness witness;
        const Run run = runGeneration(makeRequest(), {.pool = &pool}, witness, {});
        QCOMPARE(witness.run, std::int64_t{0});
        QCOMPARE(run.samples.size(), std::size_t{5});
        QVERIFY(run.summary.measure("entropy") != nullptr); // neither this nor diversity needs anybody
        QVERIFY(run.summary.measure("generative_perplexity") == nullptr);
        for (const char* name : {"distinct_1", "distinct_2", "distinct_3", "repeated_4", "self_bleu"}) {
            const Measure* measure = run.summary.measure(name);
            QVERIFY2(measure != nullptr, name);
            QVERIFY2(measure->estimate.value >= 0 && measure->estimate.value <= 1, name);
        }
        QVERIFY(!run.summary.started.empty());
    }

    void refusedRequestLeavesNoRunBehind() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        GenerationRequest request = makeRequest();
        request.schedule = parseSchedule("(H8,X8)");
        Witness witness;
        expectError([&] { runGeneration(request, {.pool = &pool, .store = &store}, witness, {}); },
                    ErrorKind::Schedule, {"X"});
        QCOMPARE(store.count(), 0);
        expectError([&] { runGeneration(makeRequest(), {.store = &store}, witness, {}); }, ErrorKind::Pool,
                    {});
    }

    void stopKeepsTheFinishedSamples() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        const Evaluator reader = makeReader();
        std::stop_source stop;
        Witness witness;
        witness.onStored = [&] { stop.request_stop(); };
        GenerationRequest request = makeRequest();
        request.batch = 1;
        const Run run = runGeneration(request, {&pool, &reader, &store, 1}, witness, stop.get_token());
        QCOMPARE(run.summary.state, RunState::Stopped);
        QCOMPARE(run.samples.size(), std::size_t{1});
        const RunSummary stored = store.summary(run.summary.id);
        QCOMPARE(stored.state, RunState::Stopped);
        QCOMPARE(stored.finishedSamples, 1);
        QVERIFY(stored.measure("entropy") != nullptr);
        QVERIFY(stored.measure("generative_perplexity") == nullptr);
        QVERIFY(stored.work == run.summary.work);
    }

    void aStoppedRunCountsWhatItsUnfinishedSamplesTook() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        std::stop_source stop;
        Witness witness;
        witness.onStored = [&] { stop.request_stop(); };
        GenerationRequest request = makeRequest();
        request.batch = 5;
        const Run run = runGeneration(request, {.pool = &pool, .store = &store}, witness, stop.get_token());
        QVERIFY(run.samples.size() < 5);
        double flops = 0;
        std::int64_t calls = 0, finished = 0;
        for (const auto& [letter, member] : store.summary(run.summary.id).work.members) {
            flops += member.flops;
            calls += member.sampleCalls;
            finished += run.summary.calls.at(letter);
        }
        QVERIFY(calls > finished);
        QVERIFY(flops > run.summary.executedFlops);
    }

    void anAutomaticBatchIsChosenKeptAndChangesNoByte() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        Witness witness;
        GenerationRequest request = makeRequest();
        const Run given = runGeneration(request, {.pool = &pool, .store = &store}, witness, {});
        request.batch = kAutomaticBatch;
        const Run chosen = runGeneration(request, {.pool = &pool, .store = &store}, witness, {});
        const Run stored = store.load(chosen.summary.id);
        QCOMPARE(stored.summary.request.batch, kAutomaticBatch); // what was asked for
        QVERIFY(stored.summary.work.batch >= 1 && stored.summary.work.batch <= request.samples);
        QCOMPARE(stored.samples.size(), given.samples.size());
        for (std::size_t i = 0; i < given.samples.size(); ++i)
            QCOMPARE(stored.samples[i].trace.tokens, given.samples[i].trace.tokens);
        const RerunResult result = rerunAndCompare(stored, pool, witness, {});
        QVERIFY2(result.identical, result.firstDifference.c_str());
        request.samples = 1;
        QCOMPARE(runGeneration(request, {.pool = &pool}, witness, {}).summary.work.batch, 1);
    }

    void aRefusedRequestIsRefusedBeforeAnythingIsTimed() {
        auto denoiser = std::make_shared<FakeDenoiser>(27, 64);
        ModelPool pool({{{'H', "only", "", Precision::F32, ""}, denoiser}}, makeLetterTokenizer(26));
        GenerationRequest request = makeRequest();
        request.batch = kAutomaticBatch;
        request.schedule = StepSchedule::all('H', 16);
        request.length = 65;
        Witness witness;
        expectError([&] { runGeneration(request, {.pool = &pool}, witness, {}); }, ErrorKind::Request,
                    {"65"});
        QVERIFY(denoiser->calls.empty());
    }

    void stopDuringMeasuringLeavesTheRunFinishedWithoutHalfAPerplexity() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        const Evaluator reader = makeReader(4); // many windows…
        std::stop_source stop;
        Witness witness;
        witness.onMeasuring = [&] { stop.request_stop(); };
        GenerationRequest request = makeRequest();
        request.samples = 64; // …in more than one call
        request.length = 60;
        const Run run = runGeneration(request, {&pool, &reader, &store, 1}, witness, stop.get_token());
        QCOMPARE(run.summary.state, RunState::Finished);
        QCOMPARE(store.summary(run.summary.id).state, RunState::Finished);
        QVERIFY(run.summary.measure("entropy") != nullptr);
        QVERIFY(run.summary.measure("distinct_2") != nullptr);
        QVERIFY(run.summary.measure("generative_perplexity") == nullptr);
    }

    void stopBeforeTheFirstCallIsARunWithoutSamples() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        std::stop_source stop;
        stop.request_stop();
        Witness witness;
        const Run run =
            runGeneration(makeRequest(), {.pool = &pool, .store = &store}, witness, stop.get_token());
        QCOMPARE(run.summary.state, RunState::Stopped);
        QVERIFY(run.samples.empty() && run.summary.measures.empty());
        QCOMPARE(store.count(), 1);
    }

    void failingStoreEndsTheGenerationAndKeepsWhatItHad() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite", {.lockTimeout = std::chrono::milliseconds(20)});
        ModelPool pool = makeFakePool();
        SQLite::Database other((folder / "runs.sqlite").string(), SQLite::OPEN_READWRITE);
        Witness witness;
        int left = 2;
        witness.onStored = [&] {
            if (--left == 0)
                other.exec("BEGIN IMMEDIATE"); // from here on the store is locked
        };
        GenerationRequest request = makeRequest();
        request.samples = 40;
        request.batch = 1;
        expectError([&] { runGeneration(request, {.pool = &pool, .store = &store}, witness, {}); },
                    ErrorKind::Store, {"sample 2", "locked"});
        QCOMPARE(std::ranges::count(witness.events, "stored"), 2); // it did not go on for nothing
        other.exec("ROLLBACK");
        QCOMPARE(store.load(witness.run).samples.size(), std::size_t{2});
        // The sample that could not be stored was finished all the same, and whoever listens has it.
        QCOMPARE(std::ranges::count(witness.events, "finished"), 3);
    }

    void storeThatFailsOnceMarksTheRunAsCutOff() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        Witness witness;
        // The second sample is already there: storing it fails, ending the run does not.
        witness.onStored = [&] { store.addSample(witness.run, makeSample(1)); };
        GenerationRequest request = makeRequest();
        request.batch = 1;
        expectError([&] { runGeneration(request, {.pool = &pool, .store = &store}, witness, {}); },
                    ErrorKind::Store, {"sample 1"});
        QCOMPARE(store.summary(witness.run).state, RunState::CutOff);
    }

    void storeThatCannotBeginMakesNoCall() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite", {.lockTimeout = std::chrono::milliseconds(20)});
        SQLite::Database other((folder / "runs.sqlite").string(), SQLite::OPEN_READWRITE);
        other.exec("BEGIN IMMEDIATE");
        auto denoiser = std::make_shared<FakeDenoiser>(27, 64);
        ModelPool pool({{{'H', "only", "", Precision::F32, ""}, denoiser}}, makeLetterTokenizer(26));
        GenerationRequest request = makeRequest();
        request.schedule = StepSchedule::all('H', 16);
        Witness witness;
        expectError([&] { runGeneration(request, {.pool = &pool, .store = &store}, witness, {}); },
                    ErrorKind::Store, {"locked"});
        QVERIFY(denoiser->calls.empty());
        QVERIFY(witness.events.empty());
    }

    void rerunIsIdenticalWhateverTheBatch() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        ModelPool pool = makeFakePool();
        Witness witness;
        Run stored = store.load(
            runGeneration(makeRequest(), {.pool = &pool, .store = &store}, witness, {}).summary.id);
        stored.summary.request.batch = 5;
        const RerunResult result = rerunAndCompare(stored, pool, witness, {});
        QVERIFY2(result.identical, result.firstDifference.c_str());
        QCOMPARE(result.compared, 5);
        QVERIFY(result.firstDifference.empty());
    }

    void rerunNamesTheFirstDifference() {
        ModelPool pool = makeFakePool();
        Witness witness;
        const Run run = runGeneration(makeRequest(), {.pool = &pool}, witness, {});
        const auto changed = [&](auto change) {
            Run other = run;
            change(other.samples[3].trace);
            const RerunResult result = rerunAndCompare(other, pool, witness, {});
            return result.identical ? std::string("identical") : result.firstDifference;
        };
        const std::int32_t token = run.samples[3].trace.tokens[17];
        QCOMPARE(changed([&](SampleTrace& trace) { trace.tokens[17] = 99; }),
                 "sample 3, position 17: token 99 stored, " + std::to_string(token) + " now");
        QVERIFY(changed([](SampleTrace& trace) {
                    trace.revealStep[2] += 1;
                }).starts_with("sample 3, position 2: reveal step"));
        QVERIFY(changed([](SampleTrace& trace) {
                    trace.member[5] = 9;
                }).starts_with("sample 3, position 5: pool member 9 stored"));
        QVERIFY(changed([](SampleTrace& trace) {
                    trace.logProbability[0] = std::nextafter(trace.logProbability[0], 0.0f);
                }).starts_with("sample 3, position 0: log-probability"));
        QVERIFY(changed([](SampleTrace& trace) {
                    trace.tokens.pop_back();
                }).starts_with("sample 3: 23 positions"));
    }

    void rerunMakesOnlyWhatIsStored() {
        ModelPool pool = makeFakePool();
        Witness witness;
        Run run = runGeneration(makeRequest(), {.pool = &pool}, witness, {});
        run.samples.erase(run.samples.begin() + 3, run.samples.end()); // cut off after sample 2…
        run.samples.erase(run.samples.begin());                        // …and sample 0 was still on its way
        Witness again;
        const RerunResult result = rerunAndCompare(run, pool, again, {});
        QVERIFY(result.identical);
        QCOMPARE(result.compared, 2);
        QCOMPARE(std::ranges::count(again.events, "finished"), 3);
    }

    void rerunWithOtherCheckpointsIsRefused() {
        ModelPool pool = makeFakePool();
        Witness witness;
        const Run run = runGeneration(makeRequest(), {.pool = &pool}, witness, {});
        ModelPool other = makeFakePool("another-sha");
        expectError([&] { rerunAndCompare(run, other, witness, {}); }, ErrorKind::Pool,
                    {"heavy-sha", "another-sha"});
    }

    void rerunOfNothingAndStoppedRerunAreNotIdentical() {
        ModelPool pool = makeFakePool();
        Witness witness;
        Run run = runGeneration(makeRequest(), {.pool = &pool}, witness, {});
        std::stop_source stop;
        stop.request_stop();
        const RerunResult stopped = rerunAndCompare(run, pool, witness, stop.get_token());
        QVERIFY(!stopped.identical);
        QCOMPARE(stopped.firstDifference, std::string("stopped after 0 of 5 samples, which are the same"));
        run.samples.clear();
        const RerunResult nothing = rerunAndCompare(run, pool, witness, {});
        QVERIFY(!nothing.identical);
        QCOMPARE(nothing.compared, 0);
    }
};

QTEST_GUILESS_MAIN(TestRunGeneration)
#include "test_run_generation.moc"
