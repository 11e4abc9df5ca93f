// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/sampling/calm_generator.h"
#include "engine/sampling/chunk_temperature.h"
#include "tests/engine/sampling/calm_pool.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <cmath>
#include <map>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Four steps of four tokens after two that the prompt takes.
GenerationRequest requestFor(const std::string& schedule, int samples = 3) {
    GenerationRequest request;
    request.schedule = parseSchedule(schedule);
    request.length = 4 * request.schedule.steps();
    request.samples = samples;
    request.seed = 7;
    request.prompt = "abcdefgh";
    request.topTokens = 3;
    return request;
}

Trace run(const CalmPool& calm, const GenerationRequest& request, std::vector<int> finished = {}) {
    GenerationObserver nobody;
    return makeGenerator(calm.pool, std::move(finished))->run(request, nobody, {});
}

/// The state after whole patches, without a cache.
std::vector<float> stateAfter(CalmModel& model, std::span<const std::int32_t> tokens) {
    const auto width = static_cast<std::size_t>(model.facts().width);
    const std::size_t patches = tokens.size() / static_cast<std::size_t>(model.facts().chunk);
    std::vector<float> all(patches * width);
    model.transformer().hiddenStates(tokens, 1, static_cast<int>(patches), all);
    return {all.end() - static_cast<std::ptrdiff_t>(width), all.end()};
}

/// Chunks of draws 0 … count − 1.
std::vector<TokenChunk> drawnBy(CalmModel& model, std::span<const float> state, std::uint64_t seed,
                                std::uint32_t sample, int step, int count) {
    const EnergyHead::Shape& head = model.transformer().facts().head;
    std::vector<TokenChunk> chunks;
    for (int draw = 0; draw < count; ++draw) { // one by one: none depends on the others
        std::vector<float> noise(static_cast<std::size_t>(head.noise)),
            latent(static_cast<std::size_t>(head.latent));
        vectorNoise(CounterRandom(seed), sample, step, static_cast<std::uint32_t>(draw), head.noise, noise);
        model.transformer().draw(state, noise, 1, latent);
        chunks.emplace_back(static_cast<std::size_t>(model.facts().chunk));
        model.autoencoder().decodeTokens(latent, chunks.back());
    }
    return chunks;
}

TokenChunk chunkOf(const SampleTrace& trace, int step, int chunk) {
    const auto first = trace.tokens.begin() + static_cast<std::ptrdiff_t>(step) * chunk;
    return {first, first + chunk};
}

} // namespace

class CalmGeneratorTest : public QObject {
    Q_OBJECT

private slots:
    /// Also where a member sat out, and for both members.
    void everyChunkIsTheOneThatTheModelsGiveByHand() {
        CalmPool calm;
        const GenerationRequest request = requestFor("F3,S2,F1,S1,F3");
        for (const SampleTrace& sample : run(calm, request).samples)
            for (int step = 2; step < 10; ++step) {
                CalmModel& model = request.schedule.at(step) == 'F' ? *calm.full : *calm.small;
                const auto state =
                    stateAfter(model, std::span(sample.tokens).first(static_cast<std::size_t>(4 * step)));
                QCOMPARE(chunkOf(sample, step, 4),
                         drawnBy(model, state, request.seed, static_cast<std::uint32_t>(sample.index), step,
                                 1)[0]);
                for (std::size_t at = 4 * static_cast<std::size_t>(step);
                     at < 4 * static_cast<std::size_t>(step) + 4; ++at) {
                    QCOMPARE(sample.revealStep[at], step);
                    QCOMPARE(int{sample.member[at]}, model.facts().blocks == 2 ? 0 : 1);
                    QCOMPARE(sample.logProbability[at], 0.0f); // one draw says nothing of its chance
                }
                QCOMPARE(sample.chunkDraws[static_cast<std::size_t>(step)], 1);
            }
    }

    void aMemberThatSatOutHasTheStateOfOneThatDidNot() {
        CalmPool calm;
        std::vector<std::int32_t> tokens;
        for (int i = 0; i < 40; ++i)
            tokens.push_back(i * 7 % 96);
        const auto width = static_cast<std::size_t>(calm.full->facts().width);
        EnergyTransformer& transformer = calm.full->transformer();
        const auto stepwise = transformer.newCache(10), atOnce = transformer.newCache(10);
        std::vector<float> one(width), other(width);
        for (std::size_t patch = 0; patch < 10; ++patch)
            transformer.extend(*stepwise, std::span(tokens).subspan(4 * patch, 4), one);
        transformer.extend(*atOnce, std::span(tokens).first(12), other);
        transformer.extend(*atOnce, std::span(tokens).subspan(12, 28), other);
        QVERIFY2(relativeDistanceOf(one, other) < 1e-5,
                 qPrintable(QString::number(relativeDistanceOf(one, other))));
    }

    void whatIsExecutedIsWhatTheCostSays() {
        const CalmPool calm;
        for (const double temperature : {1.0, 0.5}) {
            GenerationRequest request = requestFor("F3,S3,F4");
            request.temperature = temperature;
            request.candidates = 16;
            Recorder recorder;
            const Trace trace = makeGenerator(calm.pool)->run(request, recorder, {});
            const ScheduleCost cost = costOf(request.schedule, {.members = calm.pool.callCosts(40),
                                                                .length = 40,
                                                                .masked = 32,
                                                                .draws = temperature < 1 ? 16.0 : 1.0});
            QCOMPARE(cost.figures, Figures::Exact);
            QCOMPARE(cost.callsByLetter.at('F'), 5.0); // the prompt's two steps need none
            QCOMPARE(cost.callsByLetter.at('S'), 3.0);
            for (const SampleTrace& sample : trace.samples) {
                QVERIFY(std::abs(sample.flops / cost.executedFlops - 1) < 1e-12);
                QCOMPARE(sample.calls.at('F'), 5);
                QCOMPARE(sample.calls.at('S'), 3);
            }
            QVERIFY(std::abs(recorder.plans[0].flops / trace.flops - 1) < 1e-12);
            QCOMPARE(recorder.plans[0].totalCalls, 24);
            // F reads the prompt, then step by step, and after S's three steps these and its own in one call.
            std::vector<int> rows;
            for (const Recorder::Step& step : recorder.steps)
                if (step.event.sample == 0)
                    rows.push_back(step.event.rows);
            QCOMPARE(rows, (std::vector<int>{2, 3, 1, 1, 4, 1, 1, 1}));
        }
    }

    void theScheduleSavesWhatTheSmallModelSpares() {
        const CalmPool calm;
        const auto cost = [&](const char* schedule) {
            return costOf(parseSchedule(schedule),
                          {.members = calm.pool.callCosts(64), .length = 64, .masked = 60});
        };
        QCOMPARE(cost("F16").executedSaving, 0.0);
        const ScheduleCost mixed = cost("F4,S12"), swapped = cost("F4,S4,F4,S4");
        // A layer of two is a third of what a patch takes with its embedding, at 12 of 15 steps.
        QVERIFY(mixed.blocksOnlySaving > 0.25 && mixed.blocksOnlySaving < 0.3);
        QVERIFY(mixed.nominalSaving > 0 && mixed.nominalSaving < mixed.blocksOnlySaving);
        QVERIFY(mixed.executedSaving < mixed.nominalSaving); // both read the text
        QVERIFY(swapped.executedFlops > mixed.executedFlops);
    }

    void theSameRequestGivesTheSameBytes() {
        GenerationRequest request = requestFor("F3,S2,F3", 4);
        request.temperature = 0.5;
        request.candidates = 24;
        const CalmPool one("calm_k4", 1), two("calm_k4", 2);
        const Trace first = run(one, request), second = run(two, request);
        QVERIFY(sameBytes(first, second));
        for (std::size_t i = 0; i < 4; ++i) {
            QCOMPARE(first.samples[i].likely, second.samples[i].likely);
            QCOMPARE(first.samples[i].chunkDraws, second.samples[i].chunkDraws);
        }
        const Trace rest = run(two, request, {0, 2});
        QCOMPARE(rest.samples.size(), std::size_t{2});
        QVERIFY(sameBytes(rest.samples[0], first.samples[1]));
        QVERIFY(sameBytes(rest.samples[1], first.samples[3]));
        request.seed = 8;
        QVERIFY(!sameBytes(run(one, request), first));
    }

    void belowTemperatureOneTheCountsOfTheDrawsDecide() {
        CalmPool calm("calm_k2");
        GenerationRequest request = requestFor("F4", 3);
        request.length = 8;
        request.prompt = "abcd";
        request.temperature = 0.5;
        request.candidates = 64;
        Recorder recorder;
        for (const SampleTrace& sample : makeGenerator(calm.pool)->run(request, recorder, {}).samples) {
            const auto drawn = drawnBy(*calm.full, stateAfter(*calm.full, std::span(sample.tokens).first(4)),
                                       request.seed, static_cast<std::uint32_t>(sample.index), 2, 64);
            std::map<TokenChunk, int> counts;
            for (const TokenChunk& chunk : drawn)
                ++counts[chunk];
            const TokenChunk taken = chunkOf(sample, 2, 2);
            QVERIFY(counts.contains(taken));
            QCOMPARE(sample.chunkDraws, (std::vector<std::int32_t>{0, 0, 64, 64}));
            QCOMPARE(std::lround(64 * std::exp(sample.logProbability[4])), counts[taken]);
            QCOMPARE(sample.logProbability[5], sample.logProbability[4]);
            // Columns are whole chunks, the commonest first.
            int before = 64;
            for (std::size_t j = 0; j < std::min<std::size_t>(3, counts.size()); ++j) {
                const LikelyToken first = sample.likely[3 * 4 + j], second = sample.likely[3 * 5 + j];
                const int count = counts[{first.token, second.token}];
                QVERIFY(count > 0 && count <= before);
                QCOMPARE(std::lround(64 * std::exp(first.logProbability)), count);
                before = count;
            }
            const auto whole = drawFromCounts(
                2, 64,
                {[&](std::span<TokenChunk> out) { std::ranges::copy(drawn, out.begin()); },
                 [&] {
                     return CounterRandom(request.seed)
                         .uniform(Purpose::ChunkChoice, static_cast<std::uint32_t>(sample.index), 2, 0);
                 }});
            QCOMPARE(taken, whole.chunk);
        }
        for (const Recorder::Step& step : recorder.steps) {
            QCOMPARE(step.event.draws, 64);
            QCOMPARE(step.event.attempts, 1);
            QCOMPARE(step.revealed.size(), std::size_t{2});
        }
        QCOMPARE(recorder.steps[0].event.stillMasked, 2);
        QCOMPARE(recorder.steps[1].event.stillMasked, 0);
    }

    /// Many samples of one chunk against P^{1/T} / Z of the chunks that many draws give.
    void theExactTemperatureAgreesWithTheTable() {
        constexpr int kDraws = 30'000, kSamples = 600;
        constexpr double kTemperature = 0.4; // 1 / (2 + 1/2): agreement and the Bernoulli factory
        CalmPool calm("calm_k2");
        GenerationRequest request = requestFor("F2", kSamples);
        request.length = 4;
        request.prompt = "ab";
        request.temperature = kTemperature;
        request.temperatureMethod = TemperatureMethod::Exact;
        request.topTokens = 0;
        const std::vector<std::int32_t> prompt{0, 1};
        const auto state = stateAfter(*calm.full, prompt);
        const EnergyHead::Shape& head = calm.full->transformer().facts().head;
        std::vector<float> noise(static_cast<std::size_t>(kDraws * head.noise)),
            latents(static_cast<std::size_t>(kDraws * head.latent));
        vectorNoise(CounterRandom(99), 0, 0, 0, head.noise, noise);
        calm.full->transformer().draw(state, noise, kDraws, latents);
        std::vector<std::int32_t> tokens(2 * kDraws);
        calm.full->autoencoder().decodeTokens(latents, tokens);
        std::map<TokenChunk, double> expected;
        for (std::size_t i = 0; i < kDraws; ++i)
            expected[{tokens[2 * i], tokens[2 * i + 1]}] += 1.0 / kDraws;
        double total = 0;
        for (auto& [chunk, p] : expected)
            total += p = std::pow(p, 1 / kTemperature);

        std::map<TokenChunk, int> found;
        GenerationObserver nobody;
        const Trace trace = makeGenerator(calm.pool)->run(request, nobody, {});
        for (const SampleTrace& sample : trace.samples)
            ++found[chunkOf(sample, 1, 2)];
        double chiSquare = 0, restExpected = kSamples;
        int rest = kSamples, cells = 0;
        for (const auto& [chunk, p] : expected) {
            const double share = kSamples * p / total;
            if (share < 10)
                continue;
            const int count = found[chunk];
            chiSquare += (count - share) * (count - share) / share;
            restExpected -= share;
            rest -= count;
            ++cells;
        }
        if (restExpected >= 5)
            chiSquare += (rest - restExpected) * (rest - restExpected) / restExpected;
        QVERIFY2(cells >= 3, qPrintable(QString::number(cells)));
        // Far beyond the 99.9 % quantile; a wrong temperature gives hundreds.
        QVERIFY2(chiSquare < cells + 4.5 * std::sqrt(2.0 * cells) + 5,
                 qPrintable(QString("%1 over %2 cells").arg(chiSquare).arg(cells)));
        const ExecutedWork& work = trace.work.at('F');
        QVERIFY(work.attempts > work.sampleCalls && work.draws > 2 * work.sampleCalls);
    }

    void anExactTemperatureThatWouldNotEndSaysSoAndFallsBackOnlyIfAsked() {
        const CalmPool calm;
        GenerationRequest request = requestFor("F4", 2);
        request.temperature = 0.01; // a hundred draws would have to agree
        request.temperatureMethod = TemperatureMethod::Exact;
        request.mostDraws = 150;
        Recorder recorder;
        expectError([&] { makeGenerator(calm.pool)->run(request, recorder, {}); }, ErrorKind::Request,
                    {"150 draws", "0.01", "--fall-back", "--most-draws"});
        request.fallBack = true;
        const Trace trace = makeGenerator(calm.pool)->run(request, recorder, {});
        QCOMPARE(trace.samples.size(), std::size_t{2});
        QCOMPARE(trace.work.at('F').fallBacks, 4);
        QCOMPARE(trace.samples[0].chunkDraws, (std::vector<std::int32_t>{0, 0, 150, 150}));
        QVERIFY(recorder.steps.back().event.fellBack);
        QVERIFY(recorder.steps.back().event.attempts > 1);
        QVERIFY(sameBytes(trace, run(calm, request)));
    }

    void aPromptThatIsNoMultipleOfKIsPaddedOrTrimmedAndSaidSo() {
        const CalmPool calm;
        GenerationRequest request = requestFor("F4");
        request.prompt = "bcdefg"; // six
        PlannedWork work = planWork(request, calm.pool);
        // pad_token_id of the config is 0
        QCOMPARE(std::vector(work.initialTokens.begin(), work.initialTokens.begin() + 9),
                 (std::vector<std::int32_t>{1, 2, 3, 4, 5, 6, 0, 0, work.maskToken}));
        QCOMPARE(work.remarks.size(), std::size_t{1});
        QVERIFY(work.remarks[0].find("6 tokens is followed by 2") != std::string::npos);
        QCOMPARE(work.padding, (std::vector<std::int32_t>{6, 7}));
        const SampleTrace sample{.tokens = {1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10}};
        QCOMPARE(textOf(sample, work.padding, *calm.pool.tokenizer()), std::string("bcdefghijk"));
        request.promptFit = PromptFit::Trim;
        work = planWork(request, calm.pool);
        QCOMPARE(std::vector(work.initialTokens.begin(), work.initialTokens.begin() + 5),
                 (std::vector<std::int32_t>{3, 4, 5, 6, work.maskToken}));
        QVERIFY(work.remarks[0].find("first 2 of the prompt's 6 tokens") != std::string::npos);
        QCOMPARE(work.maskToken, 96); // beyond tokenizer and vocabulary
        request.prompt = "bcdefghi";
        QVERIFY(planWork(request, calm.pool).remarks.empty());
        request.prompt = "bc";
        expectError([&] { planWork(request, calm.pool); }, ErrorKind::Request, {"2 tokens", "pad"});
        request.prompt.clear(); // bos_token_id is 1
        work = planWork(request, calm.pool);
        QCOMPARE(std::vector(work.initialTokens.begin(), work.initialTokens.begin() + 5),
                 (std::vector<std::int32_t>{1, 1, 1, 1, work.maskToken}));
        QVERIFY(work.remarks[0].find("begins with the token") != std::string::npos);
    }

    void whatCannotBeRunIsRefusedWithTheRemedy() {
        const CalmPool calm;
        const GenerationRequest good = requestFor("F4");
        Recorder recorder;
        const auto refused = [&](auto change, ErrorKind kind, std::initializer_list<const char*> words) {
            GenerationRequest request = good;
            change(request);
            expectError([&] { makeGenerator(calm.pool)->run(request, recorder, {}); }, kind, words);
        };
        refused([](auto& r) { r.length = 18; }, ErrorKind::Request, {"16 or 20", "18"});
        refused([](auto& r) { r.length = 20; }, ErrorKind::Schedule, {"4 steps", "Give it 5 steps"});
        refused(
            [](auto& r) {
                r.length = 4 * 300;
                r.schedule = StepSchedule::all('F', 300);
            },
            ErrorKind::Request, {"1024 or less"});
        refused([](auto& r) { r.prompt = "abcdefghijklmnop"; }, ErrorKind::Request, {"nothing is left"});
        refused(
            [](auto& r) {
                r.prompt.clear();
                r.templateText = "a[mask]";
            },
            ErrorKind::Request, {"fills no holes"});
        refused([](auto& r) { r.sampler = Sampler::Confidence; }, ErrorKind::Request, {"ancestral"});
        refused([](auto& r) { r.blockLength = 4; }, ErrorKind::Request, {"block length 0"});
        refused(
            [](auto& r) {
                r.remasking.kind = Remask::Rescale;
                r.remasking.eta = 0.1;
            },
            ErrorKind::Request, {"remasking none"});
        refused([](auto& r) { r.topP = 0.9; }, ErrorKind::Request, {"top-p"});
        refused([](auto& r) { r.topK = 5; }, ErrorKind::Request, {"top-k"});
        refused([](auto& r) { r.temperature = 1.5; }, ErrorKind::Request, {"1.5", "up to 1"});
        refused([](auto& r) { r.temperature = 0.45; }, ErrorKind::Request, {"0.5 (1/2)", "exact"});
        refused(
            [](auto& r) {
                r.temperature = 0.1;
                r.candidates = 8;
            },
            ErrorKind::Request, {"10 draws", "10 candidates"});
        refused([](auto& r) { r.candidates = 0; }, ErrorKind::Request, {"candidates"});
        refused([](auto& r) { r.mostDraws = 0; }, ErrorKind::Request, {"draws"});
        QVERIFY(recorder.plans.empty());
    }

    void aBranchGoesOnFromTheChunksThatStand() {
        const CalmPool calm;
        const GenerationRequest request = requestFor("F4,S2");
        const Trace parent = run(calm, request);
        GenerationRequest branch = request;
        branch.prompt.clear();
        branch.samples = 2;
        branch.branch = branchFrom(request, 5, parent.samples[1], calm.pool.maskToken(), 3);
        const Trace made = run(calm, branch);
        QCOMPARE(made.samples[0].tokens, parent.samples[1].tokens); // the parent's own random numbers
        QCOMPARE(made.samples[0].revealStep, parent.samples[1].revealStep);
        QVERIFY(made.samples[1].tokens != made.samples[0].tokens);
        QCOMPARE(planWork(branch, calm.pool).totalCalls, 6);

        GenerationRequest changed = branch; // before the step: it stands, and what follows sees it
        for (int position = 8; position < 12; ++position)
            writeToken(*changed.branch, position, 95 - 20 * (position - 8));
        changed.samples = branch.samples = 20;
        const Trace other = run(calm, changed), unchanged = run(calm, branch);
        int different = 0;
        for (std::size_t i = 0; i < 20; ++i) {
            QCOMPARE(other.samples[i].tokens[9], 75);
            different += !std::equal(other.samples[i].tokens.begin() + 12, other.samples[i].tokens.end(),
                                     unchanged.samples[i].tokens.begin() + 12);
        }
        QVERIFY(different > 0);

        changed = branch;
        writeToken(*changed.branch, 17, 42);
        expectError([&] { planWork(changed, calm.pool); }, ErrorKind::Request,
                    {"position 18", "before the branch's step only"});
        changed = branch;
        maskToken(*changed.branch, 11);
        expectError([&] { planWork(changed, calm.pool); }, ErrorKind::Request, {"11 tokens", "chunks of 4"});
    }

    void modelsThatDoNotShareWhatAVectorMeansAreRefused() {
        CalmPool calm;
        const auto poolWith = [&](std::shared_ptr<Model> other) {
            return ModelPool({{{.letter = 'F', .name = "full"}, calm.full},
                              {{.letter = 'S', .name = "other"}, std::move(other)}},
                             makeLetterTokenizer(96));
        };
        CalmPool pairs("calm_k2");
        expectError([&] { poolWith(pairs.full); }, ErrorKind::Pool, {"K (tokens a vector)", "4 and 2"});
        expectError([&] { poolWith(std::make_shared<FakeDenoiser>(96, 64)); }, ErrorKind::Pool,
                    {"calm", "masked-diffusion", "one kind"});
        Calm parts = Calm::load(calm.whole, Precision::F32, calm.context);
        expectError([&] { poolWith(std::make_shared<CalmModel>(std::move(parts), std::string("another"))); },
                    ErrorKind::Pool, {"autoencoders differ", "trained with the same"});
        expectError(
            [&] {
                ModelPool({{{.letter = 'F'}, calm.full}}, makeLetterTokenizer(97));
            },
            ErrorKind::Tokenizer, {"97 ids", "96"});
        QCOMPARE(calm.pool.kind(), GenerationKind::Calm);
        QCOMPARE(calm.pool.chunk(), 4);
        expectError([&] { (void)calm.pool.members()[0].causal(); }, ErrorKind::Pool,
                    {"calm", "autoregressive"});
    }

    void aStopKeepsWhatIsFinished() {
        class Stopper : public Recorder {
        public:
            std::stop_source source;
            void finished(const SampleTrace& sample) override {
                Recorder::finished(sample);
                source.request_stop();
            }
        };
        const CalmPool calm;
        Stopper stopper;
        const Trace trace =
            makeGenerator(calm.pool)->run(requestFor("F4"), stopper, stopper.source.get_token());
        QVERIFY(trace.stopped);
        QCOMPARE(trace.samples.size(), std::size_t{1});
        QCOMPARE(stopper.steps.size(), std::size_t{2});
    }

    void calibratingTimesAStepOfEachMember() {
        CalmPool calm;
        calm.pool.calibrate(40, 1);
        for (const CallCost& cost : calm.pool.callCosts(40))
            QVERIFY(cost.seconds.call > 0 && cost.seconds.draw >= 0);
        GenerationRequest request = requestFor("F4");
        request.batch = 8;
        QCOMPARE(requestedBatch(request, calm.pool), 1); // one sample after another
    }

private:
    static double relativeDistanceOf(const std::vector<float>& a, const std::vector<float>& b) {
        double largest = 0, difference = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            largest = std::max(largest, std::abs(double{a[i]}));
            difference = std::max(difference, std::abs(double{a[i]} - double{b[i]}));
        }
        return difference / largest;
    }
};

QTEST_GUILESS_MAIN(CalmGeneratorTest)
#include "test_calm_generator.moc"
