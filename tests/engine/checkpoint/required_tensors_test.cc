// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/core/error.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <fmt/format.h>

#include <cmath>
#include <limits>

using namespace steploom;
using namespace steploom::testing;

namespace {

QByteArray refusalOf(const Checkpoint& checkpoint, const std::vector<ExpectedTensor>& expected,
                     bool (*ignored)(const std::string&) = nullptr) {
    try {
        requireTensors(checkpoint, expected, ignored);
    } catch (const Error& error) {
        const auto& parts = error.parts();
        const bool whole = error.kind() == ErrorKind::Tensors && !parts.what.empty() &&
                           !parts.remedy.empty() && parts.where == checkpoint.folder().string();
        return whole ? QByteArray(error.what()) : QByteArray("a part of the message is missing");
    }
    return "accepted";
}

template <typename Stored>
TensorToWrite tensorOf(std::string name, DType dtype, const std::vector<Stored>& values) {
    return {
        std::move(name), dtype, {static_cast<std::int64_t>(values.size())}, std::as_bytes(std::span(values))};
}

Checkpoint written(const TemporaryFolder& folder, const std::vector<TensorToWrite>& tensors) {
    writeText(folder / "config.json", "{}");
    writeSafetensors(folder / "model.safetensors", tensors);
    return Checkpoint::open(folder.path());
}

} // namespace

class RequiredTensorsTest : public QObject {
    Q_OBJECT

private slots:
    void allFaultsAreListedAtOnce() {
        constexpr float nan = std::numeric_limits<float>::quiet_NaN(),
                        infinity = std::numeric_limits<float>::infinity();
        const std::vector<float> two = {1, 2}, broken = {nan, infinity, -infinity, 1};
        const std::vector<std::int32_t> ids = {1, 2};
        TemporaryFolder folder;
        const Checkpoint checkpoint =
            written(folder, {tensorOf("good", DType::F32, two), tensorOf("short", DType::F32, two),
                             tensorOf("ids", DType::I32, ids), tensorOf("broken", DType::F32, broken),
                             tensorOf("more", DType::F32, two)});
        const QByteArray message = refusalOf(
            checkpoint, {{"good", {2}}, {"short", {3}}, {"ids", {2}}, {"broken", {4}}, {"lost", {7, 8}}});
        for (const char* part :
             {"1 missing: lost [7, 8]", "1 of another shape: short is [2], expected [3]",
              "1 not floating-point: ids is I32", "1 not finite: broken holds 1 NaN and 2 infinite of 4",
              "1 unknown to this architecture: more [2]"})
            QVERIFY2(message.contains(part), message);
        QVERIFY(!message.contains("good"));
    }

    void whatFitsIsAcceptedAndBuffersAreIgnored() {
        const std::vector<float> two = {1, 2};
        TemporaryFolder folder;
        const Checkpoint checkpoint =
            written(folder, {tensorOf("w", DType::F32, two), tensorOf("h.0.attn.bias", DType::F32, two)});
        QVERIFY(refusalOf(checkpoint, {{"w", {2}}}).contains("h.0.attn.bias"));
        QCOMPARE(refusalOf(checkpoint, {{"w", {2}}},
                           [](const std::string& name) { return name.ends_with("attn.bias"); }),
                 QByteArray("accepted"));
    }

    void notFiniteNumbersAreFoundInEveryType() {
        const std::vector<double> f64 = {1, std::nan(""), -HUGE_VAL};
        const std::vector<float> f32 = {-std::nanf(""), HUGE_VALF, std::numeric_limits<float>::max()};
        const std::vector<std::uint16_t> f16 = {0x7C00, 0xFE00, 0x7BFF}; // infinity, NaN, 65504
        const std::vector<std::uint16_t> bf16 = {0xFF80, 0x7FC0, 0x7F7F};
        TemporaryFolder folder;
        const Checkpoint checkpoint =
            written(folder, {tensorOf("a", DType::F64, f64), tensorOf("b", DType::F32, f32),
                             tensorOf("c", DType::F16, f16), tensorOf("d", DType::BF16, bf16)});
        const QByteArray message = refusalOf(checkpoint, {{"a", {3}}, {"b", {3}}, {"c", {3}}, {"d", {3}}});
        for (const char* name : {"a", "b", "c", "d"})
            QVERIFY2(message.contains(QByteArray(name) + " holds 1 NaN and 1 infinite of 3"), message);
        QVERIFY2(message.contains("take an earlier checkpoint"), message);
    }

    void longListsAreCutWithACount() {
        TemporaryFolder folder;
        const Checkpoint checkpoint = written(folder, {});
        std::vector<ExpectedTensor> expected;
        for (int i = 0; i < 50; ++i)
            expected.push_back({fmt::format("tensor{:02}", i), {1}});
        const QByteArray message = refusalOf(checkpoint, expected);
        QVERIFY2(message.contains("50 missing: tensor00 [1]"), message);
        QVERIFY2(message.contains("tensor39 [1] and 10 more"), message);
        QVERIFY2(!message.contains("tensor40"), message);
    }
};

QTEST_GUILESS_MAIN(RequiredTensorsTest)
#include "required_tensors_test.moc"
