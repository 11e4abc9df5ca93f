// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/step_schedule.h"

#include "tests/engine/schedule/random_schedule.h"
#include "tests/testing/errors.h"

using namespace steploom;
using steploom::testing::expectError;
using steploom::testing::randomSchedule;

class TestNotation : public QObject {
    Q_OBJECT
private slots:
    void printsAsThePaperDoes() {
        const StepSchedule schedule = StepSchedule::all('H', 1000).filled(0, 125, 'L').filled(875, 1000, 'L');
        QCOMPARE(printSchedule(schedule), std::string("(L125,H750,L125)"));
        QCOMPARE(printSchedule(StepSchedule::all('H', 1)), std::string("(H1)"));
    }

    void printingThenParsingIsTheIdentity() {
        std::mt19937 random(1);
        for (int i = 0; i < 2000; ++i) {
            const StepSchedule schedule = randomSchedule(random);
            QVERIFY(parseSchedule(printSchedule(schedule)) == schedule);
            QVERIFY(parseSchedule(printSchedule(schedule), schedule.steps()) == schedule);
        }
        const StepSchedule longest = StepSchedule::all('Z', StepSchedule::kMaximumSteps);
        QVERIFY(parseSchedule(printSchedule(longest)) == longest);
    }

    void spacesLowerCaseAndMissingBracketsMeanTheSame_data() {
        QTest::addColumn<QString>("text");
        for (const char* text :
             {"(L2,H3,L1)", "L2,H3,L1", " ( l 2 ,\tH3 , l1 ) ", "l2,h3,l1", "(L2,H1,H2,L1)", "(L02,H003,L1)"})
            QTest::newRow(text) << text;
    }
    void spacesLowerCaseAndMissingBracketsMeanTheSame() {
        QFETCH(QString, text);
        QCOMPARE(parseSchedule(text.toStdString()).letters(), std::string("LLHHHL"));
    }

    void fractionsAreSharesOfTheSteps() {
        QCOMPARE(printSchedule(parseSchedule("(L0.125,H0.75,L0.125)", 1000)),
                 std::string("(L125,H750,L125)"));
        QCOMPARE(printSchedule(parseSchedule("l.125, h.75, l.125", 256)), std::string("(L32,H192,L32)"));
        QCOMPARE(printSchedule(parseSchedule("A0.333333,B0.333333,C0.333334", 100)),
                 std::string("(A33,B33,C34)"));
        QCOMPARE(printSchedule(parseSchedule("(H1.0)", 7)), std::string("(H7)"));
    }

    void fractionsOfAnySegmentsFillTheSteps() {
        std::mt19937 random(2);
        for (int i = 0; i < 500; ++i) {
            const StepSchedule schedule = randomSchedule(random);
            QString text;
            for (const auto& segment : schedule.segments())
                text += QString("%1%2%3")
                            .arg(text.isEmpty() ? "" : ",")
                            .arg(segment.letter)
                            .arg(static_cast<double>(segment.steps) / schedule.steps(), 0, 'f', 9);
            QVERIFY(parseSchedule(text.toStdString(), schedule.steps()) == schedule);
        }
    }

    void percentagesAreFractions() {
        QCOMPARE(printSchedule(parseSchedule("(L12.5%,H75%,L12.5%)", 256)), std::string("(L32,H192,L32)"));
        QCOMPARE(printSchedule(parseSchedule("l50%,h0.5", 10)), std::string("(L5,H5)"));
        expectError([] { parseSchedule("(L12.5%,H75%)", 256); }, ErrorKind::Schedule, {"0.875", "1"});
    }

    void sharesStillMaskedEndSegments() {
        QCOMPARE(printSchedule(parseSchedule("(L>87.5%,H>12.5%,L>0%)", 256)), std::string("(L32,H192,L32)"));
        QCOMPARE(printSchedule(parseSchedule("l > 0.875, h > .125, l > 0", 1000)),
                 std::string("(L125,H750,L125)"));
        QCOMPARE(printSchedule(parseSchedule("(H>0%)", 7)), std::string("(H7)"));
        QCOMPARE(printSchedule(parseSchedule("(L>99%,H>0)", 10)), std::string("(H10)")); // rounds to nothing
        expectError([] { parseSchedule("(L>87.5%,H>12.5%)", 256); }, ErrorKind::Schedule,
                    {"12.5% masked", "0%"});
        expectError([] { parseSchedule("(L>50%,H>0%)"); }, ErrorKind::Schedule,
                    {"still masked", "not known"});
    }

    void everyUnitPrintsWhatReadsAsTheSame() {
        QCOMPARE(printSchedule(parseSchedule("(L32,H192,L32)"), StepUnit::Fraction),
                 std::string("(L12.5%,H75%,L12.5%)"));
        QCOMPARE(printSchedule(parseSchedule("(L32,H192,L32)"), StepUnit::Masked),
                 std::string("(L>87.5%,H>12.5%,L>0%)"));
        std::mt19937 random(3);
        for (int i = 0; i < 500; ++i) {
            const StepSchedule schedule = randomSchedule(random, i % 10 == 0 ? 9'999 : 400);
            for (const StepUnit unit : {StepUnit::Step, StepUnit::Fraction, StepUnit::Masked})
                QVERIFY(parseSchedule(printSchedule(schedule, unit), schedule.steps()) == schedule);
        }
    }

    void aWrongSumNamesBothNumbers() {
        expectError([] { parseSchedule("(L125,H700,L125)", 1000); }, ErrorKind::Schedule, {"950", "1000"});
        expectError([] { parseSchedule("(L0.5,H0.4)", 10); }, ErrorKind::Schedule, {"0.9", "1"});
        expectError([] { parseSchedule("(H0.5,L123456789012345678901234567890.5)", 10); },
                    ErrorKind::Schedule, {"fractions sum", "1"});
        expectError([] { parseSchedule("H6000,L6000"); }, ErrorKind::Schedule, {"12000", "10000"});
    }

    void refusalsNameTheCharacter_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("character");
        QTest::addColumn<QString>("why");
        const auto row = [](const char* text, const char* character, const char* why) {
            QTest::newRow(*text ? text : "nothing") << text << character << why;
        };
        row("", "character 1 of", "empty");
        row("   ", "character 4 of", "empty");
        row("()", "character 1 of", "empty");
        row(")", "character 1 of", "empty");
        row("(L125,H750,L125", "character 1 of", "not closed");
        row("L125,H750,L125)", "character 15 of", "not opened");
        row("(L125;H750)", "character 6 of", "\";\"");
        row("(L125 H750)", "character 7 of", "\"H\"");
        row("(L125,)", "character 7 of", "letter");
        row("(L125,,H1)", "character 7 of", "letter");
        row("(125,H750)", "character 2 of", "letter");
        row("L125,H", "character 7 of", "number of steps after H");
        row("H", "character 2 of", "the end");
        row("sandwich", "character 2 of", "\"a\"");
        row("L1 2", "character 4 of", "\"2\"");
        row("L-5", "character 2 of", "\"-\"");
        row("L0", "character 2 of", "no steps");
        row("H1,L0.0", "character 5 of", "fraction");
        row("H0.5,L128", "character 7 of", "fractions");
        row("H0.0", "character 2 of", "no steps");
        row("H.", "character 2 of", "number");
        row("H1e3", "character 3 of", "\"e\"");
        row("H10001", "character 2 of", "10000");
        row("H999999999999999999999999999", "character 2 of", "10000");
        row("é5", "character 1 of", "é");
        row("H5,é5", "character 4 of", "é");
        row("L>", "character 3 of", "share still masked after L");
        row("L>87.5%,H>90%", "character 11 of", "from 87.5% here");
        row("L>87.5%,H>87.5%", "character 11 of", "fall");
        row("L>87.5,H>0", "character 3 of", "87.5%");
        row("L>100%,H>0", "character 3 of", "no steps");
        row("L>50%,H128", "character 8 of", "shares still masked");
        row("L32,H>0", "character 7 of", "step counts");
        row("L12.5%,H>0", "character 10 of", "fractions");
        row("L50%,H128", "character 7 of", "step count");
        row("L%", "character 2 of", "number");
        row("H5)H3", "character 3 of", "not opened");
        row("(H5)L3", "character 5 of", "\"L\"");
    }
    void refusalsNameTheCharacter() {
        QFETCH(QString, text);
        QFETCH(QString, character);
        QFETCH(QString, why);
        expectError([&] { parseSchedule(text.toStdString()); }, ErrorKind::Schedule,
                    {character.toUtf8().constData(), why.toUtf8().constData()});
    }

    void bytesThatAreNoTextGiveAMessageThatIs() {
        try {
            parseSchedule("H5,\xFF\xC3");
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QVERIFY(!QString::fromUtf8(error.what()).isEmpty());
            QCOMPARE(QString::fromUtf8(error.what()).toUtf8(), QByteArray(error.what()));
        }
    }

    void fractionsNeedAKnownNumberOfSteps() {
        expectError([] { parseSchedule("(L0.5,H0.5)"); }, ErrorKind::Schedule, {"fractions", "not known"});
    }

    void stepsOutOfRangeAreRefused() {
        expectError([] { parseSchedule("(H1.0)", 10'001); }, ErrorKind::Schedule, {"10001"});
        expectError([] { parseSchedule("(H1)", -1); }, ErrorKind::Schedule, {"-1"});
    }
};

QTEST_GUILESS_MAIN(TestNotation)
#include "test_notation.moc"
