// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/cost_panel.h"
#include "app/widgets/schedule_editor.h"
#include "tests/app/widgets/pool_of.h"
#include "tests/testing/paths.h"

#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QtTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

struct Bench {
    ScheduleEditor editor;
    QLineEdit& notation;
    QLabel& status;
    QSignalSpy changed{&editor, &ScheduleEditor::scheduleChanged};

    Bench()
        : notation(*editor.findChild<QLineEdit*>("scheduleNotation")),
          status(*editor.findChild<QLabel*>("scheduleStatus")) {
        editor.resize(1100, 260);
        editor.setPool(poolOf("HL"));
        editor.setSchedule(parseSchedule("(L32,H192,L32)"));
        editor.show();
        QVERIFY(QTest::qWaitForWindowExposed(&editor));
        changed.clear();
    }

    void type(const QString& text) {
        notation.setFocus();
        notation.selectAll();
        QTest::keyClicks(&notation, text);
    }
    std::string shown() const { return printSchedule(editor.schedule()); }
    QString undoText() const { return editor.undoAction()->text(); }
};

} // namespace

class ScheduleEditorTest : public QObject {
    Q_OBJECT
private slots:
    void notationFollowsTheScheduleAndTheScheduleTheNotation() {
        Bench b;
        QCOMPARE(b.notation.text(), QStringLiteral("(L32,H192,L32)"));
        b.type("l16, h224, l16");
        QCOMPARE(b.status.property("look").toString(), QStringLiteral("hintGood"));
        QCOMPARE(b.shown(), std::string("(L32,H192,L32)")); // Enter decides
        QTest::keyClick(&b.notation, Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(L16,H224,L16)"));
        QCOMPARE(b.notation.text(), QStringLiteral("(L16,H224,L16)"));
        QCOMPARE(b.changed.size(), 1);
        QVERIFY(b.undoText().contains(QStringLiteral("Typed notation")));
    }

    void aPresetIsNotationToo() {
        Bench b;
        b.type("head");
        QTest::keyClick(&b.notation, Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(L64,H192)")); // at the share the schedule had
        b.type("tail:0.5");
        QTest::keyClick(&b.notation, Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(H128,L128)"));
    }

    void refusedNotationSaysWhyAndKeepsTheSchedule_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("reason");
        QTest::newRow("sum") << "(L32,H192)"
                             << "224";
        QTest::newRow("letter") << "(X256)"
                                << "X";
        QTest::newRow("nonsense") << "(L32,,H"
                                  << "";
        QTest::newRow("empty") << " "
                               << "";
    }
    void refusedNotationSaysWhyAndKeepsTheSchedule() {
        QFETCH(QString, text);
        QFETCH(QString, reason);
        Bench b;
        b.type(text);
        QCOMPARE(b.status.property("look").toString(), QStringLiteral("hintError")); // while typing
        QTest::keyClick(&b.notation, Qt::Key_Return);
        QVERIFY(b.status.toolTip().contains(reason));
        QCOMPARE(b.shown(), std::string("(L32,H192,L32)"));
        QVERIFY(!b.editor.undoAction()->isEnabled());
        QCOMPARE(b.notation.text(), text); // to be mended, not lost
        QTest::keyClick(&b.notation, Qt::Key_Escape);
        QCOMPARE(b.notation.text(), QStringLiteral("(L32,H192,L32)"));
    }

    void everyEditIsOneUndoStep() {
        Bench b;
        TimelineWidget* timeline = b.editor.timeline();
        const auto at = [&](double step, int lane) { return timeline->pointAt(step, lane).toPoint(); };
        QTest::mousePress(timeline, Qt::LeftButton, {}, at(100.5, 1));
        for (int step = 101; step <= 120; ++step) {
            QTest::mouseMove(timeline, at(step + 0.5, 1));
        }
        QTest::mouseRelease(timeline, Qt::LeftButton, {}, at(120.5, 1));
        QCOMPARE(b.changed.size(), 1);
        QCOMPARE(b.shown(), std::string("(L32,H68,L21,H103,L32)"));
        b.editor.findChild<QToolButton*>("toolMirror")->click();
        QCOMPARE(b.shown(), std::string("(L32,H103,L21,H68,L32)"));
        b.editor.setSteps(128);
        QCOMPARE(b.editor.schedule().steps(), 128);
        b.editor.undoAction()->trigger();
        b.editor.undoAction()->trigger();
        QCOMPARE(b.shown(), std::string("(L32,H68,L21,H103,L32)"));
        b.editor.undoAction()->trigger();
        QCOMPARE(b.shown(), std::string("(L32,H192,L32)"));
        QCOMPARE(b.notation.text(), QStringLiteral("(L32,H192,L32)"));
        QVERIFY(!b.editor.undoAction()->isEnabled());
        b.editor.redoAction()->trigger();
        QCOMPARE(b.shown(), std::string("(L32,H68,L21,H103,L32)"));
    }

    void editsThatChangeNothingLeaveNoUndoStep() {
        Bench b;
        b.editor.findChild<QToolButton*>("toolMirror")->click(); // a sandwich is its own mirror image
        b.editor.setSteps(256);
        b.editor.applySchedule(b.editor.schedule(), "again");
        QVERIFY(!b.editor.undoAction()->isEnabled());
        QCOMPARE(b.changed.size(), 0);
    }

    void controlZUndoesTheScheduleAfterTyping() {
        Bench b;
        b.type("tail");
        QTest::keyClick(&b.notation, Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(H192,L64)"));
        b.editor.activateWindow();
        QTest::keyClick(&b.notation, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(b.shown(), std::string("(L32,H192,L32)"));
    }

    void previewsFollowTheDragAndEndWithTheSchedule() {
        Bench b;
        QSignalSpy previewed(&b.editor, &ScheduleEditor::schedulePreviewed);
        TimelineWidget* timeline = b.editor.timeline();
        QTest::mousePress(timeline, Qt::LeftButton, {}, timeline->pointAt(32, 0).toPoint());
        QTest::mouseMove(timeline, timeline->pointAt(45, 0).toPoint());
        QCOMPARE(b.notation.text(), QStringLiteral("(L45,H179,L32)"));
        QVERIFY(timeline->pillText().contains(QStringLiteral("FLOPs saved")));
        QCOMPARE(b.shown(), std::string("(L32,H192,L32)"));
        QTest::keyClick(timeline, Qt::Key_Escape);
        QCOMPARE(b.notation.text(), QStringLiteral("(L32,H192,L32)"));
        QCOMPARE(printSchedule(previewed.last()[0].value<StepSchedule>()), std::string("(L32,H192,L32)"));
        QCOMPARE(b.changed.size(), 0);
    }

    void presetsAreMadeAtTheBudgetOfTheSchedule() {
        Bench b;
        auto* menu = b.editor.findChild<QMenu*>("presetsMenu");
        emit menu->aboutToShow();
        menu->findChild<QAction*>("presetTail")->trigger();
        QCOMPARE(b.shown(), std::string("(H192,L64)"));
        QVERIFY(b.undoText().contains(QStringLiteral("Preset tail")));
    }

    void stepsOfMembersThatLeaveThePoolGoToItsFirst() {
        Bench b;
        b.editor.setPool(poolOf("HS"));
        QCOMPARE(b.shown(), std::string("(H256)"));
        b.type("(S256)");
        QTest::keyClick(&b.notation, Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(S256)"));
    }

    void aMemberThatGetsAnotherLetterKeepsItsSteps() {
        Bench b;
        PoolFacts pool = poolOf("HL");
        pool.members[1].spec.letter = 'S';
        b.editor.setPool(pool);
        QCOMPARE(b.shown(), std::string("(S32,H192,S32)"));
        QVERIFY(!b.editor.undoAction()->isEnabled());
    }

    void aPoolWithTheSameLettersKeepsTheHistory() {
        Bench b;
        b.type("tail");
        QTest::keyClick(&b.notation, Qt::Key_Return);
        PoolFacts pool = poolOf("HL");
        pool.members[1].spec.precision = Precision::BF16;
        b.editor.setPool(pool);
        b.editor.undoAction()->trigger();
        QCOMPARE(b.shown(), std::string("(L32,H192,L32)"));
    }

    void everyUnitIsReadAndShown() {
        Bench b;
        b.type("(L12.5%,H50%,L37.5%)");
        QTest::keyClick(&b.notation, Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(L32,H128,L96)"));
        b.type("(L>75%,H>25%,L>0%)");
        QTest::keyClick(&b.notation, Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(L64,H128,L64)"));
        QSignalSpy chosen(&b.editor, &ScheduleEditor::unitChosen);
        b.editor.setUnit(StepUnit::Masked);
        QCOMPARE(b.notation.text(), QStringLiteral("(L>75%,H>25%,L>0%)"));
        b.editor.setUnit(StepUnit::Fraction);
        QCOMPARE(b.notation.text(), QStringLiteral("(L25%,H50%,L25%)"));
        QCOMPARE(chosen.size(), 2);
        QCOMPARE(b.editor.timeline()->rulerUnit(), StepUnit::Fraction);
        QVERIFY(b.notation.toolTip().contains("87.5%"));
        b.type("(L>25%,H>75%)");
        QVERIFY(b.status.toolTip().contains(QStringLiteral("fall")));
    }

    void anotherNumberOfStepsIsSaid() {
        Bench b;
        b.editor.setSteps(100);
        QCOMPARE(b.shown(), std::string("(L13,H75,L12)"));
        QVERIFY2(b.status.toolTip().contains("from 256 to 100"), qPrintable(b.status.toolTip()));
        b.editor.setSteps(2);
        QVERIFY2(b.status.toolTip().contains("are gone"), qPrintable(b.status.toolTip()));
    }

    void aLockedBudgetHoldsWhilePainting() {
        Bench b;
        b.editor.findChild<QToolButton*>("lockBudget")->click();
        TimelineWidget* timeline = b.editor.timeline();
        QTest::mousePress(timeline, Qt::LeftButton, {}, timeline->pointAt(100.5, 1).toPoint());
        QTest::mouseMove(timeline, timeline->pointAt(109.5, 1).toPoint());
        QTest::mouseRelease(timeline, Qt::LeftButton, {}, timeline->pointAt(109.5, 1).toPoint());
        QCOMPARE(b.shown(), std::string("(L22,H78,L10,H114,L32)"));
        QCOMPARE(b.editor.findChild<QToolButton*>("lockBudget")->text(), QStringLiteral("25% light"));
    }

    void theOptimumNeedsTheImportanceOfTheSteps() {
        Bench b;
        auto* menu = b.editor.findChild<QMenu*>("presetsMenu");
        auto* optimum = menu->findChild<QAction*>("presetOptimum");
        emit menu->aboutToShow();
        QVERIFY(!optimum->isEnabled());
        QVERIFY(optimum->text().contains("not measured"));
        QVERIFY(b.editor.timeline()->importance().values.empty());
        b.editor.setImportance({{0.9, 0.1, 0.5, 0.7}, "KL"});
        emit menu->aboutToShow();
        QVERIFY(optimum->isEnabled());
        optimum->trigger();
        QCOMPARE(b.shown(), std::string("(H64,L64,H128)"));
    }

    void textGoesOutAndComesIn() {
        Bench b;
        b.editor.setFocus();
        b.editor.findChild<QAction*>("copySchedule")->trigger();
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("(L32,H192,L32)"));
        QApplication::clipboard()->setText("# later\n(H96,L32)\n");
        b.editor.findChild<QAction*>("pasteSchedule")->trigger();
        QCOMPARE(b.shown(), std::string("(H96,L32)"));
        QVERIFY(b.undoText().contains("later"));
        QApplication::clipboard()->setText("Dear Sir");
        b.editor.findChild<QAction*>("pasteSchedule")->trigger();
        QCOMPARE(b.status.property("look").toString(), QStringLiteral("hintError"));
        QApplication::clipboard()->setText("(X5)");
        b.editor.findChild<QAction*>("pasteSchedule")->trigger();
        QVERIFY(b.status.toolTip().contains("no member of the pool"));
        QCOMPARE(b.shown(), std::string("(H96,L32)"));
    }

    void filesAreWrittenAndReadBack() {
        Bench b;
        const TemporaryFolder folder;
        const QString path = QString::fromStdString((folder / "ends.schedule").string());
        b.editor.saveFile(path);
        b.editor.setSteps(16);
        b.editor.openFile(path);
        QCOMPARE(b.shown(), std::string("(L32,H192,L32)"));
        QVERIFY(b.undoText().contains("ends"));
        b.editor.openFile(path + ".absent");
        QCOMPARE(b.status.property("look").toString(), QStringLiteral("hintError"));
        b.editor.saveFile(QString::fromStdString((folder / "absent" / "a.schedule").string()));
        QCOMPARE(b.status.property("look").toString(), QStringLiteral("hintError"));
        QFile large(path);
        QVERIFY(large.open(QIODevice::WriteOnly) && large.write(QByteArray(300'000, 'H')) > 0);
        large.close();
        b.editor.openFile(path);
        QVERIFY(b.status.toolTip().contains("at most"));
    }

    void tableAndTimelineShowTheSame() {
        Bench b;
        auto* table = b.editor.findChild<QAbstractItemView*>("segmentTable");
        QVERIFY(!table->isVisible());
        b.editor.findChild<QToolButton*>("tableSwitch")->click();
        QVERIFY(table->isVisible() && !b.editor.timeline()->isVisible());
        QCOMPARE(table->model()->rowCount(), 3);
        QVERIFY(table->model()->setData(table->model()->index(0, 2), 39));
        QCOMPARE(b.shown(), std::string("(L40,H184,L32)"));
        QCOMPARE(printSchedule(b.editor.timeline()->schedule()), std::string("(L40,H184,L32)"));
        QVERIFY(b.undoText().contains("Move edge"));
        b.editor.undoAction()->trigger();
        QCOMPARE(table->model()->index(0, 2).data().toInt(), 31);
    }

    void theCostPanelShowsTheThreeReadings() {
        CostPanel panel;
        const auto text = [&](const char* name) { return panel.findChild<QLabel*>(name)->text(); };
        ScheduleCost cost;
        cost.steps = 256;
        cost.blocksOnlySaving = 1.0 / 6;
        cost.nominalSaving = 0.149;
        cost.executedSaving = 0.158;
        cost.expectedCalls = 100.8;
        cost.lightShare = 0.25;
        panel.setCost(cost, 16);
        QCOMPARE(text("costBlocksOnly"), QStringLiteral("16.7%"));
        QCOMPARE(text("costNominal"), QStringLiteral("14.9%"));
        QCOMPARE(text("costExecuted"), QStringLiteral("15.8%"));
        QCOMPARE(text("costCalls"), QStringLiteral("101 of 256"));
        QCOMPARE(text("costSeconds"), QStringLiteral("not timed yet"));
        cost.seconds = 0.875;
        panel.setCost(cost, 16);
        QCOMPARE(text("costSeconds"), QStringLiteral("about 14 s"));
    }
};

QTEST_MAIN(ScheduleEditorTest)
#include "schedule_editor_test.moc"
