// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/welch.h"

#include <QtTest>

#include <array>
#include <cmath>

using namespace steploom;

class TestWelch : public QObject {
    Q_OBJECT

private slots:
    void independentSidesHaveWelchsInterval() {
        const std::array first{20.0, 22.0, 19.0, 24.0};
        const std::array second{28.0, 26.0, 33.0};
        const Estimate difference = unpairedDifference(first, second);
        QVERIFY(std::abs(difference.value + 7.75) < 1e-12);
        QCOMPARE(difference.n, 7);
        const double error = std::sqrt(59.0 / 12 / 4 + 13.0 / 3);
        const double p = unpairedPValue(first, second);
        // The interval at level 1 − p just touches 0.
        QVERIFY(std::abs(unpairedDifference(first, second, 1 - p).high) < 1e-9);
        QVERIFY(difference.margin() / error > 2.77644510520 && difference.margin() / error < 4.30265272991);
        QVERIFY(difference.high < 0 && p < 0.05 && p > 0.01);
    }

    void sidesOfOneValueSayNothingOfTheSpread() {
        const std::array one{1.0};
        const std::array two{2.0, 3.0};
        QVERIFY(std::isinf(unpairedDifference(one, two).low));
        QVERIFY(std::isnan(unpairedPValue(one, two)));
        QVERIFY(std::isnan(unpairedDifference({}, two).value));
        const std::array same{2.0, 2.0};
        QCOMPARE(unpairedDifference(same, same).margin(), 0.0);
        QCOMPARE(unpairedPValue(same, same), 1.0);
    }
};

QTEST_APPLESS_MAIN(TestWelch)
#include "test_welch.moc"
