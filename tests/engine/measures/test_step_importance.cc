// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/thread_pool.h"
#include "engine/measures/step_importance.h"
#include "engine/measures/text_windows.h"
#include "engine/schedule/noise.h"
#include "engine/schedule/optimum_schedule.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 5; // a, b, c, d and the mask

/// log p of a fixed distribution over a…d; the mask token's own logit is high, which SUBS must not see.
FakeDenoiser::Rule always(std::array<double, 4> probabilities) {
    return [probabilities](std::span<const std::int32_t>, float, int, std::span<float> logits) {
        for (std::size_t i = 0; i < 4; ++i)
            logits[i] = static_cast<float>(std::log(probabilities[i]));
        logits[4] = 7;
    };
}

constexpr std::array kHeavy{0.4, 0.3, 0.2, 0.1}, kLight{0.25, 0.25, 0.25, 0.25};

double divergenceOf(const std::array<double, 4>& p, const std::array<double, 4>& q) {
    double sum = 0;
    for (std::size_t i = 0; i < 4; ++i)
        sum += p[i] * std::log(p[i] / q[i]);
    return sum;
}

/// abcdabcd…
std::vector<std::int32_t> text(std::size_t tokens) {
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0; i < tokens; ++i)
        ids.push_back(static_cast<std::int32_t>(i % 4));
    return ids;
}

} // namespace

class TestStepImportance : public QObject {
    Q_OBJECT
private slots:
    void figuresAreThoseOfKnownDistributions() {
        const FakePool fake("HL", kVocabulary, 16, {always(kHeavy), always(kLight)});
        ThreadPool threads(2);
        const ImportanceProfile profile =
            measureImportance(fake.pool, text(4000), {.times = 5, .windows = 100, .length = 16}, threads);
        QCOMPARE(profile.windows, 100);
        QCOMPARE(profile.times, (std::vector<double>{0.9, 0.7, 0.5, 1 - 3.5 / 5, 1 - 4.5 / 5}));
        QCOMPARE(profile.members.size(), std::size_t{2});
        for (std::size_t time = 0; time < 5; ++time) {
            QCOMPARE(profile.members[0].divergence[time].value, 0.0);
            const Estimate& diverged = profile.members[1].divergence[time];
            QVERIFY(std::abs(diverged.value - divergenceOf(kHeavy, kLight)) < 1e-6);
            QCOMPARE(diverged.n, 100);
            QVERIFY(diverged.margin() < 1e-6); // the same everywhere
            QVERIFY(std::abs(profile.members[1].crossEntropy[time].value - std::log(4)) < 1e-6);
            // −log p of what stands there: all four letters alike, up to which of them are masked.
            const Estimate& entropy = profile.members[0].crossEntropy[time];
            double expected = 0;
            for (const double p : kHeavy)
                expected -= std::log(p) / 4;
            QVERIFY(std::abs(entropy.value - expected) < 2 * entropy.margin());
            QVERIFY(entropy.margin() > 0 && entropy.margin() < 0.2);
        }
    }

    void aTimeMasksItsShareAndTellsItsNoise() {
        std::array<int, 2> masked{}, asked{};
        const auto rule = [&](std::span<const std::int32_t> tokens, float sigma, int,
                              std::span<float> logits) {
            std::ranges::fill(logits, 0.0f);
            // The time is known by its noise level; every masked position of a sample asks once.
            const std::size_t time = std::abs(sigma - noiseLevel(0.75)) < 1e-6   ? 0
                                     : std::abs(sigma - noiseLevel(0.25)) < 1e-6 ? 1
                                                                                 : 2;
            masked.at(time) += static_cast<int>(std::ranges::count(tokens, kVocabulary - 1));
            ++asked.at(time);
        };
        const FakePool fake("H", kVocabulary, 64, {rule});
        ThreadPool threads(1);
        measureImportance(fake.pool, text(64 * 200), {.times = 2, .windows = 200, .length = 64}, threads);
        // asked: positions masked in all of 12,800; ± 4 standard deviations.
        QVERIFY2(std::abs(asked[0] - 9600) < 200, qPrintable(QString::number(asked[0])));
        QVERIFY2(std::abs(asked[1] - 3200) < 200, qPrintable(QString::number(asked[1])));
    }

    void whatIsMaskedLateIsMaskedEarly() {
        std::vector<std::pair<float, std::vector<std::int32_t>>> seen; // one window: sigma, tokens
        const auto rule = [&](std::span<const std::int32_t> tokens, float sigma, int,
                              std::span<float> logits) {
            std::ranges::fill(logits, 0.0f);
            seen.push_back({sigma, {tokens.begin(), tokens.end()}});
        };
        const FakePool fake("H", kVocabulary, 64, {rule});
        ThreadPool threads(1);
        measureImportance(fake.pool, text(64), {.times = 8, .windows = 1, .length = 64}, threads);
        QVERIFY(seen.size() > 8);
        for (std::size_t i = 1; i < seen.size(); ++i) {
            QVERIFY(seen[i].first <= seen[i - 1].first); // from the run's start to its end
            for (std::size_t position = 0; position < 64; ++position)
                QVERIFY(seen[i].second[position] != kVocabulary - 1 ||
                        seen[i - 1].second[position] == kVocabulary - 1);
        }
    }

    void theMiddleThatDivergesMostIsLeftToTheHeavyOne() {
        // The light one is as good as the heavy one but where about half is masked.
        const auto wavering = [](std::span<const std::int32_t> tokens, float sigma, int position,
                                 std::span<float> logits) {
            const bool middle = sigma > noiseLevel(0.4) && sigma < noiseLevel(0.6);
            always(middle ? kLight : kHeavy)(tokens, sigma, position, logits);
        };
        const FakePool fake("HL", kVocabulary, 32, {always(kHeavy), wavering});
        ThreadPool threads(2);
        const ImportanceProfile profile =
            measureImportance(fake.pool, text(3200), {.times = 10, .windows = 50, .length = 32}, threads);
        const std::vector<double> importance = profile.importanceOf('L');
        QCOMPARE(std::ranges::max_element(importance) - importance.begin(), std::ptrdiff_t{4});
        const StepSchedule best = optimumSchedule(importance, {.steps = 100, .lightShare = 0.8});
        QCOMPARE(printSchedule(best), std::string("(L40,H20,L40)"));
        expectError([&] { (void)profile.importanceOf('M'); }, ErrorKind::Schedule, {"M", "no member"});
    }

    void threadsAndCallsChangeNothing() {
        ThreadPool one(1), two(2);
        const ImportanceSettings settings{.times = 7, .windows = 90, .length = 64};
        const FakePool fake("HLM", 12, 64), again("HLM", 12, 64);
        QCOMPARE(measureImportance(fake.pool, text(64 * 90), settings, one),
                 measureImportance(again.pool, text(64 * 90), settings, two));
    }

    void aStopLeavesWhatTheCompleteWindowsSay() {
        const FakePool fake("HL", 12, 64);
        ThreadPool threads(1);
        std::stop_source stop;
        std::vector<int> windows;
        std::vector<double> shares;
        const ImportanceProfile profile = measureImportance(
            fake.pool, text(64 * 400), {.times = 4, .windows = 400, .length = 64}, threads,
            [&](double share, const ImportanceProfile& soFar) {
                shares.push_back(share);
                windows.push_back(soFar.windows);
                if (shares.size() == 3)
                    stop.request_stop();
            },
            stop.get_token());
        QCOMPARE(shares.size(), std::size_t{3});
        QVERIFY(std::ranges::is_sorted(windows) && shares.back() < 1);
        QVERIFY(profile.windows > 1 && profile.windows < 400);
        QCOMPARE(profile.windows, windows.back());
        // The same as fewer windows would have said of the same text.
        QCOMPARE(profile.members[1].divergence[0].n, profile.windows);
    }

    void tokensThatNoModelCanSayAreNotAskedFor() {
        std::vector<std::int32_t> holed = text(160);
        holed[3] = kVocabulary - 1; // the mask token itself
        const FakePool fake("HL", kVocabulary, 16, {always(kHeavy), always(kLight)});
        ThreadPool threads(1);
        const ImportanceProfile profile =
            measureImportance(fake.pool, holed, {.times = 1, .windows = 10, .length = 16}, threads);
        QVERIFY(profile.members[0].crossEntropy[0].value < 3);
    }

    void windowsDoNotOverlapAndSpreadOverTheText() {
        QCOMPARE(spreadWindows(100, 10, 3), (std::vector<std::size_t>{0, 45, 90}));
        QCOMPARE(spreadWindows(100, 10, 1000).size(), std::size_t{10});
        QCOMPARE(spreadWindows(10, 10, 5), std::vector<std::size_t>{0});
        const std::vector<std::size_t> starts = spreadWindows(12'345, 77, 100);
        for (std::size_t i = 1; i < starts.size(); ++i)
            QVERIFY(starts[i] >= starts[i - 1] + 77);
        QCOMPARE(starts.back(), std::size_t{12'345 - 77});
    }

    void whatCannotBeMeasuredIsRefused() {
        const FakePool fake("HL", 12, 64);
        ThreadPool threads(1);
        const auto measure = [&](std::size_t tokens, ImportanceSettings settings) {
            measureImportance(fake.pool, text(tokens), settings, threads);
        };
        expectError([&] { measure(63, {.length = 64}); }, ErrorKind::Text, {"63 tokens", "64"});
        expectError([&] { measure(1000, {.length = 65}); }, ErrorKind::Request, {"H (fake)", "64 positions"});
        expectError([&] { measure(1000, {.times = 0, .length = 64}); }, ErrorKind::Request, {"times"});
        expectError([&] { measure(1000, {.windows = 0, .length = 64}); }, ErrorKind::Request, {"windows"});
    }
};

QTEST_APPLESS_MAIN(TestStepImportance)
#include "test_step_importance.moc"
