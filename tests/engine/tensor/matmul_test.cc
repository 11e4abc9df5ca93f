// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/thread_pool.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/matmul.h"
#include "engine/tensor/reference.h"

#include <QTest>

#include <cmath>
#include <cstring>
#include <random>

using namespace steploom;

namespace {

using Formula = double (*)(double);

std::vector<float> randomValues(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

reference::Values doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

std::vector<bf16_t> rounded(std::vector<float>& values) {
    std::vector<bf16_t> result;
    for (float& value : values) {
        result.push_back(toBf16(value));
        value = fromBf16(result.back());
    }
    return result;
}

double largestDifference(std::span<const float> found, const reference::Values& expected) {
    double largest = 0;
    for (std::size_t i = 0; i < found.size(); ++i)
        largest = std::max(largest, std::abs(found[i] - expected[i]));
    return largest;
}

} // namespace

class MatMulTest : public QObject {
    Q_OBJECT

private slots:
    void equalsTheReferenceForEveryRowCount() {
        ComputeContext context(1);
        const int inputs = 96, outputs = 211;
        const auto product = context.matMuls().get({.inputs = inputs, .outputs = outputs, .bias = true});
        const auto weights = randomValues(std::size_t{inputs} * outputs, 1), bias = randomValues(outputs, 2);
        const PackedWeights packed = product->pack(weights);
        for (const int rows : {1, 2, 3, 7, 16, 33, 100, 128, 129, 300}) {
            const auto src = randomValues(static_cast<std::size_t>(rows) * inputs, 3);
            std::vector<float> dst(static_cast<std::size_t>(rows) * outputs);
            product->run(0, src.data(), packed, bias.data(), dst.data(), rows);
            const auto expected = reference::linear(doubles(src), doubles(weights), doubles(bias), inputs);
            QVERIFY2(largestDifference(dst, expected) < 1e-4, qPrintable(QString("%1 rows").arg(rows)));
        }
    }

    void aRowsBitsDoNotDependOnTheRowsBesideIt_data() {
        QTest::addColumn<int>("inputs");
        QTest::addColumn<int>("outputs");
        QTest::addColumn<bool>("bf16");
        QTest::addColumn<bool>("accumulate");
        for (const bool bf16 : {false, true})
            for (const bool accumulate : {false, true})
                for (const auto& [inputs, outputs] : {std::pair{192, 576},
                                                      {192, 4097},
                                                      {768, 192},
                                                      {3072, 768},
                                                      {64, 64},
                                                      {96, 211},
                                                      {72, 157}})
                    QTest::addRow("%dx%d %s%s", inputs, outputs, bf16 ? "bf16" : "f32",
                                  accumulate ? " accumulating" : "")
                        << inputs << outputs << bf16 << accumulate;
    }
    void aRowsBitsDoNotDependOnTheRowsBesideIt() {
        QFETCH(int, inputs);
        QFETCH(int, outputs);
        QFETCH(bool, bf16);
        QFETCH(bool, accumulate);
        if (bf16 && !supportsBf16())
            QSKIP("no bf16 products on this processor");
        ComputeContext context(1);
        const auto product = context.matMuls().get({.inputs = inputs,
                                                    .outputs = outputs,
                                                    .precision = bf16 ? Precision::BF16 : Precision::F32,
                                                    .accumulate = accumulate});
        const PackedWeights packed = product->pack(
            randomValues(static_cast<std::size_t>(inputs) * static_cast<std::size_t>(outputs), 1));
        const int rows = 150;
        auto values = randomValues(static_cast<std::size_t>(rows) * static_cast<std::size_t>(inputs), 3);
        const auto halves = rounded(values);
        const auto* src = bf16 ? reinterpret_cast<const std::byte*>(halves.data())
                               : reinterpret_cast<const std::byte*>(values.data());
        const std::size_t rowBytes = static_cast<std::size_t>(inputs) * (bf16 ? 2 : 4);
        const auto width = static_cast<std::size_t>(outputs);
        std::vector<float> together = randomValues(rows * width, 4), apart = together;
        product->run(0, src, packed, nullptr, together.data(), rows);
        for (int row = 0, count = 1; row < rows; row += count, count = count % 17 + 1) {
            const int part = std::min(count, rows - row);
            product->run(0, src + static_cast<std::size_t>(row) * rowBytes, packed, nullptr,
                         apart.data() + static_cast<std::size_t>(row) * width, part);
        }
        QCOMPARE(std::memcmp(together.data(), apart.data(), together.size() * sizeof(float)), 0);
    }

    void accumulatesOntoTheResidualStream() {
        ComputeContext context(1);
        const auto product =
            context.matMuls().get({.inputs = 32, .outputs = 48, .bias = true, .accumulate = true});
        const auto weights = randomValues(32 * 48, 1), bias = randomValues(48, 2),
                   src = randomValues(5 * 32, 3);
        std::vector<float> dst = randomValues(5 * 48, 4);
        auto expected = reference::linear(doubles(src), doubles(weights), doubles(bias), 32);
        for (std::size_t i = 0; i < dst.size(); ++i)
            expected[i] += dst[i];
        product->run(0, src.data(), product->pack(weights), bias.data(), dst.data(), 5);
        QVERIFY(largestDifference(dst, expected) < 1e-4);
    }

    void appliesItsActivation_data() {
        QTest::addColumn<Activation>("activation");
        QTest::addColumn<Formula>("formula");
        QTest::newRow("tanh") << Activation::GeluTanh << Formula{reference::geluTanh};
        QTest::newRow("erf") << Activation::GeluErf << Formula{reference::geluErf};
        QTest::newRow("silu") << Activation::Silu << Formula{reference::silu};
    }
    void appliesItsActivation() {
        QFETCH(Activation, activation);
        QFETCH(Formula, formula);
        ComputeContext context(1);
        const auto product = context.matMuls().get({.inputs = 32, .outputs = 48, .activation = activation});
        const auto weights = randomValues(32 * 48, 1), src = randomValues(9 * 32, 3);
        std::vector<float> dst(9 * 48);
        auto expected = reference::linear(doubles(src), doubles(weights), {}, 32);
        for (double& value : expected)
            value = formula(value);
        product->run(0, src.data(), product->pack(weights), nullptr, dst.data(), 9);
        QVERIFY(largestDifference(dst, expected) < 1e-4);
    }

    void int8SumsAreExactAtTheExtremes() {
        if (!supportsInt8())
            QSKIP("no exact products of bytes on this processor");
        ComputeContext context(1);
        for (const auto& [inputs, outputs] : {std::pair{192, 576}, {3072, 768}, {37, 21}}) {
            const auto product =
                context.matMuls().get({.inputs = inputs, .outputs = outputs, .precision = Precision::Int8});
            // Largest magnitudes next to each other: what saturates in 16 bits shows.
            std::vector<std::int8_t> weights(static_cast<std::size_t>(inputs * outputs));
            for (std::size_t i = 0; i < weights.size(); ++i)
                weights[i] = static_cast<std::int8_t>(i % 3 == 0 ? -127 : 127);
            const PackedWeights packed = product->pack(std::span<const std::int8_t>(weights));
            for (const int rows : {1, 5, 128, 150}) {
                std::vector<std::uint8_t> src(static_cast<std::size_t>(rows * inputs));
                for (std::size_t i = 0; i < src.size(); ++i)
                    src[i] = static_cast<std::uint8_t>(i % 7 == 0 ? 3 : 255);
                std::vector<std::int32_t> dst(static_cast<std::size_t>(rows * outputs), -1);
                product->run(0, src.data(), packed, nullptr, dst.data(), rows);
                for (int row = 0; row < rows; ++row)
                    for (int o = 0; o < outputs; ++o) {
                        std::int32_t expected = 0;
                        for (int i = 0; i < inputs; ++i)
                            expected += src[static_cast<std::size_t>(row * inputs + i)] *
                                        weights[static_cast<std::size_t>(o * inputs + i)];
                        QCOMPARE(dst[static_cast<std::size_t>(row * outputs + o)], expected);
                    }
            }
        }
    }

    void multipliesWithPlainWeightsBothWays() {
        ComputeContext context(1);
        const int inputs = 24, outputs = 40, rows = 11;
        const auto weights = randomValues(inputs * outputs, 1),
                   src = randomValues(rows * inputs, 3); // [outputs, inputs]
        std::vector<float> turned(weights.size());       // [inputs, outputs]
        for (int o = 0; o < outputs; ++o)
            for (int i = 0; i < inputs; ++i)
                turned[static_cast<std::size_t>(i * outputs + o)] =
                    weights[static_cast<std::size_t>(o * inputs + i)];
        const auto expected = reference::linear(doubles(src), doubles(weights), {}, inputs);
        std::vector<float> dst(rows * outputs);
        context.matMuls()
            .get({.inputs = inputs, .outputs = outputs, .weights = MatMulSpec::Weights::PlainTransposed})
            ->runPlain(0, src.data(), weights.data(), dst.data(), rows);
        QVERIFY(largestDifference(dst, expected) < 1e-4);
        context.matMuls()
            .get({.inputs = inputs, .outputs = outputs, .weights = MatMulSpec::Weights::Plain})
            ->runPlain(0, src.data(), turned.data(), dst.data(), rows);
        QVERIFY(largestDifference(dst, expected) < 1e-4);
    }

    void bf16StaysWithinItsRounding() {
        if (!supportsBf16())
            QSKIP("no bf16 products on this processor");
        ComputeContext context(1);
        const int inputs = 192, outputs = 64, rows = 20;
        const auto product =
            context.matMuls().get({.inputs = inputs, .outputs = outputs, .precision = Precision::BF16});
        auto weights = randomValues(inputs * outputs, 1), src = randomValues(rows * inputs, 3);
        rounded(weights);
        const auto halves = rounded(src);
        std::vector<float> dst(rows * outputs);
        product->run(0, halves.data(), product->pack(weights), nullptr, dst.data(), rows);
        // Inputs are exact in bf16 and sums are f32: only the order of summation differs.
        QVERIFY(largestDifference(dst, reference::linear(doubles(src), doubles(weights), {}, inputs)) < 1e-3);
    }

    void workersShareAProduct() {
        ComputeContext context(2);
        const int inputs = 64, outputs = 96, rows = 512;
        const auto product = context.matMuls().get({.inputs = inputs, .outputs = outputs});
        const auto weights = randomValues(inputs * outputs, 1), src = randomValues(rows * inputs, 3);
        const PackedWeights packed = product->pack(weights);
        std::vector<float> alone(rows * outputs), shared(rows * outputs);
        product->run(0, src.data(), packed, nullptr, alone.data(), rows);
        context.threads().forEach(rows / 8, [&](int index, int worker) {
            product->run(worker, src.data() + index * 8 * inputs, packed, nullptr,
                         shared.data() + index * 8 * outputs, 8);
        });
        QVERIFY(alone == shared);
    }
};

QTEST_GUILESS_MAIN(MatMulTest)
#include "matmul_test.moc"
