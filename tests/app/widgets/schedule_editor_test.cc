// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/cost_panel.h"
#include "app/widgets/schedule_editor.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QtTest>

using namespace steploom;

namespace {

PoolFacts poolOf(const std::string& letters) {
    PoolFacts pool;
    int blocks = 12;
    for (const char letter : letters) {
        PoolFacts::Member member;
        member.spec.letter = letter;
        member.spec.name = std::string("model ") + letter;
        member.facts.blocks = blocks;
        member.facts.width = 64;
        member.facts.length = 128;
        member.facts.weightFlopsPerRow = 24.0 * blocks * 64 * 64;
        member.facts.headFlopsPerRow = 2.0 * 64 * 1000;
        pool.members.push_back(member);
        blocks = 4;
    }
    return pool;
}

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
