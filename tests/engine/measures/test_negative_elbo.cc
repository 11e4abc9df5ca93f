// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/thread_pool.h"
#include "engine/measures/negative_elbo.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::vector<std::int32_t> text(std::size_t tokens) {
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0; i < tokens; ++i)
        ids.push_back(static_cast<std::int32_t>(i * i % 4));
    return ids;
}

/// Leaves the truth a chance of 1 − t, whatever else is known.
void surerOverTime(std::span<const std::int32_t>, float sigma, int position, std::span<float> logits) {
    const double t = 1 - std::exp(-static_cast<double>(sigma));
    const std::size_t truth = static_cast<std::size_t>(position) * static_cast<std::size_t>(position) % 4;
    for (std::size_t i = 0; i < 4; ++i)
        logits[i] = static_cast<float>(std::log(i == truth ? 1 - t + 1e-12 : t / 3));
    logits[4] = 9;
}

} // namespace

class TestNegativeElbo : public QObject {
    Q_OBJECT
private slots:
    void aModelThatKnowsNothingNeedsTheLogarithmOfTheVocabulary() {
        const auto flat = [](std::span<const std::int32_t>, float, int, std::span<float> logits) {
            std::ranges::fill(logits, 0.0f);
        };
        const FakePool fake("H", 5, 32, {flat}); // four tokens and the mask
        ThreadPool threads(2);
        const Measure nelbo =
            measureNelbo(fake.pool, text(32 * 300), {.windows = 300, .length = 32}, threads).at('H');
        QCOMPARE(nelbo.name, std::string("nelbo"));
        QCOMPARE(nelbo.estimate.n, 300);
        QVERIFY(std::abs(nelbo.estimate.value - std::log(4)) < 2 * nelbo.estimate.margin());
        QVERIFY(nelbo.estimate.margin() < 0.05);
    }

    void timesAreWeightedByTheirInverse() {
        // E_t[(1/t) · t · −log(1 − t)] = ∫ −log(1 − t) dt = 1 nat a token.
        const FakePool fake("H", 5, 32, {surerOverTime});
        ThreadPool threads(2);
        const Measure nelbo =
            measureNelbo(fake.pool, text(32 * 400), {.windows = 400, .length = 32, .draws = 16}, threads)
                .at('H');
        QVERIFY2(std::abs(nelbo.estimate.value - 1) < 2 * nelbo.estimate.margin(),
                 qPrintable(QString::number(nelbo.estimate.value)));
        QVERIFY(nelbo.estimate.margin() < 0.05);
    }

    void everyMemberIsMeasuredOnTheSameMasks() {
        const FakePool fake("HL", 5, 32, {surerOverTime, surerOverTime});
        ThreadPool threads(1);
        const auto measures = measureNelbo(fake.pool, text(3200), {.windows = 50, .length = 32}, threads);
        QCOMPARE(measures.at('H').estimate, measures.at('L').estimate);
        const auto other =
            measureNelbo(fake.pool, text(3200), {.windows = 50, .length = 32, .seed = 2}, threads);
        QVERIFY(other.at('H').estimate != measures.at('H').estimate);
    }

    void aStopBeforeTheFirstWindowLeavesNothing() {
        const FakePool fake("H", 5, 32);
        ThreadPool threads(1);
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(measureNelbo(fake.pool, text(3200), {.length = 32}, threads, {}, stop.get_token()).empty());
        expectError([&] { measureNelbo(fake.pool, text(31), {.length = 32}, threads); }, ErrorKind::Text,
                    {"31 tokens"});
        expectError([&] { measureNelbo(fake.pool, text(99), {.length = 32, .draws = 0}, threads); },
                    ErrorKind::Request, {"cannot measure the NELBO"});
    }
};

QTEST_APPLESS_MAIN(TestNegativeElbo)
#include "test_negative_elbo.moc"
