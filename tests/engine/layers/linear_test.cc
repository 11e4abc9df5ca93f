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
};

QTEST_GUILESS_MAIN(LinearTest)
#include "linear_test.moc"
