// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/registry.h"
#include "engine/sampling/autoregressive_generator.h"
#include "engine/tensor/compute_context.h"
#include "tests/engine/sampling/calm_pool.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// L: a golden Llama; S: the same without its last layer.
struct LlamaPool {
    explicit LlamaPool(int threads = 2)
        : context(threads), whole(Checkpoint::open(goldenPath("llama_random_gqa"))),
          full(loadCausalModel(whole, Precision::F32, context)),
          small(loadCausalModel(withoutLastLayer(whole, "model.layers."), Precision::F32, context)),
          pool({{{.letter = 'L', .name = "full"}, full}, {{.letter = 'S', .name = "small"}, small}},
               makeLetterTokenizer(26)) {} // the vocabulary is padded to 173
    ComputeContext context;
    Checkpoint whole;
    std::shared_ptr<CausalModel> full, small;
    ModelPool pool;
};

GenerationRequest requestFor(const std::string& schedule, int samples = 2) {
    GenerationRequest request;
    request.schedule = parseSchedule(schedule);
    request.length = request.schedule.steps();
    request.samples = samples;
    request.seed = 3;
    request.prompt = "hello";
    return request;
}

Trace run(const ModelPool& pool, const GenerationRequest& request, std::vector<int> finished = {}) {
    GenerationObserver nobody;
    return makeGenerator(pool, std::move(finished))->run(request, nobody, {});
}

/// −log p of each letter, whatever precedes.
ModelPool tablePool(const std::vector<double>& chances) {
    const auto model = std::make_shared<FakeCausal>(
        static_cast<int>(chances.size()), 64,
        [chances](auto, std::int32_t token) { return -std::log(chances[static_cast<std::size_t>(token)]); });
    return ModelPool({{{.letter = 'L', .name = "table"}, model}},
                     makeLetterTokenizer(static_cast<int>(chances.size())));
}

std::vector<int> countsOf(const ModelPool& pool, GenerationRequest request, std::size_t tokens) {
    request.length = 41;
    request.schedule = StepSchedule::all('L', 41);
    request.prompt = "a";
    request.samples = 100;
    std::vector<int> counts(tokens);
    for (const SampleTrace& sample : run(pool, request).samples)
        for (std::size_t i = 1; i < 41; ++i)
            ++counts[static_cast<std::size_t>(sample.tokens[i])];
    return counts;
}

} // namespace

class AutoregressiveGeneratorTest : public QObject {
    Q_OBJECT

private slots:
    void nearTemperatureZeroEveryTokenIsTheLikeliestOfTheWholeSequencesLogits() {
        LlamaPool llama;
        GenerationRequest request = requestFor("L8,S5,L1,S2,L8");
        request.temperature = 1e-4;
        for (const SampleTrace& sample : run(llama.pool, request).samples)
            for (int step = 5; step < 24; ++step) {
                CausalModel& model = request.schedule.at(step) == 'L' ? *llama.full : *llama.small;
                std::vector<float> logits(static_cast<std::size_t>(step) * 173);
                model.logits(std::span(sample.tokens).first(static_cast<std::size_t>(step)), 1, step, logits);
                const auto last = logits.end() - 173; // the tokenizer's 26 alone are text
                QCOMPARE(sample.tokens[static_cast<std::size_t>(step)],
                         static_cast<std::int32_t>(std::max_element(last, last + 26) - last));
                QCOMPARE(sample.revealStep[static_cast<std::size_t>(step)], step);
            }
        request.temperature = 1;
        request.topK = 1;
        request.topTokens = 2;
        const SampleTrace greedy = run(llama.pool, request).samples[0];
        request.temperature = 1e-4;
        request.topK = 0;
        QCOMPARE(greedy.tokens, run(llama.pool, request).samples[0].tokens);
        QCOMPARE(greedy.logProbability[7], 0.0f); // no other could be drawn
        QCOMPARE(greedy.likely[2 * 7].token, greedy.tokens[7]);
        QCOMPARE(greedy.likely[2 * 7 + 1].token, -1);
    }

    void tokensComeAsOftenAsTheirChancesSay() {
        const std::vector<double> chances{0.4, 0.25, 0.2, 0.1, 0.05};
        const ModelPool pool = tablePool(chances);
        const auto agrees = [](const std::vector<int>& counts, const std::vector<double>& expected) {
            double chiSquare = 0;
            for (std::size_t i = 0; i < expected.size(); ++i) {
                if (expected[i] == 0 && counts[i] > 0)
                    return false;
                const double wanted = 4000 * expected[i];
                if (wanted > 0)
                    chiSquare += (counts[i] - wanted) * (counts[i] - wanted) / wanted;
            }
            return chiSquare < 22; // 4 degrees of freedom: once in 5,000
        };
        GenerationRequest request;
        QVERIFY(agrees(countsOf(pool, request, 5), chances));
        request.temperature = 0.5;
        const double z = 0.16 + 0.0625 + 0.04 + 0.01 + 0.0025;
        QVERIFY(agrees(countsOf(pool, request, 5), {0.16 / z, 0.0625 / z, 0.04 / z, 0.01 / z, 0.0025 / z}));
        request.temperature = 1;
        request.topK = 2;
        QVERIFY(agrees(countsOf(pool, request, 5), {0.4 / 0.65, 0.25 / 0.65, 0, 0, 0}));
        request.topP = 0.5; // of the two that are left
        QVERIFY(agrees(countsOf(pool, request, 5), {1, 0, 0, 0, 0}));
        request.topK = 0;
        QVERIFY(agrees(countsOf(pool, request, 5), {0.4 / 0.65, 0.25 / 0.65, 0, 0, 0}));
    }

    void theSameRequestGivesTheSameBytes() {
        const GenerationRequest request = requestFor("L8,S5,L8", 4);
        const LlamaPool one(1), two(2);
        const Trace whole = run(one.pool, request);
        QVERIFY(sameBytes(whole, run(two.pool, request)));
        const Trace rest = run(two.pool, request, {0, 1, 3});
        QCOMPARE(rest.samples.size(), std::size_t{1});
        QVERIFY(sameBytes(rest.samples[0], whole.samples[2]));
        QVERIFY(whole.samples[0].tokens != whole.samples[1].tokens);
        QVERIFY(whole.samples[0].chunkDraws.empty());
    }

    void whatIsExecutedIsWhatTheCostSays() {
        const LlamaPool llama;
        const GenerationRequest request = requestFor("L8,S5,L8");
        Recorder recorder;
        const Trace trace = makeGenerator(llama.pool)->run(request, recorder, {});
        const ScheduleCost cost =
            costOf(request.schedule, {.members = llama.pool.callCosts(21), .length = 21, .masked = 16});
        QVERIFY(std::abs(trace.samples[0].flops / cost.executedFlops - 1) < 1e-12);
        QVERIFY(std::abs(recorder.plans[0].flops / trace.flops - 1) < 1e-12);
        QCOMPARE(cost.expectedCalls, 16.0);
        const ModelFacts& facts = llama.full->facts();
        // All by one: 20 rows through the blocks, each seeing itself and those before, 16 through the head.
        const ScheduleCost plain = costOf(StepSchedule::all('L', 21),
                                          {.members = llama.pool.callCosts(21), .length = 21, .masked = 16});
        const double expected = 20 * facts.weightFlopsPerRow +
                                4.0 * facts.width * facts.blocks * (20 * 21 / 2) + 16 * facts.headFlopsPerRow;
        QVERIFY(std::abs(plain.executedFlops / expected - 1) < 1e-12);
    }

    void withoutAPromptSamplesBeginWithTheStartToken() {
        const LlamaPool llama;
        GenerationRequest request = requestFor("L6");
        request.prompt.clear();
        const PlannedWork work = planWork(request, llama.pool);
        QCOMPARE(work.initialTokens[0], 1); // bos_token_id
        QCOMPARE(work.initialTokens[1], work.maskToken);
        QCOMPARE(work.maskToken, 173);
        QCOMPARE(work.totalCalls, 10);
        // Nothing to begin with: neither the tokenizer nor a config names a token.
        expectError([&] { planWork(request, tablePool({0.5, 0.5})); }, ErrorKind::Request, {"Give a prompt"});
    }

    void whatCannotBeRunIsRefused() {
        const LlamaPool llama;
        GenerationRequest request = requestFor("L6");
        request.length = 7;
        expectError([&] { planWork(request, llama.pool); }, ErrorKind::Schedule, {"Give it 7 steps"});
        request = requestFor("L6");
        request.sampler = Sampler::FirstHitting;
        expectError([&] { planWork(request, llama.pool); }, ErrorKind::Request, {"first-hitting"});
        request = requestFor("L5");
        expectError([&] { planWork(request, llama.pool); }, ErrorKind::Request, {"nothing is left"});
        FakePool fake;
        GenerationRequest masked;
        masked.schedule = parseSchedule("H4");
        masked.length = 8;
        masked.topK = 4;
        expectError([&] { planWork(masked, fake.pool); }, ErrorKind::Request, {"top-k"});
    }
};

QTEST_GUILESS_MAIN(AutoregressiveGeneratorTest)
#include "test_autoregressive_generator.moc"
