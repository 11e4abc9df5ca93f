// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/masked_diffusion.h"

#include "engine/sampling/reveal_plan.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/engine/sampling/leaning_rules.h"
#include "tests/testing/errors.h"

#include <cmath>
#include <set>

using namespace steploom;
using namespace steploom::testing;

namespace {

GenerationRequest requestFor(const std::string& schedule, int length = 24, int samples = 11) {
    GenerationRequest request;
    request.schedule = parseSchedule(schedule);
    request.length = length;
    request.samples = samples;
    request.seed = 42;
    request.batch = 8;
    return request;
}

Trace generated(FakePool& fake, const GenerationRequest& request) {
    GenerationObserver nobody;
    return MaskedDiffusionGenerator(fake.pool).run(request, nobody, {});
}

/// Sample-calls and rows that a model was asked for.
struct Asked {
    std::int64_t sampleCalls = 0, rows = 0;
    explicit Asked(const FakeDenoiser& model) {
        for (const FakeDenoiser::Call& call : model.calls) {
            sampleCalls += call.samples;
            rows += static_cast<std::int64_t>(call.rows.size());
        }
    }
};

const std::initializer_list<Sampler> kSamplers{Sampler::Ancestral, Sampler::FirstHitting};

} // namespace

class TestMaskedDiffusion : public QObject {
    Q_OBJECT
private slots:
    void anyBatchGivesTheSameBytes() {
        for (Sampler sampler : kSamplers) {
            GenerationRequest request = requestFor("(L10,H25,L5)");
            request.sampler = sampler;
            request.temperature = 0.8;
            request.topP = 0.9;
            request.prompt = "abc";
            FakePool fake;
            request.batch = 1;
            const Trace one = generated(fake, request);
            QCOMPARE(one.samples.size(), std::size_t{11});
            for (int batch : {2, 3, 8, 64}) {
                request.batch = batch;
                QVERIFY(sameBytes(generated(fake, request), one));
            }
        }
    }

    void aSampleDoesNotDependOnHowManyThereAre() {
        FakePool fake;
        const Trace few = generated(fake, requestFor("(L10,H25,L5)", 24, 3));
        const Trace many = generated(fake, requestFor("(L10,H25,L5)", 24, 9));
        for (std::size_t i = 0; i < few.samples.size(); ++i)
            QVERIFY(sameBytes(few.samples[i], many.samples[i]));
        QVERIFY(few.samples[0].tokens != few.samples[1].tokens);
    }

    void anotherSeedGivesAnotherText() {
        FakePool fake;
        GenerationRequest request = requestFor("H40");
        const Trace before = generated(fake, request);
        request.seed = 43;
        QVERIFY(!sameBytes(before, generated(fake, request)));
    }

    void schedulesWithOneSeedShareRevealPlanAndNoise() {
        // Both letters follow one rule, so that a difference could only come from plan or noise.
        FakePool fake("HL");
        const Trace heavy = generated(fake, requestFor("H40"));
        const Trace mixed = generated(fake, requestFor("(L13,H7,L20)"));
        for (std::size_t i = 0; i < heavy.samples.size(); ++i) {
            QCOMPARE(mixed.samples[i].revealStep, heavy.samples[i].revealStep);
            QCOMPARE(mixed.samples[i].tokens, heavy.samples[i].tokens);
            QVERIFY(mixed.samples[i].member != heavy.samples[i].member);
        }
    }

    void everyPositionIsWrittenByTheScheduledModelAndNoneIsLeft() {
        FakePool fake;
        for (Sampler sampler : kSamplers) {
            GenerationRequest request = requestFor("(L10,H25,L5)");
            request.sampler = sampler;
            for (const SampleTrace& sample : generated(fake, request).samples) {
                for (std::size_t position = 0; position < sample.tokens.size(); ++position) {
                    QVERIFY(sample.tokens[position] >= 0 && sample.tokens[position] < fake.pool.maskToken());
                    const int step = sample.revealStep[position];
                    QVERIFY(step >= 0 && step < 40);
                    QCOMPARE(static_cast<int>(sample.member[position]),
                             fake.pool.indexOf(request.schedule.at(step)));
                    QVERIFY(sample.logProbability[position] <= 0 && sample.entropy[position] >= 0);
                }
            }
        }
    }

    void givenPositionsNeverChange() {
        FakePool fake;
        for (Sampler sampler : kSamplers) {
            GenerationRequest request = requestFor("(L3,H3)", 12);
            request.sampler = sampler;
            request.templateText = "ab[mask:4]jih[mask]d";
            const std::vector<std::int32_t> canvas = planWork(request, fake.pool).initialTokens;
            for (const SampleTrace& sample : generated(fake, request).samples) {
                for (std::size_t position = 0; position < canvas.size(); ++position) {
                    const bool given = canvas[position] != fake.pool.maskToken();
                    QCOMPARE(sample.revealStep[position] == -1, given);
                    QCOMPARE(sample.member[position] == -1, given);
                    if (given) {
                        QCOMPARE(sample.tokens[position], canvas[position]);
                        QCOMPARE(sample.logProbability[position], 0.0f);
                        QCOMPARE(sample.entropy[position], 0.0f);
                    }
                }
            }
        }
    }

    void samplesThatRevealNothingTakeNoPartInACall() {
        FakePool fake;
        const GenerationRequest request = requestFor("(L100,H200,L100)", 16, 20);
        const Trace trace = generated(fake, request);
        for (const auto& model : fake.models) {
            for (const FakeDenoiser::Call& call : model->calls) {
                QVERIFY(call.samples <= request.batch);
                std::set<int> revealing;
                for (std::int32_t row : call.rows)
                    revealing.insert(row / request.length);
                QCOMPARE(static_cast<int>(revealing.size()), call.samples);
            }
        }
        const Asked heavy(*fake.models[0]), light(*fake.models[1]);
        QCOMPARE(heavy.rows + light.rows,
                 std::int64_t{16 * 20}); // every position passes the output layer once
        QVERIFY(heavy.sampleCalls + light.sampleCalls <= 16 * 20);
        QCOMPARE(trace.work.at('H').networkCalls, static_cast<std::int64_t>(fake.models[0]->calls.size()));
        QCOMPARE(trace.work.at('L').networkCalls, static_cast<std::int64_t>(fake.models[1]->calls.size()));
    }

    void everyMembersWorkIsCounted() {
        FakePool fake;
        for (Sampler sampler : {Sampler::Ancestral, Sampler::Confidence}) {
            GenerationRequest request = requestFor("(L10,H20,L10)", 16, 20);
            request.sampler = sampler;
            request.batch = 6;
            for (const auto& model : fake.models)
                model->calls.clear();
            Recorder told;
            const Trace trace = MaskedDiffusionGenerator(fake.pool).run(request, told, {});
            std::map<char, ExecutedWork> heard;
            for (const Recorder::Step& step : told.steps)
                heard[step.event.member == 0 ? 'H' : 'L'].count(step.event);
            QVERIFY(trace.work == heard);
            double flops = 0, seconds = 0;
            for (std::size_t i = 0; i < fake.models.size(); ++i) {
                const char letter = "HL"[i];
                const ExecutedWork& work = trace.work.at(letter);
                const Asked asked(*fake.models[i]);
                QCOMPARE(work.sampleCalls, asked.sampleCalls);
                QCOMPARE(work.networkCalls, static_cast<std::int64_t>(fake.models[i]->calls.size()));
                QCOMPARE(work.rows, asked.rows);
                QCOMPARE(work.rowsPerCall(), double(asked.rows) / double(asked.sampleCalls));
                QVERIFY(work.samplesPerCall() <= 6);
                flops += work.flops;
                seconds += work.seconds;
            }
            QVERIFY(std::abs(flops / trace.flops - 1) < 1e-12);
            QVERIFY(seconds > 0 && seconds <= trace.seconds);
        }
        QCOMPARE(ExecutedWork().rowsPerCall(), 0.0);
        QCOMPARE(ExecutedWork().samplesPerCall(), 0.0);
    }

    void plannedWorkIsExactlyWhatRuns() {
        for (Sampler sampler : kSamplers) {
            FakePool fake;
            GenerationRequest request = requestFor("(L10,H25,L5)", 24, 30);
            request.sampler = sampler;
            request.prompt = "abcde";
            const PlannedWork plan = planWork(request, fake.pool);
            const Trace trace = generated(fake, request);
            QCOMPARE(plan.calls.at('H'), Asked(*fake.models[0]).sampleCalls);
            QCOMPARE(plan.calls.at('L'), Asked(*fake.models[1]).sampleCalls);
            QCOMPARE(plan.totalCalls, plan.calls.at('H') + plan.calls.at('L'));
            QVERIFY(std::abs(trace.flops / plan.flops - 1) < 1e-12);
            std::map<char, std::int64_t> calls;
            double flops = 0;
            for (const SampleTrace& sample : trace.samples) {
                flops += sample.flops;
                for (const auto& [letter, count] : sample.calls)
                    calls[letter] += count;
            }
            QCOMPARE(calls, plan.calls);
            QVERIFY(std::abs(flops / plan.flops - 1) < 1e-12);
        }
    }

    void plannedWorkIsOnAverageTheExpectedCost() {
        FakePool fake;
        for (Sampler sampler : kSamplers) {
            GenerationRequest request = requestFor("(L30,H60,L30)", 48, 4000);
            request.sampler = sampler;
            const PlannedWork plan = planWork(request, fake.pool);
            const auto members = fake.pool.callCosts(48);
            const ScheduleCost cost = costOf(request.schedule, {members, 48, 48, sampler});
            QVERIFY(std::abs(static_cast<double>(plan.totalCalls) / 4000 / cost.expectedCalls - 1) < 0.005);
            QVERIFY(std::abs(plan.flops / 4000 / cost.executedFlops - 1) < 0.005);
            QVERIFY(std::abs(static_cast<double>(plan.calls.at('L')) / 4000 / cost.callsByLetter.at('L') -
                             1) < 0.02);
        }
    }

    void finishedSamplesMakeRoomAtOnce() {
        // One position a sample: each call finishes all it holds, so every call but the last is full.
        FakePool fake("H");
        GenerationRequest request = requestFor("H3", 4, 10);
        request.templateText = "abc[mask]";
        request.batch = 4;
        generated(fake, request);
        std::vector<int> sizes;
        for (const FakeDenoiser::Call& call : fake.models[0]->calls)
            sizes.push_back(call.samples);
        QCOMPARE(sizes, (std::vector<int>{4, 4, 2}));
    }

    void theObserverHearsEveryStepInOrder() {
        FakePool fake;
        const GenerationRequest request = requestFor("(L10,H25,L5)");
        Recorder recorder;
        const Trace trace = MaskedDiffusionGenerator(fake.pool).run(request, recorder, {});
        QCOMPARE(recorder.plans.size(), std::size_t{1});
        QCOMPARE(static_cast<std::int64_t>(recorder.steps.size()), recorder.plans[0].totalCalls);

        std::map<int, StepEvent> last;
        std::map<int, std::vector<std::int32_t>> canvas;
        for (const Recorder::Step& step : recorder.steps) {
            const auto [place, isFirst] = last.try_emplace(step.event.sample, step.event);
            if (!isFirst) {
                QVERIFY(step.event.step > place->second.step && step.event.time < place->second.time);
                QCOMPARE(step.event.stillMasked,
                         place->second.stillMasked - static_cast<int>(step.revealed.size()));
            }
            place->second = step.event;
            auto& tokens =
                canvas.try_emplace(step.event.sample, recorder.plans[0].initialTokens).first->second;
            for (const RevealedToken& revealed : step.revealed) {
                QCOMPARE(tokens[static_cast<std::size_t>(revealed.position)], fake.pool.maskToken());
                tokens[static_cast<std::size_t>(revealed.position)] = revealed.token;
            }
        }
        for (const SampleTrace& sample : trace.samples) {
            QCOMPARE(last.at(sample.index).stillMasked, 0);
            QCOMPARE(canvas.at(sample.index), sample.tokens); // the steps rebuild the text
        }
    }

    void samplesFinishInTheSameOrderEveryTime() {
        FakePool fake;
        const GenerationRequest request = requestFor("(L10,H25,L5)", 24, 30);
        Recorder first, second;
        MaskedDiffusionGenerator(fake.pool).run(request, first, {});
        MaskedDiffusionGenerator(fake.pool).run(request, second, {});
        QCOMPARE(first.finishedSamples, second.finishedSamples);
        QCOMPARE(first.finishedSamples.size(), std::size_t{30});
        QCOMPARE(std::set<int>(first.finishedSamples.begin(), first.finishedSamples.end()).size(),
                 std::size_t{30});
    }

    void aStopIsHonouredBeforeTheNextCallAndKeepsWhatIsFinished() {
        class Stopper : public Recorder {
        public:
            explicit Stopper(const FakeDenoiser& model, std::size_t calls) : m_model(model), m_calls(calls) {}
            void stepped(const StepEvent& event) override {
                Recorder::stepped(event);
                if (m_model.calls.size() == m_calls)
                    source.request_stop();
            }
            std::stop_source source;

        private:
            const FakeDenoiser& m_model;
            std::size_t m_calls;
        };
        const GenerationRequest request = requestFor("H40", 24, 30);
        FakePool whole("H");
        const Trace complete = generated(whole, request);
        for (std::size_t calls : {std::size_t{1}, std::size_t{50}, whole.models[0]->calls.size()}) {
            FakePool fake("H");
            Stopper stopper(*fake.models[0], calls);
            const Trace trace =
                MaskedDiffusionGenerator(fake.pool).run(request, stopper, stopper.source.get_token());
            QCOMPARE(fake.models[0]->calls.size(), calls);
            QCOMPARE(trace.stopped, calls < whole.models[0]->calls.size());
            QCOMPARE(trace.samples.size(), stopper.finishedSamples.size());
            if (calls == 50)
                QVERIFY(!trace.samples.empty() && trace.samples.size() < 30);
            for (const SampleTrace& sample : trace.samples)
                QVERIFY(sameBytes(sample, complete.samples[static_cast<std::size_t>(sample.index)]));
            double flops = 0;
            for (const Recorder::Step& step : stopper.steps)
                flops += step.event.flops;
            QVERIFY(std::abs(trace.flops - flops) <= 1e-9 * flops); // unfinished samples count
        }
    }

    void aStopBeforeTheStartCallsNothing() {
        FakePool fake;
        std::stop_source source;
        source.request_stop();
        Recorder recorder;
        const Trace trace =
            MaskedDiffusionGenerator(fake.pool).run(requestFor("H4"), recorder, source.get_token());
        QVERIFY(trace.stopped && trace.samples.empty());
        QVERIFY(fake.models[0]->calls.empty());
        QCOMPARE(recorder.plans.size(), std::size_t{1});
    }

    void whoAsksForSomePositionsGetsTheirTokensWithFewerCalls() {
        const std::vector<std::int32_t> until{5, 6, 7, 8};
        for (Sampler sampler : {Sampler::Ancestral, Sampler::FirstHitting, Sampler::Confidence}) {
            for (Remask remask : {Remask::None, Remask::Cap}) {
                if (remask != Remask::None && sampler != Sampler::Ancestral)
                    continue;
                GenerationRequest request = requestFor("(L10,H25,L5)");
                request.sampler = sampler;
                request.remasking.kind = remask;
                FakePool fake("HL", 12, 24, {heavyRule, lightRule});
                std::vector<std::int32_t> canvases(2 * 24, fake.pool.maskToken());
                for (std::size_t given : {0, 1, 2, 3, 4, 24, 25, 26, 27, 28})
                    canvases[given] = static_cast<std::int32_t>(given % 7);
                GenerationObserver nobody;
                MaskedDiffusionGenerator generator(fake.pool);
                const Trace all = generator.runFrom(canvases, 6, request, nobody, {});
                const Trace some = generator.runFrom(canvases, 6, request, nobody, {}, until);
                QCOMPARE(some.samples.size(), std::size_t{12});
                for (std::size_t i = 0; i < 12; ++i)
                    for (std::int32_t position : until) {
                        const auto at = static_cast<std::size_t>(position);
                        QCOMPARE(some.samples[i].tokens[at], all.samples[i].tokens[at]);
                        QVERIFY(some.samples[i].tokens[at] != fake.pool.maskToken());
                    }
                // What may be masked again is not known before the end.
                QCOMPARE(some.flops < all.flops, remask == Remask::None);
            }
        }
    }

    void theNetworkIsToldTheNoiseLevelOfEachSample() {
        std::set<float> heard;
        FakePool fake("H", 12, 64, {[&heard](auto, float sigma, int, std::span<float> logits) {
                          heard.insert(sigma);
                          std::fill(logits.begin(), logits.end(), 0.0f);
                      }});
        generated(fake, requestFor("H4", 24, 20));
        std::set<float> expected;
        for (int step = 0; step < 4; ++step)
            expected.insert(static_cast<float>(-std::log1p(-(1 - 1e-5) * (1 - step * (1 - 1e-5) / 4))));
        QCOMPARE(heard, expected);
    }

    void onlyRevealedTokensAreSeenByLaterSteps() {
        // What the network sees at a step: tokens of earlier steps, the mask everywhere else.
        FakePool fake("H");
        const GenerationRequest request = requestFor("H6", 10, 1);
        const Trace trace = generated(fake, request);
        std::vector<std::vector<std::int32_t>> seen;
        FakePool watched("H", 12, 64,
                         {[&seen](std::span<const std::int32_t> tokens, float, int, std::span<float> logits) {
                             seen.emplace_back(tokens.begin(), tokens.end());
                             std::fill(logits.begin(), logits.end(), 0.0f);
                         }});
        const SampleTrace sample = generated(watched, request).samples[0];
        QCOMPARE(sample.revealStep, trace.samples[0].revealStep);
        std::set<int> steps(sample.revealStep.begin(), sample.revealStep.end());
        std::set<std::vector<std::int32_t>> expected;
        for (int step : steps) {
            std::vector<std::int32_t> tokens = sample.tokens;
            for (std::size_t position = 0; position < tokens.size(); ++position)
                if (sample.revealStep[position] >= step)
                    tokens[position] = watched.pool.maskToken();
            expected.insert(tokens);
        }
        QCOMPARE(std::set<std::vector<std::int32_t>>(seen.begin(), seen.end()), expected);
    }

    void theClosingCallTakesTheArgmaxOfTheLastStepsModel() {
        // The rest mass ε is small: a seed in which a position of the first sample falls to it is looked for.
        std::vector<std::int32_t> masked(64);
        for (std::size_t i = 0; i < masked.size(); ++i)
            masked[i] = static_cast<std::int32_t>(i);
        GenerationRequest request = requestFor("(H2,L1)", 64, 1);
        for (request.seed = 0; ancestralPlan({masked, 3, 0}, CounterRandom(request.seed)).back().step < 3;)
            ++request.seed;
        const auto ramp = [](float slope) {
            return [slope](auto, float, int, std::span<float> logits) {
                for (std::size_t id = 0; id < logits.size(); ++id)
                    logits[id] = slope * static_cast<float>(id);
            };
        };
        FakePool fake("HL", 12, 64, {ramp(-0.01f), ramp(0.01f)});
        Recorder recorder;
        const Trace trace = MaskedDiffusionGenerator(fake.pool).run(request, recorder, {});
        const StepEvent& closing = recorder.steps.back().event;
        QCOMPARE(closing.step, 3);
        QCOMPARE(closing.member, 1);
        QVERIFY(std::abs(closing.time - 1e-5) < 1e-12);
        for (const RevealedToken& revealed : recorder.steps.back().revealed) {
            QCOMPARE(revealed.token, 10); // the likeliest but the mask, 11
            QCOMPARE(trace.samples[0].revealStep[static_cast<std::size_t>(revealed.position)], 3);
        }
    }

    void coldSamplesTakeTheArgmaxEverywhere() {
        FakePool fake("H", 12, 64, {[](auto, float, int position, std::span<float> logits) {
                          for (std::size_t id = 0; id < logits.size(); ++id)
                              logits[id] = static_cast<int>(id) == position % 11 ? 1.0f : 0.0f;
                      }});
        GenerationRequest request = requestFor("H8", 22, 3);
        request.temperature = 1e-3;
        for (const SampleTrace& sample : generated(fake, request).samples)
            for (std::size_t position = 0; position < sample.tokens.size(); ++position)
                QCOMPARE(sample.tokens[position], static_cast<std::int32_t>(position % 11));
    }

    void float32GumbelDrawsOtherTokensOnTheSamePlan() {
        FakePool fake("H");
        GenerationRequest request = requestFor("H40");
        const Trace exact = generated(fake, request);
        request.float32Gumbel = true;
        const Trace truncated = generated(fake, request);
        QVERIFY(!sameBytes(exact, truncated));
        QCOMPARE(truncated.samples[0].revealStep, exact.samples[0].revealStep);
    }

    void hugeCallsShrinkTheBatchInsteadOfTheMemory() {
        FakePool fake("H", 1819, 4096, {[](auto, float, int, std::span<float> logits) {
                          std::fill(logits.begin(), logits.end(), 0.0f);
                      }});
        GenerationRequest request = requestFor("H1", 4096, 10);
        request.batch = 16;
        generated(fake, request);
        for (const FakeDenoiser::Call& call : fake.models[0]->calls)
            QVERIFY(call.rows.size() * 1819 * sizeof(float) <= std::size_t{256} << 20);
    }

    void badRequestsAreRefusedBeforeAnyCall() {
        FakePool fake;
        const auto refused = [&](auto&& change, ErrorKind kind, std::initializer_list<const char*> words) {
            GenerationRequest request = requestFor("H4");
            change(request);
            Recorder recorder;
            expectError([&] { MaskedDiffusionGenerator(fake.pool).run(request, recorder, {}); }, kind, words);
            QVERIFY(recorder.plans.empty());
        };
        using Request = GenerationRequest;
        refused([](Request& r) { r.schedule = {}; }, ErrorKind::Schedule, {"empty"});
        refused([](Request& r) { r.schedule = parseSchedule("H2,M1"); }, ErrorKind::Schedule,
                {"step 2", "M", "H, L"});
        refused([](Request& r) { r.length = 65; }, ErrorKind::Request, {"length is 65", "64 positions"});
        refused([](Request& r) { r.prompt = std::string(30, 'a'); }, ErrorKind::Request,
                {"30", "24", "6 too many"});
        refused([](Request& r) { r.prompt = "\xFF"; }, ErrorKind::Text, {"prompt"});
        refused([](Request& r) { r.templateText = "a[mask:x]"; }, ErrorKind::Request, {"character 2"});
        refused([](Request& r) { r.samples = 0; }, ErrorKind::Request, {"samples 0"});
        refused([](Request& r) { r.pool = {{.letter = 'H', .path = "x"}}; }, ErrorKind::Pool,
                {"made for H", "has H, L"});
        QVERIFY(fake.models[0]->calls.empty() && fake.models[1]->calls.empty());
    }
};

QTEST_GUILESS_MAIN(TestMaskedDiffusion)
#include "test_masked_diffusion.moc"
