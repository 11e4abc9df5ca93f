// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/attention.h"

#include "engine/tensor/compute_context.h"
#include "engine/tensor/reference.h"

#include <QTest>

#include <cmath>
#include <numeric>
#include <random>

using namespace steploom;
using reference::Values;

class AttentionTest : public QObject {
    Q_OBJECT

private slots:
    void equalsTheReferenceHeadByHead_data() {
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("keyValueHeads");
        QTest::addColumn<int>("length");
        QTest::addColumn<bool>("causal");
        QTest::addColumn<bool>("rotary");
        QTest::newRow("one tile") << 2 << 2 << 16 << false << true;
        QTest::newRow("odd length") << 3 << 3 << 33 << false << true;
        QTest::newRow("several query tiles") << 1 << 1 << 300 << false << true;
        QTest::newRow("causal") << 2 << 2 << 40 << true << true;
        QTest::newRow("causal, several tiles") << 2 << 2 << 261 << true << false;
        QTest::newRow("grouped queries") << 6 << 2 << 37 << true << true;
    }
    void equalsTheReferenceHeadByHead() {
        QFETCH(int, heads);
        QFETCH(int, keyValueHeads);
        QFETCH(int, length);
        QFETCH(bool, causal);
        QFETCH(bool, rotary);
        const int size = 16, samples = 2;
        const AttentionShape shape{
            .heads = heads, .keyValueHeads = keyValueHeads, .headSize = size, .causal = causal};
        const int fused = shape.fusedWidth(), rows = samples * length;
        std::mt19937 random(7);
        std::normal_distribution<float> normal;
        std::vector<float> qkv(static_cast<std::size_t>(rows * fused));
        for (float& value : qkv)
            value = normal(random);

        ComputeContext context(2);
        Attention attention(shape, context);
        RotaryTable table(size, 10000.0);
        table.reserve(length);
        attention.reserve(samples, length);
        // Filed in uneven pieces that straddle the samples, as tiles do.
        for (int first = 0; first < rows; first += 23)
            attention.fileKeysValues(qkv.data() + static_cast<std::ptrdiff_t>(first) * fused + shape.width(),
                                     fused, first, std::min(23, rows - first), length,
                                     rotary ? &table : nullptr);
        const auto attend = [&](const std::vector<std::int32_t>& wanted) {
            std::vector<float> queries; // [wanted, width]
            for (const std::int32_t row : wanted)
                queries.insert(queries.end(), qkv.begin() + row * fused,
                               qkv.begin() + row * fused + shape.width());
            const int count = static_cast<int>(wanted.size());
            for (int first = 0; first < count; first += 23)
                attention.fileQueries(queries.data() + static_cast<std::ptrdiff_t>(first) * shape.width(),
                                      shape.width(), wanted, first, std::min(23, count - first), length,
                                      rotary ? &table : nullptr);
            std::vector<float> found(wanted.size() * static_cast<std::size_t>(shape.width()));
            attention.attend(wanted, length, found.data());
            return found;
        };
        std::vector<std::int32_t> all(static_cast<std::size_t>(rows));
        std::iota(all.begin(), all.end(), 0);
        const std::vector<float> out = attend(all);

        // Some rows only, of both samples, alone and in stretches: the same numbers bit for bit.
        std::vector<std::int32_t> some{0};
        for (int row = 3; row < rows; row += row % 5 == 0 ? 1 : 2)
            some.push_back(row);
        const std::vector<float> attended = attend(some);
        const auto width = static_cast<std::size_t>(shape.width());
        for (std::size_t i = 0; i < some.size(); ++i)
            QVERIFY(std::equal(attended.begin() + static_cast<std::ptrdiff_t>(i * width),
                               attended.begin() + static_cast<std::ptrdiff_t>((i + 1) * width),
                               out.begin() + some[i] * static_cast<std::ptrdiff_t>(width)));

        std::vector<int> positions(static_cast<std::size_t>(length));
        std::iota(positions.begin(), positions.end(), 0);
        for (int sample = 0; sample < samples; ++sample) {
            const auto column = [&](int first, bool rotated) {
                Values values;
                for (int row = sample * length; row < (sample + 1) * length; ++row)
                    for (int i = 0; i < size; ++i)
                        values.push_back(qkv[static_cast<std::size_t>(row * fused + first + i)]);
                return rotated && rotary ? reference::rotary(values, positions, 10000.0) : values;
            };
            for (int head = 0; head < heads; ++head) {
                const int shared = head * keyValueHeads / heads;
                const Values expected = reference::attention(
                    column(head * size, true), column((heads + shared) * size, true),
                    column((heads + keyValueHeads + shared) * size, false), size, causal);
                for (int row = 0; row < length; ++row)
                    for (int i = 0; i < size; ++i) {
                        const float found = out[static_cast<std::size_t>(
                            (sample * length + row) * shape.width() + head * size + i)];
                        QVERIFY(std::abs(found - expected[static_cast<std::size_t>(row * size + i)]) < 1e-5);
                    }
            }
        }
    }
};

QTEST_GUILESS_MAIN(AttentionTest)
#include "attention_test.moc"
