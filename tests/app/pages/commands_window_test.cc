// SPDX-License-Identifier: GPL-3.0-or-later
// Command palette and shortcut editor in the real window, by keyboard.
#include "tests/app/pages/window_of_fakes.h"

#include "app/pages/commands.h"

#include <QAction>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTreeView>

using namespace steploom;
using namespace steploom::testing;

class CommandsWindowTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<WindowOfFakes> m_window;

    template <class Widget>
    Widget* find(const QString& name) {
        return m_window->find<Widget>(name);
    }
    QString notation() { return find<QLineEdit>("scheduleNotation")->text(); }
    void openPalette(const QString& typed) {
        QTest::keyClick(&m_window->window(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QTest::keyClicks(find<QLineEdit>("paletteSearch"), typed);
    }
    QString firstEntry() { return find<QListView>("paletteList")->model()->index(0, 0).data().toString(); }
    void runFirst() { QTest::keyClick(find<QLineEdit>("paletteSearch"), Qt::Key_Return); }
    void openShortcuts(const QString& command) {
        QTest::keyClick(&m_window->window(), Qt::Key_K, Qt::ControlModifier);
        auto* dialog = find<QWidget>("shortcutsDialog");
        QVERIFY(QTest::qWaitForWindowExposed(dialog));
        QTest::keyClicks(find<QLineEdit>("shortcutsSearch"), command);
        QCOMPARE(find<QLabel>("shortcutsCommand")->text(), command);
    }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers) {
        auto* field = find<QKeySequenceEdit>("shortcutsKeys");
        field->setKeySequence(QKeySequence(QKeyCombination(modifiers, key)));
        emit field->editingFinished();
    }

private slots:
    void init() {
        m_window = std::make_unique<WindowOfFakes>();
        m_window->open();
    }
    void cleanup() { m_window.reset(); }

    void everyCommandHasAnIdOfItsOwnAndAGroup() {
        QSet<QString> ids;
        for (const Command& command : m_window->window().commands().all()) {
            QVERIFY2(!ids.contains(command.id) && !command.group.isEmpty(), qPrintable(command.id));
            ids << command.id;
        }
        for (const char* id : {"generateAction", "undoAction", "libraryAction", "goToRuns", "profileSaveAs",
                               "theme:dark", "resetLayoutAction", "showHintsAction", "drawSeed"})
            QVERIFY2(ids.contains(id), id);
    }

    void noTwoCommandsComeWithTheSameKeys() {
        const Commands& commands = m_window->window().commands();
        for (const Command& command : commands.all())
            for (const QKeySequence& keys : command.usual) {
                const Command* other = commands.userOf(keys, command.id);
                QVERIFY2(!other, qPrintable(keys.toString() + ": " + command.id));
            }
    }

    void theKeyboardAloneFindsAndRuns() {
        openPalette("g runs");
        QCOMPARE(firstEntry(), "Go to Runs");
        runFirst();
        QVERIFY(!m_window->seen("commandPalette"));
        QVERIFY(m_window->seen("runsPage"));
        openPalette("");
        QCOMPARE(firstEntry(), "Go to Runs"); // recently used
        QTest::keyClick(find<QLineEdit>("paletteSearch"), Qt::Key_Down);
        QCOMPARE(find<QListView>("paletteList")->currentIndex().row(), 1);
        QTest::keyClick(find<QLineEdit>("paletteSearch"), Qt::Key_Escape);
        QVERIFY(!m_window->seen("commandPalette"));
    }

    void notationIsUsedOrRefusedWithTheReason() {
        find<QAction>("goToRuns")->trigger();
        openPalette("(L8,H16,L8)");
        QVERIFY(firstEntry().startsWith("Use this schedule"));
        runFirst();
        QVERIFY(m_window->seen("designPage"));
        QCOMPARE(notation(), "(L8,H16,L8)");
        QCOMPARE(find<QSpinBox>("stepsField")->value(), 32);
        QTest::keyClick(&m_window->window(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(notation(), "(L32,H192,L32)");

        openPalette("(L8,X16)");
        QVERIFY(firstEntry().startsWith("Use this schedule"));
        QVERIFY(find<QLabel>("paletteLine")->text().contains("X"));
        runFirst();
        QVERIFY(m_window->seen("commandPalette")); // it stays and says why
        QCOMPARE(notation(), "(L32,H192,L32)");
    }

    void presetsSchedulesProfilesAndRunsHaveEntries() {
        openPalette("preset all light");
        runFirst();
        QCOMPARE(notation(), "(L256)");
        QVERIFY(!m_window->window().library().saveSchedule("my favourite", parseSchedule("(H4,L4)")));
        QVERIFY(!m_window->window().library().saveSchedule("from elsewhere", parseSchedule("(Z4)")));
        openPalette("favourite");
        runFirst();
        QCOMPARE(notation(), "(H4,L4)");
        openPalette("elsewhere");
        QVERIFY(find<QLabel>("paletteLine")->text().contains("Z"));
        QTest::keyClick(find<QLineEdit>("paletteSearch"), Qt::Key_Escape);
        openPalette("quick look");
        runFirst();
        QCOMPARE(find<QSpinBox>("samplesField")->value(), 2);
        find<QSpinBox>("lengthField")->setValue(8);
        QSignalSpy ended(&m_window->window().engine(), &EngineThread::runEnded);
        find<QAction>("generateAction")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(m_window->window().library().runs().size(), std::size_t{1}, kPatience);
        find<QSpinBox>("lengthField")->setValue(20);
        openPalette("run 1:");
        QVERIFY2(firstEntry().startsWith("Run 1:"), qPrintable(firstEntry()));
        runFirst();
        QCOMPARE(find<QSpinBox>("lengthField")->value(), 8);
        openPalette("theme dark");
        runFirst();
        QVERIFY(Theme::instance().isDark());
    }

    void escapeClosesThePaletteAndStopsNothing() {
        find<QSpinBox>("samplesField")->setValue(100'000);
        find<QSpinBox>("lengthField")->setValue(8);
        find<QSpinBox>("stepsField")->setValue(16);
        QSignalSpy samples(&m_window->window().engine(), &EngineThread::sampleFinished);
        find<QAction>("generateAction")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(samples.count() > 0, kPatience);
        openPalette("");
        QSignalSpy stopped(find<QAction>("stopAction"), &QAction::triggered);
        QTest::keyClick(find<QLineEdit>("paletteSearch"), Qt::Key_Escape);
        QVERIFY(!m_window->seen("commandPalette"));
        QCOMPARE(stopped.count(), 0);
        QTest::keyClick(&m_window->window(), Qt::Key_Escape);
        QCOMPARE(stopped.count(), 1);
    }

    void whatIsDisabledSaysWhy() {
        openPalette("stop");
        QCOMPARE(firstEntry(), "Stop");
        QCOMPARE(find<QLabel>("paletteLine")->text(), "Nothing is being generated");
        QTest::keyClick(find<QLineEdit>("paletteSearch"), Qt::Key_Escape);
        find<QLineEdit>("seedField")->clear();
        openPalette("generate");
        QCOMPARE(firstEntry(), "Generate");
        QCOMPARE(find<QLabel>("paletteLine")->text(), "A seed is missing");
    }

    void aConflictIsNamedAndReassignedAtOnceAndAtTheNextStart() {
        openShortcuts("Library of schedules");
        press(Qt::Key_T, Qt::ControlModifier);
        QVERIFY(m_window->seen("shortcutsConflict"));
        QVERIFY(find<QLabel>("shortcutsConflictText")->text().contains("Schedule as a table"));
        m_window->click("shortcutsKeep");
        QVERIFY(!m_window->seen("shortcutsConflict"));
        QCOMPARE(find<QAction>("libraryAction")->shortcuts(), QList<QKeySequence>{QKeySequence("Ctrl+L")});
        press(Qt::Key_T, Qt::ControlModifier);
        m_window->click("shortcutsReassign");
        QCOMPARE(find<QAction>("tableAction")->shortcuts(), QList<QKeySequence>());
        m_window->click("shortcutsClose");
        QVERIFY(find<QWidget>("tableSwitch")->toolTip().endsWith("edit"));

        m_window->close();
        m_window->open();
        auto* table = find<QToolButton>("tableSwitch");
        QTest::keyClick(&m_window->window(), Qt::Key_T, Qt::ControlModifier);
        QVERIFY(!table->isChecked());
        QVERIFY(QApplication::activePopupWidget()); // the library
        QApplication::activePopupWidget()->close();
        QCOMPARE(find<QAction>("libraryAction")->shortcuts(),
                 (QList<QKeySequence>{QKeySequence("Ctrl+L"), QKeySequence("Ctrl+T")}));
        m_window->window().commands().resetAll();
        QTest::keyClick(&m_window->window(), Qt::Key_T, Qt::ControlModifier);
        QVERIFY(table->isChecked());
    }

    void aFreeShortcutIsGivenAtOnceAndShownEverywhere() {
        openShortcuts("Go to Runs");
        press(Qt::Key_F9, Qt::NoModifier);
        QVERIFY(!m_window->seen("shortcutsConflict"));
        m_window->click("shortcut:Ctrl+4");
        m_window->click("shortcutsClose");
        QVERIFY(find<QWidget>("railRuns")->toolTip().endsWith("(F9)"));
        m_window->window().activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m_window->window()));
        QTest::keyClick(&m_window->window(), Qt::Key_F9);
        QVERIFY(m_window->seen("runsPage"));
    }

    void undoOnTheRunsPageIsTheDeletionsWhileThereIsOne() {
        openPalette("(L8,H16,L8)"); // something that the schedule could undo
        runFirst();
        find<QSpinBox>("lengthField")->setValue(8);
        find<QSpinBox>("samplesField")->setValue(1);
        find<QAction>("generateAction")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(m_window->window().library().runs().size(), std::size_t{1}, kPatience);
        find<QAction>("goToRuns")->trigger();
        auto* table = find<QTableView>("runTable");
        table->setFocus();
        table->selectRow(0);
        m_window->click("deleteRun");
        QCOMPARE(table->model()->rowCount(), 0);
        QTest::keyClick(find<QWidget>("runsPage"), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(table->model()->rowCount(), 1);
        QCOMPARE(notation(), "(L8,H16,L8)");
        QTest::keyClick(&m_window->window(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(notation(), "(L32,H192,L32)");
    }

    void aPlainLetterIsTheTimelinesWhileItHasTheFocus() {
        openShortcuts("Go to Runs");
        press(Qt::Key_H, Qt::NoModifier);
        QVERIFY(m_window->seen("shortcutsConflict"));
        QVERIFY(find<QLabel>("shortcutsConflictText")->text().contains("Timeline keys"));
        m_window->click("shortcutsReassign");
        QVERIFY(find<QAction>("goToRuns")->shortcuts().contains(QKeySequence("H")));
        m_window->click("shortcutsClose");
    }
};

QTEST_MAIN(CommandsWindowTest)
#include "commands_window_test.moc"
