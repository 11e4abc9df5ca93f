// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/seed_list.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <limits>

using namespace steploom;
using namespace steploom::testing;

class TestSeedList : public QObject {
    Q_OBJECT

private slots:
    void rangesAndSingleSeedsKeepTheirOrderAndComeOnce() {
        using Seeds = std::vector<std::uint64_t>;
        QCOMPARE(parseSeeds("1-8"), (Seeds{1, 2, 3, 4, 5, 6, 7, 8}));
        QCOMPARE(parseSeeds(" 9, 5 ,1 "), (Seeds{9, 5, 1}));
        QCOMPARE(parseSeeds("3 - 5, 4, 0"), (Seeds{3, 4, 5, 0}));
        QCOMPARE(parseSeeds("18446744073709551615"), (Seeds{std::numeric_limits<std::uint64_t>::max()}));
        QCOMPARE(parseSeeds("18446744073709551614-18446744073709551615").size(), std::size_t{2});
        QCOMPARE(parseSeeds("1-1000").size(), kMostSeeds);
    }

    void whatIsNoSeedIsNamed_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("word");
        QTest::newRow("nothing") << " "
                                 << "none";
        QTest::newRow("word") << "1, two"
                              << "\"two\"";
        QTest::newRow("negative") << "-3"
                                  << "\"-3\"";
        QTest::newRow("gap") << "1,,2"
                             << "\"\"";
        QTest::newRow("last comma") << "1,"
                                    << "\"\"";
        QTest::newRow("open range") << "4-"
                                    << "\"\"";
        QTest::newRow("backwards") << "8-1"
                                   << "before it begins";
        QTest::newRow("too large") << "18446744073709551616"
                                   << "18446744073709551615";
        QTest::newRow("too many") << "0-18446744073709551615"
                                  << "more than 1000";
        QTest::newRow("together too many") << "1-600, 1001-1600"
                                           << "more than 1000";
        QTest::newRow("fraction") << "1.5"
                                  << "\"1.5\"";
    }
    void whatIsNoSeedIsNamed() {
        QFETCH(QString, text);
        QFETCH(QString, word);
        const std::string expected = word.toStdString();
        expectError([&] { parseSeeds(text.toStdString()); }, ErrorKind::Request, {expected.c_str()});
    }
};

QTEST_GUILESS_MAIN(TestSeedList)
#include "test_seed_list.moc"
