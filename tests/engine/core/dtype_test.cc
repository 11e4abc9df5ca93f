// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/tensor/dtype.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace steploom;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <typename Stored>
std::vector<float> floatsOf(DType dtype, std::vector<Stored> values) {
    // One byte in front: mapped files promise no alignment.
    std::vector<std::byte> bytes(1 + values.size() * sizeof(Stored));
    std::memcpy(bytes.data() + 1, values.data(), values.size() * sizeof(Stored));
    return TensorView{dtype, {static_cast<std::int64_t>(values.size())}, std::span(bytes).subspan(1)}
        .toFloats();
}

} // namespace

class DtypeTest : public QObject {
    Q_OBJECT

private slots:
    void everyHalfIsTheNumberThatItsBitsSay() {
        for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
            const int exponent = static_cast<int>(bits >> 10 & 0x1F),
                      fraction = static_cast<int>(bits & 0x3FF);
            const float value = fromF16(static_cast<std::uint16_t>(bits));
            QCOMPARE(std::signbit(value), bits >= 0x8000);
            if (exponent == 31)
                QVERIFY(fraction ? std::isnan(value) : std::isinf(value));
            else // IEEE 754, 3.4
                QCOMPARE(std::fabs(value), exponent ? std::ldexp(1024.0f + float(fraction), exponent - 25)
                                                    : std::ldexp(float(fraction), -24));
        }
    }

    void bf16RoundsToNearestWithTiesToEven() {
        QCOMPARE(fromBf16(toBf16(1.0f)), 1.0f);
        QCOMPARE(fromBf16(toBf16(1.0f + 0x1p-8f)), 1.0f);           // a tie: down to the even one
        QCOMPARE(fromBf16(toBf16(1.0f + 0x3p-8f)), 1.0f + 0x1p-6f); // a tie: up to the even one
        QCOMPARE(fromBf16(toBf16(1.0f + 0x1.01p-8f)), 1.0f + 0x1p-7f);
        QCOMPARE(fromBf16(toBf16(-1.0f - 0x1.01p-8f)), -1.0f - 0x1p-7f);
        QCOMPARE(fromBf16(toBf16(std::numeric_limits<float>::max())), kInfinity);
        QCOMPARE(fromBf16(toBf16(-kInfinity)), -kInfinity);
        QVERIFY(std::isnan(fromBf16(toBf16(std::numeric_limits<float>::quiet_NaN()))));
        QVERIFY(std::isnan(fromBf16(toBf16(std::bit_cast<float>(0x7F800001u))))); // its NaN bits are all low
    }

    void bf16SurvivesTheWayThroughFloat() {
        for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
            const auto stored = static_cast<bf16_t>(bits);
            const float value = fromBf16(stored);
            if (!std::isnan(value))
                QCOMPARE(toBf16(value), stored);
        }
    }

    void everyStoredTypeIsReadAsFloats() {
        QCOMPARE(floatsOf<double>(DType::F64, {1.5, -2}), (std::vector<float>{1.5f, -2}));
        QCOMPARE(floatsOf<float>(DType::F32, {1.5f, -2}), (std::vector<float>{1.5f, -2}));
        QCOMPARE(floatsOf<std::uint16_t>(DType::F16, {0x3E00, 0xC000}), (std::vector<float>{1.5f, -2}));
        QCOMPARE(floatsOf<std::uint16_t>(DType::BF16, {0x3FC0, 0xC000}), (std::vector<float>{1.5f, -2}));
        QCOMPARE(floatsOf<std::int64_t>(DType::I64, {1, -2}), (std::vector<float>{1, -2}));
        QCOMPARE(floatsOf<std::int32_t>(DType::I32, {1, -2}), (std::vector<float>{1, -2}));
        QCOMPARE(floatsOf<std::int16_t>(DType::I16, {1, -2}), (std::vector<float>{1, -2}));
        QCOMPARE(floatsOf<std::int8_t>(DType::I8, {1, -2}), (std::vector<float>{1, -2}));
        QCOMPARE(floatsOf<std::uint8_t>(DType::U8, {1, 254}), (std::vector<float>{1, 254}));
        QCOMPARE(floatsOf<std::uint8_t>(DType::Bool, {0, 1}), (std::vector<float>{0, 1}));
    }

    void shapesAreCountedAndWritten() {
        const std::vector<std::int64_t> shape = {4096, 192};
        QCOMPARE(elementCount(shape), std::size_t{4096 * 192});
        QCOMPARE(elementCount({}), std::size_t{1});
        QCOMPARE(shapeText(shape), std::string("[4096, 192]"));
        QCOMPARE(shapeText({}), std::string("[]"));
    }

    void precisionsAreReadInAnyCase() {
        QCOMPARE(parsePrecision("BF16"), Precision::BF16);
        QCOMPARE(parsePrecision("float32"), Precision::F32);
        QCOMPARE(precisionName(parsePrecision("bfloat16")), std::string_view("bf16"));
        QVERIFY_EXCEPTION_THROWN(parsePrecision("f8"), Error);
    }
};

QTEST_GUILESS_MAIN(DtypeTest)
#include "dtype_test.moc"
