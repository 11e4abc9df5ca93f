// SPDX-License-Identifier: GPL-3.0-or-later
// LibTorch comes first: it has members that are called as Qt's keywords.
#include <torch/torch.h>

#include "experiments/training/objectives.h"

#include <QtTest>

#include <numeric>
#include <vector>

using namespace steploom;
using torch::Tensor;

namespace {

constexpr int kWindows = 6, kLength = 50;
constexpr std::int32_t kMask = 999;

TrainingBatch batchAt(std::int64_t step, const TrainingPhase& phase = {}) {
    std::vector<std::int64_t> text(kWindows * kLength);
    std::iota(text.begin(), text.end(), 0);
    return maskedBatch(text, kWindows, kLength, kMask, phase, 1, step, 0);
}

double sumOf(const Tensor& x) { return x.to(torch::kFloat64).sum().item<double>(); }

} // namespace

class ObjectivesTest : public QObject {
    Q_OBJECT
private slots:
    void rowsAreTheMaskedTokensAndTargetsWhatTheyWere() {
        const TrainingBatch batch = batchAt(3);
        const Tensor shown = batch.tokens.view({-1}).index_select(0, batch.rows);
        QVERIFY(shown.eq(kMask).all().item<bool>());
        QCOMPARE(batch.rows.size(0), batch.tokens.eq(kMask).sum().item<std::int64_t>());
        QVERIFY(torch::equal(batch.targets, batch.rows)); // token i stands at i
        QVERIFY(torch::equal(batch.window, torch::div(batch.rows, kLength, "floor")));
        QVERIFY(!batch.everyRow);
    }

    void timesAreSpreadAndPhasesBoundTheMaskedShare() {
        // 1/t is what a masked token weighs: on average each token weighs one, however much is masked.
        double weight = 0;
        constexpr int kSteps = 300;
        for (int step = 0; step < kSteps; ++step)
            weight += sumOf(batchAt(step).weights) / batchAt(step).normaliser / kSteps;
        QVERIFY2(std::abs(weight - 1) < 0.05, qPrintable(QString::number(weight)));
        const TrainingPhase narrow{1.0, 0.2, 0.3, false};
        std::int64_t masked = 0;
        for (int step = 0; step < kSteps; ++step)
            masked += batchAt(step, narrow).rows.size(0);
        const double share = static_cast<double>(masked) / (kSteps * kWindows * kLength);
        QVERIFY2(std::abs(share - 0.25) < 0.005, qPrintable(QString::number(share)));
    }

    void partsHoldTheWholeInTilesOfRows() {
        const TrainingBatch whole = batchAt(5);
        double weights = 0;
        std::int64_t rows = 0;
        for (const std::int64_t first : {0, 2, 4}) {
            const TrainingBatch part = whole.part(first, 2);
            QCOMPARE(part.rows.size(0) % kRowTile, std::int64_t{0});
            const Tensor counted = part.weights.gt(0);
            rows += counted.sum().item<std::int64_t>();
            weights += sumOf(part.weights);
            const Tensor shown = part.tokens.reshape({-1}).index_select(0, part.rows);
            QVERIFY(shown.masked_select(counted).eq(kMask).all().item<bool>());
            QVERIFY(torch::equal(part.targets.masked_select(counted),
                                 (part.rows + first * kLength).masked_select(counted)));
            QVERIFY(part.window.max().item<std::int64_t>() < 2);
        }
        QCOMPARE(rows, whole.rows.size(0));
        QVERIFY(std::abs(weights - sumOf(whole.weights)) < 1e-3);
    }

    void aPartWithoutMasksStaysEmpty() {
        TrainingBatch none = batchAt(5);
        for (Tensor* each : {&none.rows, &none.window, &none.targets, &none.weights})
            *each = each->narrow(0, 0, 0);
        QCOMPARE(none.part(0, 2).rows.size(0), std::int64_t{0});
    }

    void causalRowsAreAllAndComeAfterWhatPredictsThem() {
        std::vector<std::int64_t> text(2 * 5);
        std::iota(text.begin(), text.end(), 0);
        const TrainingBatch batch = causalBatch(text, 2, 4);
        QVERIFY(batch.everyRow);
        QVERIFY(torch::equal(batch.targets, batch.tokens.reshape({-1}) + 1));
        QCOMPARE(batch.part(1, 1).rows.size(0), std::int64_t{4});
    }
};

QTEST_APPLESS_MAIN(ObjectivesTest)
#include "objectives_test.moc"
