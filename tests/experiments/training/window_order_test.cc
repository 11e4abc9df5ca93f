// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/window_order.h"

#include "tests/testing/errors.h"

#include <QtTest>

#include <algorithm>
#include <set>
#include <vector>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::vector<std::size_t> firstsOf(const WindowOrder& order, std::uint64_t epoch) {
    std::vector<std::size_t> firsts;
    for (std::uint64_t i = 0; i < order.perEpoch(); ++i)
        firsts.push_back(order.at(epoch * order.perEpoch() + i).first);
    return firsts;
}

} // namespace

class WindowOrderTest : public QObject {
    Q_OBJECT

private slots:
    void anEpochVisitsEveryWindowOnce_data() {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<int>("length");
        QTest::newRow("one window") << 8 << 8;
        QTest::newRow("one, that can move") << 12 << 8;
        QTest::newRow("two") << 23 << 8;
        QTest::newRow("single tokens") << 100 << 1;
        QTest::newRow("many") << 12'345 << 7;
        QTest::newRow("power of two") << 1024 * 4 + 3 << 4;
        QTest::newRow("one more") << 1025 * 4 + 3 << 4;
    }
    void anEpochVisitsEveryWindowOnce() {
        QFETCH(int, tokens);
        QFETCH(int, length);
        const WindowOrder order(static_cast<std::size_t>(tokens), length, 5);
        const auto step = static_cast<std::size_t>(length);
        for (const std::uint64_t epoch : {0, 1, 7}) {
            std::vector<std::size_t> firsts = firstsOf(order, epoch);
            std::sort(firsts.begin(), firsts.end());
            for (std::size_t i = 1; i < firsts.size(); ++i)
                QCOMPARE(firsts[i], firsts[i - 1] + step);
            QVERIFY(firsts.back() + step <= static_cast<std::size_t>(tokens));
            // What an epoch leaves out is less than two windows.
            QVERIFY(static_cast<std::size_t>(tokens) - firsts.size() * step < 2 * step);
        }
    }

    void epochsDifferInOrderAndOffset() {
        const WindowOrder order(10'000, 64, 1);
        std::set<std::size_t> offsets;
        std::set<std::vector<std::size_t>> orders;
        for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
            std::vector<std::size_t> firsts = firstsOf(order, epoch);
            const std::size_t offset = *std::min_element(firsts.begin(), firsts.end());
            offsets.insert(offset % 64);
            for (std::size_t& first : firsts)
                first -= offset;
            orders.insert(firsts);
        }
        QVERIFY(offsets.size() > 10);
        QCOMPARE(orders.size(), std::size_t{20});
    }

    void everyTokenIsSeenSoonerOrLater() {
        const WindowOrder order(29, 10, 3);
        std::set<std::size_t> seen;
        for (std::uint64_t index = 0; index < 200 * order.perEpoch(); ++index)
            for (std::size_t i = 0; i < 10; ++i)
                seen.insert(order.at(index).first + i);
        QCOMPARE(seen.size(), std::size_t{29});
    }

    void anEpochIsShuffled() {
        // In a shuffled list of n about half of the neighbours descend, and few stay where they were.
        const WindowOrder order(8'000, 8, 11);
        const std::vector<std::size_t> firsts = firstsOf(order, 0);
        const std::size_t offset = *std::min_element(firsts.begin(), firsts.end());
        std::size_t descents = 0, fixed = 0;
        for (std::size_t i = 0; i < firsts.size(); ++i) {
            descents += i > 0 && firsts[i] < firsts[i - 1];
            fixed += (firsts[i] - offset) / 8 == i;
        }
        QVERIFY2(descents > 450 && descents < 550, qPrintable(QString::number(descents)));
        QVERIFY2(fixed < 10, qPrintable(QString::number(fixed)));
    }

    void aWindowDependsOnSeedAndIndexAlone() {
        const WindowOrder order(5'000, 16, 42), same(5'000, 16, 42), other(5'000, 16, 43);
        std::vector<Window> forwards, others;
        for (std::uint64_t index = 0; index < 1'000; ++index) {
            forwards.push_back(order.at(index));
            others.push_back(other.at(index));
        }
        for (std::uint64_t index = 1'000; index-- > 0;)
            QVERIFY(same.at(index) == forwards[index]);
        QVERIFY(forwards != others);
    }

    void theOrderIsTheOneItAlwaysWas() {
        // A resumed run must go on in the order that an older version began.
        const WindowOrder order(1'000, 10, 7);
        std::vector<std::size_t> firsts;
        for (const std::uint64_t index : {0ull, 1ull, 2ull, 99ull, 1'000'000'000'000ull})
            firsts.push_back(order.at(index).first);
        QCOMPARE(firsts, (std::vector<std::size_t>{370, 980, 460, 720, 102}));
    }

    void aStreamShorterThanAWindowIsRefused() {
        expectError([] { WindowOrder(127, 128, 1); }, ErrorKind::Text, {"127 tokens", "128"});
        expectError([] { WindowOrder(0, 1, 1); }, ErrorKind::Text, {"0 tokens"});
    }
};

QTEST_GUILESS_MAIN(WindowOrderTest)
#include "window_order_test.moc"
