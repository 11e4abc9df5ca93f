// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/linear.h"

#include "engine/checkpoint/safetensors.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/reference.h"
#include "tests/testing/paths.h"

#include <QTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::vector<float> values(int count, unsigned seed) {
    std::vector<float> result;
    for (int i = 0; i < count; ++i) {
        seed = seed * 1664525u + 1013904223u;
        result.push_back(static_cast<float>(seed >> 8) * 0x1p-23f - 1.0f);
    }
    return result;
}

reference::Values doubles(const std::vector<float>& from) { return {from.begin(), from.end()}; }

/// A checkpoint of two tensors: weight [outputs, inputs], or its transpose, and bias.
Checkpoint write(const TemporaryFolder& folder, int outputs, int inputs, const std::vector<float>& weight,
                 const std::vector<float>& bias, bool transposed = false) {
    writeText(folder / "config.json", "{}");
    std::vector<float> stored = weight;
    if (transposed)
        for (int o = 0; o < outputs; ++o)
            for (int i = 0; i < inputs; ++i)
                stored[static_cast<std::size_t>(i * outputs + o)] =
                    weight[static_cast<std::size_t>(o * inputs + i)];
    const std::vector<std::int64_t> shape =
        transposed ? std::vector<std::int64_t>{inputs, outputs} : std::vector<std::int64_t>{outputs, inputs};
    const TensorToWrite tensors[] = {{"w", DType::F32, shape, std::as_bytes(std::span(stored))},
                                     {"b", DType::F32, {outputs}, std::as_bytes(std::span(bias))}};
    writeSafetensors(folder / "model.safetensors", tensors);
    return Checkpoint::open(folder.path());
}

} // namespace

class LinearTest : public QObject {
    Q_OBJECT

private slots:
    void everyOutputEqualsTheReferenceWhateverThePanels_data() {
        QTest::addColumn<int>("outputs");
        for (const int outputs : {1, 15, 4095, 4096, 4097, 4113, 8193, 12289})
            QTest::addRow("%d outputs", outputs) << outputs;
    }
    void everyOutputEqualsTheReferenceWhateverThePanels() {
        QFETCH(int, outputs);
        const TemporaryFolder folder;
        const int inputs = 24, rows = 5;
        const auto weight = values(outputs * inputs, 1), bias = values(outputs, 2),
                   x = values(rows * inputs, 3);
        ComputeContext context(1);
        const Linear linear(write(folder, outputs, inputs, weight, bias), {.weights = {"w"}, .biases = {"b"}},
                            context);
        QCOMPARE(linear.outputs(), outputs);
        QCOMPARE(linear.inputs(), inputs);
        std::vector<float> y(static_cast<std::size_t>(rows * outputs));
        linear.forward(0, x.data(), y.data(), rows);
        const auto expected = reference::linear(doubles(x), doubles(weight), doubles(bias), inputs);
        for (std::size_t i = 0; i < y.size(); ++i)
            QVERIFY2(std::abs(y[i] - expected[i]) < 1e-5,
                     qPrintable(QString("row %1, output %2").arg(i / outputs).arg(i % outputs)));
    }

    void theGreatestOutputIsTheFirstOfEqualOnesWhateverThePanels_data() {
        QTest::addColumn<int>("outputs");
        for (const int outputs : {1, 96, 2100, 4097, 8193})
            QTest::addRow("%d outputs", outputs) << outputs;
    }
    void theGreatestOutputIsTheFirstOfEqualOnesWhateverThePanels() {
        QFETCH(int, outputs);
        const TemporaryFolder folder;
        const int inputs = 64, rows = 200;
        auto weight = values(outputs * inputs, 1);
        // Two outputs far from each other are the same: of them the first wins.
        std::copy_n(weight.begin(), inputs, weight.end() - inputs);
        const auto x = values(rows * inputs, 3);
        ComputeContext context(2);
        for (const Precision precision : {Precision::F32, Precision::BF16, Precision::Int8}) {
            const Precision effective = effectivePrecision(precision);
            const Linear linear(
                write(folder, outputs, inputs, weight, std::vector<float>(static_cast<std::size_t>(outputs))),
                {.weights = {"w"}, .biases = {"b"}, .precision = effective}, context);
            std::vector<bf16_t> narrow;
            for (const float value : x)
                narrow.push_back(toBf16(value));
            const void* const src = activationPrecision(effective) == Precision::F32
                                        ? static_cast<const void*>(x.data())
                                        : narrow.data();
            std::vector<float> y(static_cast<std::size_t>(rows * outputs));
            linear.forwardShared(src, y.data(), rows);
            std::vector<std::int32_t> found(rows);
            linear.argmaxShared(src, rows, found);
            for (int row = 0; row < rows; ++row) {
                const auto begin = y.begin() + static_cast<std::ptrdiff_t>(row) * outputs;
                QCOMPARE(found[static_cast<std::size_t>(row)],
                         static_cast<std::int32_t>(std::max_element(begin, begin + outputs) - begin));
            }
        }
    }

    void transposedStorageAndFoldedGainsGiveTheSameProduct() {
        const TemporaryFolder folder;
        const int outputs = 40, inputs = 24, rows = 3;
        const auto weight = values(outputs * inputs, 1), bias = values(outputs, 2), gain = values(outputs, 4),
                   x = values(rows * inputs, 3);
        ComputeContext context(1);
        const Linear linear(write(folder, outputs, inputs, weight, bias, true),
                            {.weights = {"w"}, .biases = {"b"}, .storedTransposed = true, .outputGain = gain},
                            context);
        std::vector<float> y(rows * outputs);
        linear.forward(0, x.data(), y.data(), rows);
        const auto expected = reference::linear(doubles(x), doubles(weight), doubles(bias), inputs);
        for (std::size_t i = 0; i < y.size(); ++i)
            QVERIFY(std::abs(y[i] - expected[i] * gain[i % outputs]) < 1e-5);
    }

    void aStretchOfTheOutputsIsALayerOfItsOwn() {
        const TemporaryFolder folder;
        const int outputs = 60, inputs = 24, rows = 3, first = 20, count = 15;
        const auto weight = values(outputs * inputs, 1), bias = values(outputs, 2),
                   x = values(rows * inputs, 3);
        ComputeContext context(1);
        const Linear linear(write(folder, outputs, inputs, weight, bias),
                            {.weights = {"w"}, .biases = {"b"}, .firstOutput = first, .outputs = count},
                            context);
        QCOMPARE(linear.outputs(), count);
        std::vector<float> y(rows * count);
        linear.forward(0, x.data(), y.data(), rows);
        const auto expected = reference::linear(doubles(x), doubles(weight), doubles(bias), inputs);
        for (int row = 0; row < rows; ++row)
            for (int i = 0; i < count; ++i)
                QVERIFY(std::abs(y[static_cast<std::size_t>(row * count + i)] -
                                 expected[static_cast<std::size_t>(row * outputs + first + i)]) < 1e-5);
    }

    void int8StaysWithinTheStepsOfItsRowsAndColumns_data() {
        QTest::addColumn<int>("outputs");
        QTest::addColumn<int>("inputs");
        QTest::addColumn<bool>("accumulate");
        QTest::newRow("one panel") << 96 << 192 << false;
        QTest::newRow("several panels") << 2100 << 70 << false;
        QTest::newRow("onto the residual stream") << 192 << 768 << true;
    }
    void int8StaysWithinTheStepsOfItsRowsAndColumns() {
        if (!supportsInt8())
            QSKIP("no exact products of bytes on this processor");
        QFETCH(int, outputs);
        QFETCH(int, inputs);
        QFETCH(bool, accumulate);
        const TemporaryFolder folder;
        const int rows = 131; // more than one tile
        const auto weight = values(outputs * inputs, 1), bias = values(outputs, 2);
        auto x = values(rows * inputs, 3);
        std::vector<bf16_t> halves;
        for (float& value : x) {
            halves.push_back(toBf16(value));
            value = fromBf16(halves.back());
        }
        const bool half = activationPrecision(Precision::Int8) == Precision::BF16;
        ComputeContext context(1);
        const Linear linear(
            write(folder, outputs, inputs, weight, bias),
            {.weights = {"w"}, .biases = {"b"}, .precision = Precision::Int8, .accumulate = accumulate},
            context);
        std::vector<float> y = values(rows * outputs, 5);
        const std::vector<float> before = y;
        const void* src = half ? static_cast<const void*>(halves.data()) : x.data();
        linear.forward(0, src, y.data(), rows);

        auto expected = reference::linear(doubles(x), doubles(weight), doubles(bias), inputs);
        // Values lie in [−1, 1): a row's step is at most 2/255, a column's 1/127; half of each is the most
        // that one product can be off, and errors of K products add up like a random walk (6σ of uniform
        // errors).
        const double each = std::sqrt((std::pow(2.0 / 255, 2) / 12 + std::pow(1.0 / 127, 2) / 12) / 3);
        const double bound = 6 * each * std::sqrt(static_cast<double>(inputs));
        double squares = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            const double difference = y[i] - expected[i] - (accumulate ? before[i] : 0.0f);
            QVERIFY2(std::abs(difference) < bound, qPrintable(QString("output %1").arg(i)));
            squares += difference * difference;
        }
        QVERIFY(squares > 0); // it did compute in int8

        // Alone or with others, by panels or whole: the same bits.
        std::vector<float> apart = before;
        for (int row = 0; row < rows; ++row)
            for (int panel = 0; panel < linear.panels(); ++panel)
                linear.forwardPanel(0, panel,
                                    half ? static_cast<const void*>(halves.data() + row * inputs)
                                         : x.data() + row * inputs,
                                    apart.data() + row * outputs, 1);
        QVERIFY(apart == y);
    }
};

QTEST_GUILESS_MAIN(LinearTest)
#include "linear_test.moc"
