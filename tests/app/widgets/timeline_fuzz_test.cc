// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever is done with the timeline's tools, in whatever order: the schedule stays one, and undo leads back.
#include "app/widgets/schedule_editor.h"
#include "app/widgets/segment_table.h"
#include "tests/app/widgets/pool_of.h"

#include <QAction>
#include <QLineEdit>
#include <QtTest>

#include <map>
#include <random>

using namespace steploom;
using steploom::testing::poolOf;

namespace {

constexpr int kActions = 10'000;
constexpr auto kLetters = "HLM";

class Fuzzer {
public:
    explicit Fuzzer(unsigned seed) : m_random(seed) {
        m_editor.resize(1100, 280);
        m_editor.setPool(poolOf(kLetters));
        m_editor.setSchedule(parseSchedule("(L32,H192,M8,L24)"));
        m_editor.show();
    }

    ScheduleEditor& editor() { return m_editor; }
    std::string lastAction() const { return m_last; }

    /// Does something; true when it may change how many steps each member has.
    bool act() {
        switch (below(12)) {
        case 0:
        case 1:
        case 2:
        case 3:
            return drag();
        case 4:
        case 5:
        case 6:
            return key();
        case 7:
            return editCell();
        case 8:
            m_last = "undo or redo";
            (below(2) ? m_editor.undoAction() : m_editor.redoAction())->trigger();
            return true;
        case 9:
            m_last = "lock";
            button("lockBudget")->toggle();
            return false;
        case 10:
            m_last = "mirror";
            button("toolMirror")->click();
            return false;
        default:
            return anew();
        }
    }

private:
    int below(int bound) { return static_cast<int>(m_random() % static_cast<unsigned>(bound)); }
    QToolButton* button(const char* name) { return m_editor.findChild<QToolButton*>(name); }
    TimelineWidget& timeline() { return *m_editor.timeline(); }

    QPointF somewhere() {
        return {static_cast<double>(below(timeline().width() + 40) - 20),
                static_cast<double>(below(timeline().height()))};
    }
    void mouse(QEvent::Type type, QPointF at, Qt::KeyboardModifiers modifiers) {
        const bool move = type == QEvent::MouseMove;
        QMouseEvent event(type, at, timeline().mapToGlobal(at), move ? Qt::NoButton : Qt::LeftButton,
                          type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton, modifiers);
        QCoreApplication::sendEvent(&timeline(), &event);
    }
    void press(int key, Qt::KeyboardModifiers modifiers = {}) {
        QKeyEvent event(QEvent::KeyPress, key, modifiers);
        QCoreApplication::sendEvent(&timeline(), &event);
    }

    bool drag() {
        static const char* const kTools[] = {"toolSelect", "toolPaint", "toolFill",
                                             "toolEdge",   "toolSplit", "toolErase"};
        const int tool = below(6);
        m_last = kTools[tool];
        button(kTools[tool])->setChecked(true);
        const Qt::KeyboardModifiers modifiers = below(4) ? Qt::NoModifier : Qt::ShiftModifier;
        mouse(QEvent::MouseButtonPress, somewhere(), modifiers);
        for (int moves = below(4); moves > 0; --moves)
            mouse(QEvent::MouseMove, somewhere(), modifiers);
        if (below(8) == 0)
            press(Qt::Key_Escape);
        mouse(QEvent::MouseButtonRelease, somewhere(), modifiers);
        return !timeline().sharesLocked();
    }

    bool key() {
        static constexpr int kKeys[] = {
            Qt::Key_Left,     Qt::Key_Right,  Qt::Key_Home,   Qt::Key_End,  Qt::Key_Up,    Qt::Key_Down,
            Qt::Key_PageDown, Qt::Key_PageUp, Qt::Key_Delete, Qt::Key_H,    Qt::Key_L,     Qt::Key_M,
            Qt::Key_Return,   Qt::Key_Return, Qt::Key_Escape, Qt::Key_Plus, Qt::Key_Minus, Qt::Key_0,
            Qt::Key_1,        Qt::Key_2,      Qt::Key_3,      Qt::Key_4,    Qt::Key_5,     Qt::Key_6,
            Qt::Key_A,        Qt::Key_Space};
        const int chosen = kKeys[below(static_cast<int>(std::size(kKeys)))];
        const Qt::KeyboardModifier modifiers[] = {Qt::NoModifier, Qt::ShiftModifier, Qt::ControlModifier};
        m_last = "key " + std::to_string(chosen);
        press(chosen, modifiers[below(3)]);
        return !timeline().sharesLocked();
    }

    bool editCell() {
        SegmentTableModel& model = *m_editor.findChild<SegmentTable*>("segmentTable")->segments();
        m_last = "table";
        const QModelIndex cell =
            model.index(below(model.rowCount()), 1 + below(SegmentTableModel::ColumnCount - 1));
        switch (below(4)) {
        case 0:
            model.split(cell.row());
            break;
        case 1:
            model.erase(cell.row());
            break;
        default:
            model.setData(cell, cell.column() == SegmentTableModel::Model
                                    ? QVariant(QString(QLatin1Char(kLetters[below(3)])))
                                    : QVariant(below(400) - 20));
        }
        return !timeline().sharesLocked();
    }

    /// Another number of steps, a notation, a preset.
    bool anew() {
        if (below(3) == 0) {
            m_last = "steps";
            m_editor.setSteps(below(20) == 0 ? 10'000 : 1 + below(400));
            return true;
        }
        m_last = "notation";
        auto* field = m_editor.findChild<QLineEdit*>("scheduleNotation");
        const QStringList texts{"sandwich:0.3", "(L12.5%,H75%,M12.5%)", "(L>60%,M>20%,H>0%)", "random",
                                "(H3,",         "alternating:50%"};
        field->setText(texts[below(static_cast<int>(texts.size()))]);
        emit field->returnPressed();
        return true;
    }

    ScheduleEditor m_editor;
    std::mt19937 m_random;
    std::string m_last;
};

std::map<char, int> counts(const StepSchedule& schedule) {
    std::map<char, int> result;
    for (const char letter : std::string(kLetters))
        result[letter] = schedule.count(letter);
    return result;
}

} // namespace

class TimelineFuzzTest : public QObject {
    Q_OBJECT
private slots:
    void tenThousandActionsKeepTheScheduleWholeAndUndoLeadsBack_data() {
        QTest::addColumn<unsigned>("seed");
        QTest::newRow("seed 1") << 1u;
        QTest::newRow("seed 2") << 2u;
    }
    void tenThousandActionsKeepTheScheduleWholeAndUndoLeadsBack() {
        QFETCH(unsigned, seed);
        Fuzzer fuzzer(seed);
        ScheduleEditor& editor = fuzzer.editor();
        const StepSchedule start = editor.schedule();
        int changes = 0;
        connect(&editor, &ScheduleEditor::scheduleChanged, this, [&] { ++changes; });
        for (int i = 0; i < kActions; ++i) {
            const StepSchedule before = editor.schedule();
            const bool mayShift = fuzzer.act();
            const StepSchedule& now = editor.schedule();
            const std::string where = fuzzer.lastAction() + " on " + printSchedule(before).substr(0, 200);
            int covered = 0;
            for (const auto& segment : now.segments()) {
                QVERIFY2(segment.begin == covered && segment.steps > 0, where.c_str());
                QVERIFY2(std::string(kLetters).find(segment.letter) != std::string::npos, where.c_str());
                covered = segment.end();
            }
            QVERIFY2(covered == now.steps() && covered >= 1, where.c_str());
            QVERIFY2(mayShift || (now.steps() == before.steps() && counts(now) == counts(before)),
                     where.c_str());
            QVERIFY2(editor.timeline()->schedule() == now, where.c_str());
        }
        const auto* table = editor.findChild<SegmentTable*>("segmentTable")->segments();
        QVERIFY(table->schedule() == editor.schedule());
        QVERIFY(changes > kActions / 10); // the actions did something
        const StepSchedule end = editor.schedule();
        int undone = 0;
        for (; editor.undoAction()->isEnabled(); ++undone)
            editor.undoAction()->trigger();
        QVERIFY(editor.schedule() == start);
        for (; editor.redoAction()->isEnabled(); --undone)
            editor.redoAction()->trigger();
        QVERIFY(undone <= 0);
        for (; undone < 0; ++undone) // what had been undone at the end is not part of it
            editor.undoAction()->trigger();
        QVERIFY(editor.schedule() == end);
    }
};

QTEST_MAIN(TimelineFuzzTest)
#include "timeline_fuzz_test.moc"
