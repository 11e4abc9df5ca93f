// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/certainty.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/engine/sampling/reference_orders.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <set>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 12;

/// Logits by a hash of position and tokens, some rows flat and some steep, that lean on the noise level: any
/// other order, time or canvas gives other tokens.
void hashedRule(std::span<const std::int32_t> tokens, float sigma, int position, std::span<float> logits) {
    std::uint64_t state = 0x9E3779B97F4A7C15u * static_cast<std::uint64_t>(position + 1);
    const auto mix = [&state](std::uint64_t value) {
        state = (state ^ value) * 0xBF58476D1CE4E5B9u;
        state ^= state >> 29;
    };
    for (std::int32_t token : tokens)
        mix(static_cast<std::uint64_t>(token + 1));
    const float steep = 1 + static_cast<float>(state % 8) + std::min(sigma, 3.0f);
    for (std::size_t id = 0; id < logits.size(); ++id) {
        mix(id);
        logits[id] = steep * static_cast<float>(state >> 40) / 16'777'216.0f;
    }
    logits.back() = 50; // the mask: must never be drawn, nor make anything look unsure
}

void otherRule(std::span<const std::int32_t> tokens, float sigma, int position, std::span<float> logits) {
    hashedRule(tokens, sigma, position + 1000, logits);
}

FakePool hashedPool() { return FakePool("HL", kVocabulary, 64, {hashedRule, otherRule}); }

GenerationRequest requestFor(Sampler sampler, const std::string& schedule, int length = 24, int samples = 6) {
    GenerationRequest request;
    request.sampler = sampler;
    request.schedule = parseSchedule(schedule);
    request.length = length;
    request.samples = samples;
    request.seed = 42;
    return request;
}

Trace generated(FakePool& fake, const GenerationRequest& request) {
    GenerationObserver nobody;
    return MaskedDiffusionGenerator(fake.pool).run(request, nobody, {});
}

std::vector<int> countsByStep(const SampleTrace& sample, int steps) {
    std::vector<int> counts(static_cast<std::size_t>(steps) + 1);
    for (int step : sample.revealStep)
        if (step >= 0)
            ++counts[static_cast<std::size_t>(step)];
    return counts;
}

const std::initializer_list<Sampler> kRanked{Sampler::Confidence, Sampler::Margin, Sampler::Entropy};
const std::initializer_list<Sampler> kByCandidates{Sampler::Confidence, Sampler::Margin, Sampler::Entropy,
                                                   Sampler::Threshold};
const std::initializer_list<Sampler> kInBlocks{Sampler::Ancestral, Sampler::Confidence, Sampler::Margin,
                                               Sampler::Entropy, Sampler::Threshold};

} // namespace

class TestRevealOrders : public QObject {
    Q_OBJECT
private slots:
    void tokensAndStepsAreThoseOfThePlainAlgorithm_data() {
        QTest::addColumn<int>("sampler");
        QTest::addColumn<QString>("schedule");
        QTest::addColumn<int>("blockLength");
        QTest::addColumn<QString>("templateText");
        for (Sampler sampler : kByCandidates) {
            const QString name = QString::fromStdString(std::string(samplerName(sampler)));
            const auto row = [&](const char* what, const char* schedule, int block, const char* text) {
                QTest::newRow(qPrintable(name + ", " + what)) << int(sampler) << schedule << block << text;
            };
            row("one step", "H1", 0, "");
            row("several a step", "(L3,H4,L2)", 0, "");
            row("one a step and idle steps", "(L20,H30,L20)", 0, "");
            row("infilling", "(L3,H4,L2)", 0, "ab[mask:9]cde[mask:4]f");
            row("even blocks", "(H6,L6)", 8, "");
            row("a last block that is shorter", "(L4,H4,L5)", 7, "");
            row("blocks and infilling", "(L4,H4,L3)", 5, "a[mask:7]bcd[mask:6]");
            row("blocks of one", "H30", 1, "abcdef");
        }
    }
    void tokensAndStepsAreThoseOfThePlainAlgorithm() {
        QFETCH(int, sampler);
        QFETCH(QString, schedule);
        QFETCH(int, blockLength);
        QFETCH(QString, templateText);
        FakePool fake = hashedPool();
        GenerationRequest request = requestFor(static_cast<Sampler>(sampler), schedule.toStdString());
        request.blockLength = blockLength;
        request.templateText = templateText.toStdString();
        request.threshold = 0.4;
        for (const auto& [temperature, topP] :
             {std::pair{1.0, 1.0}, std::pair{0.7, 1.0}, std::pair{1.0, 0.8}, std::pair{0.01, 0.9}}) {
            request.temperature = temperature;
            request.topP = topP;
            const OrderInput input{{{{'H', hashedRule}, {'L', otherRule}},
                                    request.schedule,
                                    planWork(request, fake.pool).initialTokens,
                                    kVocabulary},
                                   request.sampler,
                                   blockLength,
                                   request.threshold,
                                   temperature,
                                   topP,
                                   request.seed};
            for (const SampleTrace& sample : generated(fake, request).samples) {
                const ReferenceSample plain = request.sampler == Sampler::Threshold
                                                  ? sampleAboveThreshold(input, sample.index)
                                                  : sampleSurestFirst(input, sample.index);
                QCOMPARE(sample.tokens, plain.tokens);
                QCOMPARE(sample.revealStep, plain.revealStep);
            }
        }
    }

    void anyBatchGivesTheSameBytes() {
        for (Sampler sampler : kInBlocks) {
            for (int blockLength : {0, 6}) {
                FakePool fake = hashedPool();
                GenerationRequest request = requestFor(sampler, "(L4,H8,L4)", 24, 7);
                request.prompt = "abc";
                request.topP = 0.9;
                request.blockLength = blockLength;
                request.threshold = 0.5;
                request.batch = 1;
                const Trace one = generated(fake, request);
                for (int batch : {2, 3, 16}) {
                    request.batch = batch;
                    QVERIFY(sameBytes(generated(fake, request), one));
                }
            }
        }
    }

    void everyPositionIsRevealedOnceByTheScheduledModel() {
        for (Sampler sampler : kInBlocks) {
            FakePool fake = hashedPool();
            GenerationRequest request = requestFor(sampler, "(L4,H8,L4)");
            request.templateText = "a[mask:5]bc[mask:9]";
            request.blockLength = sampler == Sampler::Margin ? 0 : 4;
            Recorder recorder;
            const Trace trace = MaskedDiffusionGenerator(fake.pool).run(request, recorder, {});
            const auto canvas = recorder.plans[0].initialTokens;
            std::map<int, std::set<std::int32_t>> seen;
            std::map<int, int> left;
            for (const Recorder::Step& step : recorder.steps) {
                QVERIFY(!step.revealed.empty() && step.remasked.empty());
                QCOMPARE(step.event.member, fake.pool.indexOf(request.schedule.at(step.event.step)));
                std::int32_t last = -1;
                for (const RevealedToken& revealed : step.revealed) {
                    QVERIFY(revealed.position > last); // ascending
                    last = revealed.position;
                    QCOMPARE(canvas[static_cast<std::size_t>(revealed.position)], fake.pool.maskToken());
                    QVERIFY(seen[step.event.sample].insert(revealed.position).second);
                }
                left[step.event.sample] = step.event.stillMasked;
            }
            for (const SampleTrace& sample : trace.samples) {
                QCOMPARE(left.at(sample.index), 0);
                for (std::size_t at = 0; at < canvas.size(); ++at) {
                    const bool given = canvas[at] != fake.pool.maskToken();
                    QCOMPARE(sample.revealStep[at] == -1, given);
                    QCOMPARE(seen.at(sample.index).contains(static_cast<std::int32_t>(at)), !given);
                    if (given)
                        QCOMPARE(sample.tokens[at], canvas[at]);
                    else
                        QVERIFY(sample.tokens[at] != fake.pool.maskToken());
                }
            }
        }
    }

    void kPerStepSharesThePositionsOutEvenly() {
        FakePool fake = hashedPool();
        for (Sampler sampler : kRanked) {
            for (const SampleTrace& sample : generated(fake, requestFor(sampler, "H5", 24)).samples)
                QCOMPARE(countsByStep(sample, 5), (std::vector<int>{5, 5, 4, 5, 5, 0}));
            for (const SampleTrace& sample : generated(fake, requestFor(sampler, "H9", 3)).samples)
                QCOMPARE(countsByStep(sample, 9), (std::vector<int>{0, 1, 0, 0, 1, 0, 0, 1, 0, 0}));
        }
    }

    void blocksAreWrittenFromLeftToRight() {
        for (Sampler sampler : kInBlocks) {
            FakePool fake = hashedPool();
            GenerationRequest request = requestFor(sampler, "(L4,H8,L4)", 26);
            request.blockLength = 8;
            request.prompt = "ab";
            for (const SampleTrace& sample : generated(fake, request).samples) {
                int end = 0;
                for (std::size_t block = 0; block < 3; ++block) {
                    const auto first = sample.revealStep.begin() + 2 + 8 * static_cast<std::ptrdiff_t>(block);
                    QVERIFY(*std::min_element(first, first + 8) >= end);
                    end = *std::max_element(first, first + 8);
                }
            }
        }
    }

    void stepsAreSharedAmongBlocksInProportion() {
        FakePool fake = hashedPool();
        GenerationRequest request = requestFor(Sampler::Ancestral, "H12", 20, 200);
        request.blockLength = 8; // blocks of 8, 8, 4 positions over 4.8, 4.8, 2.4 steps
        std::vector<std::set<int>> steps(3);
        for (const SampleTrace& sample : generated(fake, request).samples)
            for (std::size_t at = 0; at < 20; ++at)
                steps[at / 8].insert(sample.revealStep[at]);
        QCOMPARE(steps[0], (std::set<int>{0, 1, 2, 3}));
        QCOMPARE(steps[1], (std::set<int>{4, 5, 6, 7, 8}));
        QCOMPARE(steps[2], (std::set<int>{9, 10, 11}));
    }

    void aThresholdRevealsAllThatReachItAndAtLeastOne() {
        // Position i is certain of its token with a probability that falls with i.
        FakePool fake("H", 3, 64, {[](auto, float, int position, std::span<float> logits) {
                          logits[0] = 4.0f - static_cast<float>(position);
                          logits[1] = 0;
                          logits[2] = 9;
                      }});
        GenerationRequest request = requestFor(Sampler::Threshold, "H6", 6, 1);
        request.temperature = 1e-3;
        const auto sizes = [&](double threshold) {
            request.threshold = threshold;
            Recorder recorder;
            MaskedDiffusionGenerator(fake.pool).run(request, recorder, {});
            std::vector<std::size_t> all;
            for (const Recorder::Step& step : recorder.steps)
                all.push_back(step.revealed.size());
            return all;
        };
        QCOMPARE(sizes(0), (std::vector<std::size_t>{6}));
        // p of the likelier token: .982, .953, .881, .731, .5, .731
        QCOMPARE(sizes(0.9), (std::vector<std::size_t>{2, 1, 1, 1, 1}));
        QCOMPARE(sizes(0.7), (std::vector<std::size_t>{5, 1}));
        QCOMPARE(sizes(1), (std::vector<std::size_t>{1, 1, 1, 1, 1, 1}));
    }

    void allCandidatesAndNoOthersPassTheOutputLayer() {
        FakePool fake = hashedPool();
        GenerationRequest request = requestFor(Sampler::Confidence, "H4", 12, 2);
        request.batch = 2;
        generated(fake, request);
        std::vector<std::size_t> rows;
        for (const FakeDenoiser::Call& call : fake.models[0]->calls)
            rows.push_back(call.rows.size());
        QCOMPARE(rows, (std::vector<std::size_t>{24, 18, 12, 6}));
        fake.models[0]->calls.clear();
        request.blockLength = 6;
        generated(fake, request);
        rows.clear();
        for (const FakeDenoiser::Call& call : fake.models[0]->calls)
            rows.push_back(call.rows.size());
        QCOMPARE(rows, (std::vector<std::size_t>{12, 6, 12, 6}));
    }

    void plannedWorkIsWhatRunsOrAnUpperBound() {
        for (Sampler sampler : kInBlocks) {
            for (int blockLength : {0, 7}) {
                FakePool fake = hashedPool();
                GenerationRequest request = requestFor(sampler, "(L5,H9,L4)", 24, 9);
                request.prompt = "abcde";
                request.blockLength = blockLength;
                request.threshold = 0.5;
                const PlannedWork plan = planWork(request, fake.pool);
                const Trace trace = generated(fake, request);
                std::map<char, std::int64_t> calls;
                for (const SampleTrace& sample : trace.samples)
                    for (const auto& [letter, count] : sample.calls)
                        calls[letter] += count;
                if (sampler == Sampler::Threshold) {
                    QVERIFY(plan.figures == Figures::AtMost);
                    for (const auto& [letter, count] : calls)
                        QVERIFY(count <= plan.calls.at(letter));
                    QVERIFY(trace.flops <= plan.flops);
                    request.threshold = 1; // nothing is that sure: one by one
                    QVERIFY(std::abs(generated(fake, request).flops / plan.flops - 1) < 1e-12);
                } else {
                    QVERIFY(plan.figures == Figures::Exact);
                    QCOMPARE(calls, plan.calls);
                    QVERIFY(std::abs(trace.flops / plan.flops - 1) < 1e-12);
                }
            }
        }
    }

    void expectedCostAgreesWithPlannedWork() {
        FakePool fake = hashedPool();
        for (Sampler sampler : kInBlocks) {
            GenerationRequest request = requestFor(sampler, "(L30,H60,L30)", 48, 2000);
            for (int blockLength : {0, 20}) {
                request.blockLength = blockLength;
                const PlannedWork plan = planWork(request, fake.pool);
                const auto members = fake.pool.callCosts(48);
                const ScheduleCost cost = costOf(request.schedule, {.members = members,
                                                                    .length = 48,
                                                                    .masked = 48,
                                                                    .sampler = sampler,
                                                                    .blockLength = blockLength});
                const double tolerance = sampler == Sampler::Ancestral ? 0.01 : 1e-12;
                QVERIFY(std::abs(static_cast<double>(plan.totalCalls) / 2000 / cost.expectedCalls - 1) <=
                        tolerance);
                QVERIFY(std::abs(plan.flops / 2000 / cost.executedFlops - 1) <= tolerance);
            }
        }
    }

    void aStopIsHonouredBeforeTheNextCall() {
        class Stopper : public GenerationObserver {
        public:
            void stepped(const StepEvent&) override {
                if (++steps == 10)
                    source.request_stop();
            }
            std::stop_source source;
            int steps = 0;
        };
        for (Sampler sampler : kByCandidates) {
            FakePool fake = hashedPool();
            GenerationRequest request = requestFor(sampler, "H24", 24, 4);
            request.batch = 1;
            request.threshold = 1;
            Stopper stopper;
            const Trace trace =
                MaskedDiffusionGenerator(fake.pool).run(request, stopper, stopper.source.get_token());
            QVERIFY(trace.stopped && trace.samples.empty());
            QCOMPARE(fake.models[0]->calls.size(), std::size_t{10});
        }
    }

    void certaintyIsMeasuredBeforeTemperatureAndWithoutTheMask() {
        const std::vector<float> logits{std::log(0.5f), std::log(0.3f), 20, std::log(0.2f)};
        const auto near = [](double value, double expected) { return std::abs(value - expected) < 1e-6; };
        QVERIFY(near(certaintyOf(Sampler::Confidence, logits, 2, 1), 0.3));
        QVERIFY(near(certaintyOf(Sampler::Threshold, logits, 2, 0), 0.5));
        QVERIFY(near(certaintyOf(Sampler::Margin, logits, 2, 3), 0.2));
        QVERIFY(near(certaintyOf(Sampler::Entropy, logits, 2, 3),
                     0.5 * std::log(0.5) + 0.3 * std::log(0.3) + 0.2 * std::log(0.2)));
        QCOMPARE(certaintyOf(Sampler::Ancestral, logits, 2, 0), 0.0);
    }

    void certaintyOfOddLogitsIsStillAnOrder() {
        constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
        constexpr float kInfinity = std::numeric_limits<float>::infinity();
        for (Sampler sampler : kByCandidates) {
            QCOMPARE(certaintyOf(sampler, std::vector<float>{kNaN, kNaN, 0}, 2, 0),
                     -std::numeric_limits<double>::infinity());
            QVERIFY(std::isfinite(certaintyOf(sampler, std::vector<float>{kInfinity, 1, 0}, 2, 0)));
            QVERIFY(std::isfinite(certaintyOf(sampler, std::vector<float>{-kInfinity, 1, 0}, 2, 1)));
            QVERIFY(std::isfinite(certaintyOf(sampler, std::vector<float>{kNaN, 1, 0}, 2, 1)));
            QVERIFY(std::isfinite(certaintyOf(sampler, std::vector<float>{3, 0}, 1, 0)));
        }
    }

    void evenNonsenseFromTheNetworkFillsEveryPosition() {
        for (Sampler sampler : kByCandidates) {
            FakePool fake("H", 5, 64, {[](auto, float, int, std::span<float> logits) {
                              std::fill(logits.begin(), logits.end(),
                                        std::numeric_limits<float>::quiet_NaN());
                          }});
            for (const SampleTrace& sample : generated(fake, requestFor(sampler, "H5", 9, 2)).samples)
                QVERIFY(std::ranges::count(sample.tokens, 4) == 0);
        }
    }

    void whatDoesNotCombineIsRefused() {
        const auto refused = [](auto&& change, std::initializer_list<const char*> words) {
            FakePool fake = hashedPool();
            GenerationRequest request = requestFor(Sampler::Ancestral, "H8");
            change(request);
            expectError([&] { planWork(request, fake.pool); }, ErrorKind::Request, words);
        };
        using Request = GenerationRequest;
        refused([](Request& r) { r.sampler = Sampler::FirstHitting, r.blockLength = 4; },
                {"first-hitting and blocks", "ancestral, confidence, margin, entropy and threshold"});
        refused([](Request& r) { r.sampler = Sampler::Margin, r.remasking.kind = Remask::Loop; },
                {"remasking loop and the sampler margin", "ancestral"});
        refused([](Request& r) { r.blockLength = 4, r.remasking.kind = Remask::Cap; },
                {"remasking cap and blocks"});
        refused([](Request& r) { r.blockLength = 2; }, {"24 positions make 12 blocks", "8 steps"});
        refused([](Request& r) { r.blockLength = -1; }, {"block length -1"});
        refused([](Request& r) { r.threshold = 1.5; }, {"threshold 1.5"});
        refused([](Request& r) { r.threshold = std::nan(""); }, {"threshold nan"});
        const auto badRemasking = [&](auto&& change, const char* what) {
            refused([&](Request& r) { r.remasking.kind = Remask::Loop, change(r.remasking); }, {what});
        };
        badRemasking([](Remasking& r) { r.eta = 0; }, "η 0");
        badRemasking([](Remasking& r) { r.eta = 1.1; }, "η 1.1");
        badRemasking([](Remasking& r) { r.loopOn = 1; }, "t_on 1");
        badRemasking([](Remasking& r) { r.loopOff = 0.6; }, "t_off 0.6");
        badRemasking([](Remasking& r) { r.alphaOn = 1; }, "α_on 1");
    }
};

QTEST_GUILESS_MAIN(TestRevealOrders)
#include "test_reveal_orders.moc"
