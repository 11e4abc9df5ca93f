// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/brier_calm.h"
#include "engine/measures/brier_models.h"
#include "tests/engine/models/made_up_tokens.h"
#include "tests/engine/sampling/calm_pool.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

GenerationRequest requestFor(const std::string& schedule, int length) {
    return {.schedule = parseSchedule(schedule), .length = length, .samples = 1, .topTokens = 0};
}

/// Keeps the tokens of finished samples.
class Witness : public GenerationObserver {
public:
    std::vector<std::vector<std::int32_t>> samples;
    void finished(const SampleTrace& sample) override { samples.push_back(sample.tokens); }
};

/// The next token leans on the one before it.
double chained(std::span<const std::int32_t> before, std::int32_t token) {
    return token == before.back() ? 0.7 : 0.1;
}

/// H is chained, L says everything with 1/4.
ModelPool makeCausalPool() {
    const auto model = [](const FakeCausal::Rule& probability) {
        return std::make_shared<FakeCausal>(
            4, 32, [probability](std::span<const std::int32_t> before, std::int32_t token) {
                return -std::log(probability(before, token));
            });
    };
    return ModelPool({{{.letter = 'H', .name = "chained"}, model(chained)},
                      {{.letter = 'L', .name = "even"}, model([](auto, auto) { return 0.25; })}},
                     makeLetterTokenizer(4));
}

} // namespace

class TestBrierCalm : public QObject {
    Q_OBJECT

private slots:
    /// Where the generator draws the truth itself, 2P(y) − ΣP² is ΣP² in the mean: what two generated texts
    /// have in common.
    void truthsOfTheGeneratorScoreTheirOwnCollisions_data() {
        QTest::addColumn<QString>("golden");
        QTest::addColumn<QString>("schedule");
        QTest::addColumn<double>("temperature");
        QTest::newRow("a chunk of four") << "calm_k4"
                                         << "(F1,S1)" << 1.0;
        QTest::newRow("the same, sharpened") << "calm_k4"
                                             << "(F1,S1)" << 0.5;
        QTest::newRow("two chunks of two by two models") << "calm_k2"
                                                         << "(F3,S1)" << 1.0;
    }
    void truthsOfTheGeneratorScoreTheirOwnCollisions() {
        QFETCH(QString, golden);
        QFETCH(QString, schedule);
        QFETCH(double, temperature);
        constexpr int kTexts = 400, kContext = 4;
        CalmPool calm(golden.toStdString());
        GenerationRequest request = requestFor(schedule.toStdString(), kContext + kBrierOrders);
        request.temperature = temperature;
        request.candidates = 20;
        GenerationRequest making = request;
        making.prompt = "abcd";
        making.samples = kTexts;
        making.seed = 5;
        Witness made;
        makeGenerator(calm.pool)->run(making, made, {});
        QCOMPARE(made.samples.size(), std::size_t{kTexts});

        BrierWindows windows{.context = kContext, .tokens = {}};
        std::array<double, kBrierOrders> collisions{};
        for (const auto& text : made.samples) {
            windows.tokens.insert(windows.tokens.end(), text.begin(), text.end());
            for (const auto& other : made.samples)
                for (std::size_t n = 0; &other != &text && n < kBrierOrders; ++n) {
                    if (text[kContext + n] != other[kContext + n])
                        break;
                    collisions[n] += 1.0 / kTexts / (kTexts - 1);
                }
        }
        const BrierLm brier = brierLmOf(brierOfCalm(calm.pool, request, windows, 4), 4, BrierEstimator::Draws,
                                        {.resamples = 100});
        for (std::size_t n = 0; n < kBrierOrders; ++n)
            QVERIFY2(
                std::abs(brier.orders[n].value - collisions[n]) <= 2 * brier.orders[n].margin() + 0.02,
                qPrintable(
                    QString("order %1: %2 and %3").arg(n + 1).arg(brier.orders[n].value).arg(collisions[n])));
        QVERIFY(collisions[0] > 0.001); // or nothing would be tested
    }

    void teacherForcingIsTheMeanOfTheContinuationsOfEveryChunk() {
        CalmPool calm;
        constexpr int kLength = 20, kWindows = 30;
        const GenerationRequest request = requestFor("(F2,S2,F1)", kLength);
        const auto tokens = madeUpTokens(kWindows * kLength, 96);
        const std::vector<BrierScores> forced = brierOfCalmText(calm.pool, request, tokens, 3);
        std::vector<BrierScores> expected(kWindows, BrierScores{});
        for (int context = 4; context < kLength; context += 4) {
            BrierWindows windows{.context = context, .tokens = {}};
            for (int window = 0; window < kWindows; ++window) {
                const auto from = tokens.begin() + static_cast<std::ptrdiff_t>(window) * kLength;
                windows.tokens.insert(windows.tokens.end(), from, from + context + kBrierOrders);
            }
            const std::vector<BrierScores> scores = brierOfCalm(calm.pool, request, windows, 3);
            for (std::size_t window = 0; window < kWindows; ++window)
                for (std::size_t n = 0; n < kBrierOrders; ++n)
                    expected[window][n] += scores[window][n] / (kLength / 4 - 1);
        }
        QCOMPARE(forced.size(), std::size_t{kWindows});
        for (std::size_t window = 0; window < kWindows; ++window)
            for (std::size_t n = 0; n < kBrierOrders; ++n)
                QVERIFY(std::abs(forced[window][n] - expected[window][n]) < 1e-9);
    }

    void aStopLeavesNoHalfMeasuredWindow() {
        CalmPool calm;
        const GenerationRequest request = requestFor("(F5)", 20);
        const auto tokens = madeUpTokens(600 * 20, 96);
        std::stop_source stop;
        const auto some = brierOfCalmText(
            calm.pool, request, tokens, 2, [&](double) { stop.request_stop(); }, stop.get_token());
        QVERIFY(!some.empty() && some.size() < 600);
        const auto all = brierOfCalmText(calm.pool, request, tokens, 2);
        QVERIFY(std::ranges::equal(some, std::span(all).first(some.size())));
    }

    void aScheduleOfAutoregressiveModelsIsMeasuredStepByStep() {
        const ModelPool pool = makeCausalPool();
        const BrierWindows windows{.context = 3, .tokens = std::vector<std::int32_t>(7 * 200, 2)};
        const auto orders = [&](GenerationRequest request) {
            return brierLmOf(brierOfAutoregressive(pool, request, windows, 8), 8,
                             brierEstimatorOf(pool.kind(), request), {.resamples = 100})
                .orders;
        };
        const auto near = [](const Estimate& found, double expected) {
            return std::abs(found.value - expected) <= 2 * found.margin() + 1e-5;
        };
        // The first token of all that count by H, the others by L; then the other way about.
        const auto first = orders(requestFor("(L3,H1,L4)", 8));
        QVERIFY(std::abs(first[0].value - (2 * 0.7 - 0.52)) < 1e-5);
        QVERIFY(near(first[1], 2 * 0.7 * 0.25 - 0.52 * 0.25));
        QVERIFY(near(first[3], 2 * 0.7 / 64 - 0.52 / 64));
        const auto later = orders(requestFor("(H3,L1,H4)", 8));
        QVERIFY(std::abs(later[0].value - 0.25) < 1e-5);
        QVERIFY(near(later[1], 2 * 0.25 * 0.7 - 0.25 * 0.52));

        // At a temperature p ∝ p^{1/T}: 0.49 and three times 0.01, of 0.52.
        GenerationRequest sharp = requestFor("(H8)", 8);
        sharp.temperature = 0.5;
        const double top = 0.49 / 0.52, rest = 0.01 / 0.52;
        QVERIFY(std::abs(orders(sharp)[0].value - (2 * top - (top * top + 3 * rest * rest))) < 1e-5);
        // Of the likeliest token alone there is no doubt; draws have to say so.
        GenerationRequest greedy = requestFor("(H8)", 8);
        greedy.topK = 1;
        QVERIFY(brierEstimatorOf(pool.kind(), greedy) == BrierEstimator::Draws);
        QCOMPARE(orders(greedy)[3].value, 1.0);
    }

    void whatCannotBeMeasuredIsRefused() {
        CalmPool calm;
        const auto tokens = madeUpTokens(400, 96);
        const GenerationRequest request = requestFor("(F4)", 16);
        const auto windows = [&](int context) { return brierWindows(tokens, context, 5); };
        expectError([&] { brierOfCalm(calm.pool, request, windows(6), 2); }, ErrorKind::Request,
                    {"K = 4", "4 or 8"});
        expectError([&] { brierOfCalm(calm.pool, request, windows(8), 1); }, ErrorKind::Request, {"draws"});
        expectError([&] { brierOfCalm(calm.pool, request, windows(16), 2); }, ErrorKind::Request,
                    {"16 tokens"});
        expectError([&] { brierOfCalm(calm.pool, requestFor("(H4)", 16), windows(8), 2); },
                    ErrorKind::Schedule, {"H"});
        GenerationRequest odd = request;
        odd.temperature = 0.7;
        expectError([&] { brierOfCalm(calm.pool, odd, windows(8), 2); }, ErrorKind::Request,
                    {"0.7", "exact"});
        CalmPool two("calm_k2");
        expectError([&] { brierOfCalmText(two.pool, requestFor("(F8)", 16), tokens, 2); }, ErrorKind::Request,
                    {"K = 2", "continuations"});
        expectError([&] { brierOfAutoregressive(makeCausalPool(), requestFor("(H6)", 6), windows(4), 2); },
                    ErrorKind::Request, {"6 steps"});
        QCOMPARE(calmContext(63, 4), 60);
        QCOMPARE(calmContext(1, 4), 4);
    }
};

QTEST_GUILESS_MAIN(TestBrierCalm)
#include "test_brier_calm.moc"
