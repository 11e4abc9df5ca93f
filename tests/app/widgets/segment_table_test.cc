// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/segment_table.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include <memory>

using namespace steploom;
using Model = SegmentTableModel;

namespace {

/// A table whose owner answers edits as the editor does; the tester watches from before the first schedule.
struct Bench {
    SegmentTable table;
    Model& model = *table.segments();
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::QtTest};
    QStringList edits, remarks;

    explicit Bench(const char* notation) {
        model.setMembers({{'H', "heavy"}, {'L', "light"}});
        model.setSchedule(parseSchedule(notation));
        QObject::connect(&model, &Model::edited, &table,
                         [this](const StepSchedule& schedule, const QString& text) {
                             edits << text;
                             model.setSchedule(schedule);
                         });
        QObject::connect(&model, &Model::remarked, &table, [this](const QString& text) { remarks << text; });
        table.resize(600, 200);
        table.show();
    }

    bool set(int row, Model::Column column, const QVariant& value) {
        return model.setData(model.index(row, column), value);
    }
    std::string shown() const { return printSchedule(model.schedule()); }
    QString row(int row) const {
        QStringList cells;
        for (int column = 0; column < Model::ColumnCount; ++column)
            cells << model.index(row, column).data().toString();
        return cells.join(" | ");
    }
};

} // namespace

class SegmentTableTest : public QObject {
    Q_OBJECT
private slots:
    void everySegmentIsARow() {
        Bench b("(L32,H192,L32)");
        QCOMPARE(b.model.rowCount(), 3);
        QCOMPARE(b.row(0), "1 | 0 | 31 | L · light | 32 | 12.5%");
        QCOMPARE(b.row(1), "2 | 32 | 223 | H · heavy | 192 | 75.0%");
        QCOMPARE(b.model.index(1, Model::From).data(Qt::AccessibleTextRole).toString(), "From step 32");
    }

    void cellsMoveEdgesAndChangeModels() {
        Bench b("(L32,H192,L32)");
        QVERIFY(b.set(0, Model::To, 39)); // the last step included
        QCOMPARE(b.shown(), std::string("(L40,H184,L32)"));
        QVERIFY(b.set(2, Model::From, 200));
        QCOMPARE(b.shown(), std::string("(L40,H160,L56)"));
        QVERIFY(b.set(1, Model::Steps, 100));
        QCOMPARE(b.shown(), std::string("(L40,H100,L116)"));
        QVERIFY(b.set(2, Model::Model, "h"));
        QCOMPARE(b.shown(), std::string("(L40,H216)"));
        QCOMPARE(b.edits.size(), 4);
        QCOMPARE(b.edits.first(), "Move edge at step 32 to 40");
    }

    void theEndsOfTheScheduleStayWhereTheyAre() {
        Bench b("(L32,H192,L32)");
        QVERIFY(!b.set(0, Model::From, 5));
        QVERIFY(!b.set(2, Model::To, 300));
        QVERIFY(!b.set(2, Model::Steps, 3));
        QVERIFY(b.set(0, Model::To, 9999)); // as far as the neighbour goes: its segment is gone
        QCOMPARE(b.shown(), std::string("(L256)"));
    }

    void aLockedBudgetHoldsHereToo() {
        Bench b("(L32,H192,L32)");
        b.model.setSharesLocked(true);
        QVERIFY(b.set(0, Model::To, 39));
        QCOMPARE(b.shown(), std::string("(L40,H192,L24)"));
        b.model.setSchedule(parseSchedule("(L32,H224)"));
        QVERIFY(!b.set(0, Model::To, 39));
        QVERIFY(b.remarks.last().contains("no opposite edge"));
        QCOMPARE(b.shown(), std::string("(L32,H224)"));
    }

    void keysDoWhatCellsDo() {
        Bench b("(L32,H192,L32)");
        b.table.setCurrentIndex(b.model.index(1, Model::Model));
        QTest::keyClick(&b.table, Qt::Key_Insert);
        QCOMPARE(b.shown(), std::string("(L32,H96,L128)"));
        b.table.setCurrentIndex(b.model.index(2, Model::Model));
        QTest::keyClick(&b.table, Qt::Key_Delete);
        QCOMPARE(b.shown(), std::string("(L32,H224)"));
        QTest::keyClick(&b.table, Qt::Key_X); // no member: nothing happens
        b.table.setCurrentIndex(b.model.index(1, Model::Steps));
        QTest::keyClick(&b.table, Qt::Key_L);
        QCOMPARE(b.shown(), std::string("(L256)"));
        QCOMPARE(b.edits.size(), 3);
    }

    void whatCannotBeIsNoEdit() {
        Bench b("(H1,L1)");
        QVERIFY(!b.set(0, Model::Model, "X"));
        QVERIFY(b.remarks.last().contains("X"));
        QVERIFY(!b.set(0, Model::To, "many"));
        b.model.split(0);
        QVERIFY(b.remarks.last().contains("one step"));
        QVERIFY(b.set(0, Model::Model, "H")); // what it is already
        QVERIFY(b.edits.isEmpty());
    }

    void theCurrentRowStaysThroughEdits() {
        Bench b("(L32,H192,L32)");
        b.table.setCurrentIndex(b.model.index(1, Model::To));
        b.model.setSchedule(parseSchedule("(L40,H80,L40,H96)"));
        QCOMPARE(b.table.currentIndex().row(), 1);
        QCOMPARE(b.table.currentIndex().column(), int(Model::To));
        b.model.setSchedule(parseSchedule("(H256)"));
        QCOMPARE(b.model.rowCount(), 1);
    }

    void aRowForEveryStepIsFine() {
        std::string letters;
        for (int i = 0; i < StepSchedule::kMaximumSteps; ++i)
            letters += i % 2 ? 'L' : 'H';
        Bench b("(H10000)");
        b.model.setSchedule(StepSchedule(letters));
        QCOMPARE(b.model.rowCount(), StepSchedule::kMaximumSteps);
        QVERIFY(b.set(5000, Model::Model, "L"));
        QCOMPARE(b.model.rowCount(), StepSchedule::kMaximumSteps - 2);
    }
};

QTEST_MAIN(SegmentTableTest)
#include "segment_table_test.moc"
