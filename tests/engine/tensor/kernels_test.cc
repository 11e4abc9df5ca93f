// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/kernels.h"
#include "engine/tensor/reference.h"

#include <QTest>

#include <cmath>
#include <numeric>
#include <random>

using namespace steploom;
using reference::Values;

namespace {

std::vector<float> randomValues(std::size_t count, unsigned seed, float scale = 1.0f) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, scale);
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

Values doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

bool close(std::span<const float> found, const Values& expected, double tolerance) {
    if (found.size() != expected.size())
        return false;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (!(std::abs(found[i] - expected[i]) <= tolerance * std::max(1.0, std::abs(expected[i]))))
            return false;
    return true;
}

std::vector<float> widened(const std::vector<bf16_t>& values) {
    std::vector<float> result;
    for (const bf16_t value : values)
        result.push_back(fromBf16(value));
    return result;
}

double activated(Activation activation, double x) {
    switch (activation) {
    case Activation::GeluTanh:
        return reference::geluTanh(x);
    case Activation::GeluErf:
        return reference::geluErf(x);
    case Activation::Silu:
        return reference::silu(x);
    case Activation::None:
        break;
    }
    return x;
}

constexpr double kBf16Rounding = 0x1p-8; ///< half a unit in the last of 8 bits, with room for ties

} // namespace

/// Every test runs for every vector width this processor has.
class KernelsTest : public QObject {
    Q_OBJECT

    static void addVariants() {
        QTest::addColumn<const Kernels*>("kernels");
        KernelVariant variants[3];
        const int count = kernelVariants(variants);
        for (int i = 0; i < count; ++i)
            QTest::addRow("%d bits", variants[i].vectorBits) << variants[i].kernels;
    }

private slots:
    void layerNormEqualsTheReference_data() { addVariants(); }
    void layerNormEqualsTheReference() {
        QFETCH(const Kernels*, kernels);
        for (const int width : {1, 7, 96, 192, 771}) {
            const auto x = randomValues(static_cast<std::size_t>(3 * width), 1, 5.0f),
                       weight = randomValues(static_cast<std::size_t>(width), 2),
                       bias = randomValues(static_cast<std::size_t>(width), 3);
            std::vector<float> out(x.size());
            kernels->layerNorm(x.data(), 3, width, weight.data(), bias.data(), 1e-5f, out.data(),
                               Precision::F32);
            QVERIFY(close(out, reference::layerNorm(doubles(x), doubles(weight), doubles(bias), 1e-5), 1e-5));
            std::vector<bf16_t> half(x.size());
            kernels->layerNorm(x.data(), 3, width, weight.data(), nullptr, 1e-5f, half.data(),
                               Precision::BF16);
            QVERIFY(close(widened(half), reference::layerNorm(doubles(x), doubles(weight), {}, 1e-5),
                          kBf16Rounding));
        }
    }

    void rmsNormEqualsTheReference_data() { addVariants(); }
    void rmsNormEqualsTheReference() {
        QFETCH(const Kernels*, kernels);
        const auto x = randomValues(4 * 100, 1, 3.0f), weight = randomValues(100, 2);
        std::vector<float> out(x.size());
        kernels->rmsNorm(x.data(), 4, 100, weight.data(), 1e-6f, out.data(), Precision::F32);
        QVERIFY(close(out, reference::rmsNorm(doubles(x), doubles(weight), 1e-6), 1e-5));
    }

    void rotationEqualsTheReference_data() { addVariants(); }
    void rotationEqualsTheReference() {
        QFETCH(const Kernels*, kernels);
        const int size = 24, rows = 5, stride = 70;
        const auto x = randomValues(rows * stride, 1);
        std::vector<int> positions{0, 1, 2, 3, 4};
        std::vector<float> cosine, sine, out(rows * size);
        Values dense;
        for (int row = 0; row < rows; ++row) {
            for (int i = 0; i < size / 2; ++i) {
                const double angle = row * std::pow(10000.0, -2.0 * i / size);
                cosine.push_back(static_cast<float>(std::cos(angle)));
                sine.push_back(static_cast<float>(std::sin(angle)));
            }
            dense.insert(dense.end(), x.begin() + row * stride, x.begin() + row * stride + size);
        }
        kernels->rotate(x.data(), rows, stride, size, cosine.data(), sine.data(), out.data(), Precision::F32);
        QVERIFY(close(out, reference::rotary(dense, positions, 10000.0), 1e-6));
        kernels->rotate(x.data(), rows, stride, size, nullptr, nullptr, out.data(), Precision::F32);
        QVERIFY(close(out, dense, 0));
    }

    void softmaxEqualsTheReferenceAndZeroesWhatIsNotSeen_data() { addVariants(); }
    void softmaxEqualsTheReferenceAndZeroesWhatIsNotSeen() {
        QFETCH(const Kernels*, kernels);
        const int columns = 37, rows = 3;
        const auto scores = randomValues(rows * columns, 1, 20.0f);
        const int valid[rows] = {1, 20, 37};
        std::vector<float> out(scores.size()), sums(rows);
        kernels->softmax(scores.data(), rows, columns, columns, valid, 0.5f, out.data(), sums.data(),
                         Precision::F32);
        for (int row = 0; row < rows; ++row) {
            Values seen(scores.begin() + row * columns, scores.begin() + row * columns + valid[row]);
            for (double& score : seen)
                score *= 0.5;
            const Values expected = reference::softmax(seen);
            for (int column = 0; column < columns; ++column) {
                const double found = out[static_cast<std::size_t>(row * columns + column)] /
                                     sums[static_cast<std::size_t>(row)];
                QVERIFY(std::abs(found - (column < valid[row] ? expected[static_cast<std::size_t>(column)]
                                                              : 0.0)) < 1e-6);
            }
        }
    }

    void swiGluEqualsTheReference_data() { addVariants(); }
    void swiGluEqualsTheReference() {
        QFETCH(const Kernels*, kernels);
        const int hidden = 45;
        const auto x = randomValues(2 * 2 * hidden, 1, 8.0f);
        std::vector<float> out(2 * hidden);
        Values expected;
        for (int row = 0; row < 2; ++row)
            for (int i = 0; i < hidden; ++i)
                expected.push_back(reference::silu(x[static_cast<std::size_t>(row * 2 * hidden + i)]) *
                                   x[static_cast<std::size_t>(row * 2 * hidden + hidden + i)]);
        kernels->swiGlu(x.data(), 2, hidden, out.data(), Precision::F32);
        QVERIFY(close(out, expected, 1e-6));
    }

    void logSumExpKeepsItsDigitsOverAVocabulary_data() { addVariants(); }
    void logSumExpKeepsItsDigitsOverAVocabulary() {
        QFETCH(const Kernels*, kernels);
        for (const int n : {1, 3, 4097, 50257}) {
            const auto x = randomValues(static_cast<std::size_t>(n), 1, 4.0f);
            double largest = *std::max_element(x.begin(), x.end()), sum = 0;
            for (const float value : x)
                sum += std::exp(value - largest);
            QVERIFY(std::abs(kernels->logSumExp(x.data(), n) - (largest + std::log(sum))) <
                    2e-6 * std::max(1.0, largest));
        }
    }

    void attendOneEqualsTheReference_data() { addVariants(); }
    void attendOneEqualsTheReference() {
        QFETCH(const Kernels*, kernels);
        const int keys = 19, size = 12;
        const auto q = randomValues(size, 1), k = randomValues(keys * size, 2),
                   v = randomValues(keys * size, 3);
        std::vector<float> scores(keys), out(size);
        kernels->attendOne(q.data(), k.data(), v.data(), keys, size, 1.0f / std::sqrt(12.0f), scores.data(),
                           out.data());
        QVERIFY(close(out, reference::attention(doubles(q), doubles(k), doubles(v), size, true), 1e-5));
    }

    void gatesScaleEachColumn_data() { addVariants(); }
    void gatesScaleEachColumn() {
        QFETCH(const Kernels*, kernels);
        auto x = randomValues(3 * 33, 1);
        const auto y = randomValues(3 * 33, 2), gate = randomValues(33, 3);
        Values expected = doubles(x);
        for (std::size_t i = 0; i < expected.size(); ++i)
            expected[i] += double{gate[i % 33]} * y[i];
        kernels->addGated(x.data(), y.data(), gate.data(), 3, 33);
        QVERIFY(close(x, expected, 1e-6));
    }

    void conversionRoundsToNearestEven_data() { addVariants(); }
    void conversionRoundsToNearestEven() {
        QFETCH(const Kernels*, kernels);
        auto x = randomValues(1000, 1, 100.0f);
        x.insert(x.end(), {1.00390625f, 1.01171875f, -1.00390625f, 0.0f, 3.3e38f});
        std::vector<bf16_t> out(x.size());
        kernels->activate(x.data(), 1, static_cast<int>(x.size()), Activation::None, out.data(), 0,
                          Precision::BF16);
        for (std::size_t i = 0; i < x.size(); ++i)
            QCOMPARE(out[i], toBf16(x[i]));
    }

    void activationsEqualTheirFormulas_data() { addVariants(); }
    void activationsEqualTheirFormulas() {
        QFETCH(const Kernels*, kernels);
        const int rows = 3, columns = 201, stride = 250;
        auto x = randomValues(rows * columns, 1, 6.0f);
        const float special[] = {0.0f, 30.0f, -30.0f, 200.0f, -200.0f, 1e-20f, -1e-20f};
        std::copy(std::begin(special), std::end(special), x.begin());
        for (const Activation activation : {Activation::GeluTanh, Activation::GeluErf, Activation::Silu}) {
            std::vector<float> single(rows * stride, 7.0f);
            std::vector<bf16_t> half(rows * stride, bf16_t{7});
            kernels->activate(x.data(), rows, columns, activation, single.data(), stride, Precision::F32);
            kernels->activate(x.data(), rows, columns, activation, half.data(), stride, Precision::BF16);
            for (std::size_t row = 0; row < rows; ++row)
                for (std::size_t i = 0; i < stride; ++i) {
                    const std::size_t at = row * stride + i;
                    if (i >= columns) {
                        QCOMPARE(single[at], 7.0f);
                        QCOMPARE(half[at], bf16_t{7});
                        continue;
                    }
                    const double input = double{x[row * columns + i]},
                                 expected = activated(activation, input);
                    QVERIFY(std::abs(single[at] - expected) < 1e-6 * std::max(1.0, std::abs(expected)));
                    // Far in the tail a value is small beside what it is added to: an absolute bound.
                    QVERIFY(std::abs(fromBf16(half[at]) - expected) <=
                            kBf16Rounding * std::max(1e-2, std::abs(expected)));
                }
        }
    }

    void quantisedRowsLieWithinHalfAStep_data() { addVariants(); }
    void quantisedRowsLieWithinHalfAStep() {
        QFETCH(const Kernels*, kernels);
        const int rows = 5, width = 203;
        auto x = randomValues(rows * width, 1, 3.0f);
        std::fill_n(x.begin() + 2 * width, width, 0.0f); // nothing to measure a step by
        for (int i = 0; i < width; ++i)
            x[static_cast<std::size_t>(3 * width + i)] = 5.0f + static_cast<float>(i) * 0.01f; // all positive
        std::vector<std::uint8_t> out(x.size());
        std::vector<float> scale(rows), offset(rows);
        kernels->quantizeRows(x.data(), rows, width, Precision::F32, out.data(), scale.data(), offset.data());
        for (int row = 0; row < rows; ++row)
            for (int i = 0; i < width; ++i) {
                const auto at = static_cast<std::size_t>(row * width + i), r = static_cast<std::size_t>(row);
                const float back = scale[r] * static_cast<float>(out[at]) + offset[r];
                QVERIFY(std::abs(back - x[at]) <= 0.5001f * scale[r] + 1e-6f);
            }
        QCOMPARE(scale[2], 0.0f);
        std::vector<bf16_t> half;
        for (float& value : x) {
            half.push_back(toBf16(value));
            value = fromBf16(half.back());
        }
        std::vector<std::uint8_t> again(x.size());
        kernels->quantizeRows(x.data(), rows, width, Precision::F32, out.data(), scale.data(), offset.data());
        kernels->quantizeRows(half.data(), rows, width, Precision::BF16, again.data(), scale.data(),
                              offset.data());
        QVERIFY(out == again);
    }

    void dequantisedSumsEqualTheFormula_data() { addVariants(); }
    void dequantisedSumsEqualTheFormula() {
        QFETCH(const Kernels*, kernels);
        const int rows = 3, columns = 45, stride = 60;
        std::vector<std::int32_t> sums(rows * columns);
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] = static_cast<std::int32_t>(i * 7919 % 4001) - 2000;
        const auto rowScale = randomValues(rows, 1), rowOffset = randomValues(rows, 2),
                   columnScale = randomValues(columns, 3, 1e-3f), columnOffset = randomValues(columns, 4),
                   bias = randomValues(columns, 5), start = randomValues(rows * stride, 6);
        for (const Activation activation :
             {Activation::None, Activation::GeluTanh, Activation::GeluErf, Activation::Silu})
            for (const bool accumulate : {false, true}) {
                if (accumulate && activation != Activation::None)
                    continue;
                std::vector<float> dst = start;
                Dequantization product{.sums = sums.data(),
                                       .rows = rows,
                                       .columns = columns,
                                       .rowScale = rowScale.data(),
                                       .rowOffset = rowOffset.data(),
                                       .columnScale = columnScale.data(),
                                       .columnOffset = columnOffset.data(),
                                       .bias = bias.data(),
                                       .activation = activation,
                                       .accumulate = accumulate,
                                       .dst = dst.data(),
                                       .dstStride = stride};
                kernels->dequantize(product);
                std::vector<bf16_t> half(dst.size());
                product.dst = half.data();
                product.result = Precision::BF16;
                product.accumulate = false;
                kernels->dequantize(product);
                for (std::size_t row = 0; row < rows; ++row)
                    for (std::size_t i = 0; i < stride; ++i) {
                        const std::size_t at = row * stride + i;
                        if (i >= columns) {
                            QCOMPARE(dst[at], start[at]);
                            continue;
                        }
                        double expected = double{rowScale[row]} * columnScale[i] * sums[row * columns + i] +
                                          double{rowOffset[row]} * columnOffset[i] + bias[i];
                        expected = activated(activation, expected);
                        QVERIFY(std::abs(fromBf16(half[at]) - expected) <=
                                kBf16Rounding * std::max(1e-3, std::abs(expected)));
                        if (accumulate)
                            expected += start[at];
                        QVERIFY(std::abs(dst[at] - expected) < 2e-6 * std::max(1.0, std::abs(expected)));
                    }
            }
    }
};

QTEST_GUILESS_MAIN(KernelsTest)
#include "kernels_test.moc"
