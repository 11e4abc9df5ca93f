// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/schedule_text.h"

#include "tests/testing/errors.h"

#include <QtTest>

using namespace steploom;
using steploom::testing::expectError;

class TestScheduleText : public QObject {
    Q_OBJECT
private slots:
    void whatIsPrintedReadsAsTheSame() {
        const ScheduleText text{"light ends", parseSchedule("(L32,H192,L32)")};
        QCOMPARE(printScheduleText(text), std::string("# light ends\n(L32,H192,L32)\n"));
        const ScheduleText read = parseScheduleText(printScheduleText(text), {});
        QCOMPARE(read.name, text.name);
        QVERIFY(read.schedule == text.schedule);
        QCOMPARE(printScheduleText({"", text.schedule}), std::string("(L32,H192,L32)\n"));
        QCOMPARE(printScheduleText({"two\nlines", text.schedule}),
                 std::string("# two lines\n(L32,H192,L32)\n"));
    }

    void remarksAndBreaksAreSkipped() {
        const ScheduleText read =
            parseScheduleText("\r\n# first\r\n# second\r\n(L32,\r\n  H192,\r\nL32)\r\n", {});
        QCOMPARE(read.name, std::string("first"));
        QCOMPARE(printSchedule(read.schedule), std::string("(L32,H192,L32)"));
    }

    void presetsAndSharesTakeTheStepsGiven() {
        QCOMPARE(printSchedule(parseScheduleText("sandwich:50%", {.steps = 8}).schedule),
                 std::string("(L2,H4,L2)"));
        QCOMPARE(printSchedule(parseScheduleText("(L>50%,H>0)", {.steps = 8}).schedule),
                 std::string("(L4,H4)"));
        expectError([] { parseScheduleText("(L4,H4)", {}, 9); }, ErrorKind::Schedule, {"8", "9"});
    }

    void whatIsNoScheduleIsRefused() {
        expectError([] { parseScheduleText("# a name alone\n", {}); }, ErrorKind::Schedule, {"empty"});
        expectError([] { parseScheduleText("Dear Sir", {}); }, ErrorKind::Schedule, {"neither"});
        expectError([] { parseScheduleText(std::string(kMostScheduleText + 1, 'H'), {}); },
                    ErrorKind::Schedule, {"262145", "262144"});
    }
};

QTEST_GUILESS_MAIN(TestScheduleText)
#include "test_schedule_text.moc"
