// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"

#include <QtTest>

#include <Random123/philox.h>

#include <array>
#include <cmath>
#include <set>

using namespace steploom;

class RandomTest : public QObject {
    Q_OBJECT

private slots:
    void philoxGivesTheKnownAnswers() { // Random123's kat_vectors, philox4x32 with 10 rounds
        const r123::Philox4x32 philox;
        const auto zeros = philox({{0, 0, 0, 0}}, {{0, 0}});
        QCOMPARE(zeros[0], 0x6627e8d5u);
        QCOMPARE(zeros[1], 0xe169c58du);
        const auto digitsOfPi =
            philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, {{0xa4093822, 0x299f31d0}});
        QCOMPARE(digitsOfPi[0], 0xd16cfe09u);
        QCOMPARE(digitsOfPi[3], 0x24126ea1u);
    }

    void aNumberIsAFunctionOfWhatItIsFor() {
        const CounterRandom random(42);
        const double number = random.uniform(Purpose::Token, 3, 17, 5);
        random.uniform(Purpose::Token, 0, 0, 0);
        QCOMPARE(random.uniform(Purpose::Token, 3, 17, 5), number);
        QCOMPARE(CounterRandom(42).uniform(Purpose::Token, 3, 17, 5), number);
        const std::set<double> all = {number,
                                      random.uniform(Purpose::RevealStep, 3, 17, 5),
                                      random.uniform(Purpose::Token, 4, 17, 5),
                                      random.uniform(Purpose::Token, 3, 18, 5),
                                      random.uniform(Purpose::Token, 3, 17, 6),
                                      CounterRandom(43).uniform(Purpose::Token, 3, 17, 5),
                                      CounterRandom(42 + (1ull << 32)).uniform(Purpose::Token, 3, 17, 5)};
        QCOMPARE(all.size(), std::size_t{7});
    }

    void numbersAreUniformOnTheOpenInterval() {
        const CounterRandom random(1);
        constexpr int kCount = 100'000, kBins = 20;
        std::array<int, kBins> bins{};
        for (std::uint32_t i = 0; i < kCount; ++i) {
            const double number = random.uniform(Purpose::Bootstrap, i % 7, i, i / 7);
            QVERIFY(number > 0.0 && number < 1.0);
            ++bins[static_cast<std::size_t>(number * kBins)];
        }
        double chiSquare = 0;
        for (const int count : bins)
            chiSquare += std::pow(count - double(kCount) / kBins, 2) / (double(kCount) / kBins);
        QVERIFY2(chiSquare < 43.8, qPrintable(QString::number(chiSquare))); // 19 degrees of freedom, 0.1%
    }
};

QTEST_GUILESS_MAIN(RandomTest)
#include "random_test.moc"
