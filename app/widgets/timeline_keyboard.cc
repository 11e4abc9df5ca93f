// SPDX-License-Identifier: GPL-3.0-or-later
// The keyboard's half of TimelineWidget, and what it tells screen readers.
#include "app/widgets/timeline_edit.h"
#include "app/widgets/timeline_widget.h"

#include <QKeyEvent>

#include <algorithm>
#include <cstdlib>

namespace steploom {

namespace {

/// The letter A…Z typed without Ctrl, Alt or Meta; 0 otherwise.
char typedLetter(const QKeyEvent& event) {
    const bool plain = !(event.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    return plain && event.key() >= Qt::Key_A && event.key() <= Qt::Key_Z
               ? static_cast<char>('A' + (event.key() - Qt::Key_A))
               : '\0';
}

int memberOf(const std::vector<TimelineMember>& members, char letter) {
    const auto found =
        std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.letter == letter; });
    return found == members.end() ? -1 : static_cast<int>(found - members.begin());
}

} // namespace

bool TimelineWidget::handlesKey(const QKeyEvent& event) const {
    const Qt::KeyboardModifiers modifiers = event.modifiers();
    const bool plain = !(modifiers & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    switch (event.key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Home:
    case Qt::Key_End:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        return !(modifiers & (Qt::AltModifier | Qt::MetaModifier));
    case Qt::Key_Escape:
        return m_drag.has_value() || m_rangeAnchor >= 0;
    case Qt::Key_A:
    case Qt::Key_M:
        if (modifiers == Qt::ControlModifier) {
            return true;
        }
        return memberOf(m_members, typedLetter(event)) >= 0;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus:
    case Qt::Key_0:
    case Qt::Key_1:
    case Qt::Key_2:
    case Qt::Key_3:
    case Qt::Key_4:
    case Qt::Key_5:
    case Qt::Key_6:
        return plain;
    default:
        return memberOf(m_members, typedLetter(event)) >= 0;
    }
}

bool TimelineWidget::event(QEvent* event) {
    // Single keys that mean something here are not the window's shortcuts while the timeline has the focus.
    if (event->type() == QEvent::ShortcutOverride && handlesKey(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void TimelineWidget::keyPressEvent(QKeyEvent* event) {
    if (!handlesKey(*event)) {
        QWidget::keyPressEvent(event);
        return;
    }
    if (m_drag) {
        if (event->key() == Qt::Key_Escape) {
            cancelDrag();
        } else if (m_heldByKey) {
            keyWhileHeld(*event);
        }
        return; // a drag is finished or cancelled before anything else happens
    }
    m_keyboard = true;
    if (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_A) {
        return select({0, m_geometry.steps});
    }
    if (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_M) {
        return mirror();
    }
    const bool extend = event->modifiers() & Qt::ShiftModifier;
    const bool byEdges = event->modifiers() & Qt::ControlModifier;
    switch (event->key()) {
    case Qt::Key_Left:
        moveCaret(byEdges ? neighbouringEdge(-1, extend) : m_caret - 1, extend);
        break;
    case Qt::Key_Right:
        moveCaret(byEdges ? neighbouringEdge(+1, extend) : m_caret + 1, extend);
        break;
    case Qt::Key_Home:
        moveCaret(0, extend);
        break;
    case Qt::Key_End:
        moveCaret(m_geometry.steps - 1, extend);
        break;
    case Qt::Key_PageUp:
        moveCaret(m_caret - tickInterval(), extend);
        break;
    case Qt::Key_PageDown:
        moveCaret(m_caret + tickInterval(), extend);
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        useTool();
        break;
    case Qt::Key_1:
    case Qt::Key_2:
    case Qt::Key_3:
    case Qt::Key_4:
    case Qt::Key_5:
    case Qt::Key_6:
        setTool(static_cast<TimelineTool>(event->key() - Qt::Key_1));
        emit toolChosen(m_tool);
        break;
    case Qt::Key_Up:
        setActiveMember(m_activeMember - 1);
        break;
    case Qt::Key_Down:
        setActiveMember(m_activeMember + 1);
        break;
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
        assign(0);
        break;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        m_geometry.zoomAbout(m_geometry.xOf(m_caret + 0.5), 1.5);
        m_geometry.reveal(m_caret);
        break;
    case Qt::Key_Minus:
        m_geometry.zoomAbout(m_geometry.xOf(m_caret + 0.5), 1 / 1.5);
        break;
    case Qt::Key_0:
        m_geometry.showAll();
        break;
    case Qt::Key_Escape:
        m_rangeAnchor = -1;
        describe();
        break;
    default:
        assign(memberOf(m_members, typedLetter(*event)));
    }
    update();
}

void TimelineWidget::moveCaret(int step, bool extend) {
    if (!extend) {
        m_rangeAnchor = -1;
    } else if (m_rangeAnchor < 0) {
        m_rangeAnchor = m_caret;
    }
    m_caret = std::clamp(step, 0, m_geometry.steps - 1);
    m_geometry.reveal(m_caret);
    describe();
}

int TimelineWidget::neighbouringEdge(int direction, bool extend) const {
    // First steps of segments are the stops. A range that grows to the right stops at last steps instead, so
    // that it covers whole segments.
    if (direction > 0) {
        for (const auto& segment : m_segments) {
            const int stop = extend ? segment.end() - 1 : segment.begin;
            if (stop > m_caret) {
                return stop;
            }
        }
        return m_geometry.steps - 1;
    }
    int before = 0;
    for (const auto& segment : m_segments) {
        if (segment.begin < m_caret) {
            before = segment.begin;
        }
    }
    return before;
}

/// What a key gives to a member, with the budget lock as with the mouse.
void TimelineWidget::give(TimelineGeometry::Range range, char letter, const QString& description) {
    const GivenSteps given = m_sharesLocked
                                 ? giveStepsKeepingShares(m_schedule, range.begin, range.end - 1, letter)
                                 : giveSteps(m_schedule, range.begin, range.end - 1, letter);
    if (!given.whole) {
        emit remarked(tr("Budget locked: %1 has no more %2 elsewhere to give back")
                          .arg(QLatin1Char(letter))
                          .arg(m_words.many()));
    }
    if (given.schedule != m_schedule) {
        emit edited(given.schedule, description);
    }
}

void TimelineWidget::assign(int member) {
    const auto range = selection().value_or(TimelineGeometry::Range{m_caret, m_caret + 1});
    const char letter = m_members[static_cast<std::size_t>(member)].letter;
    give(range, letter, tr("Set %1 to %2").arg(describeRange(range, m_words)).arg(QLatin1Char(letter)));
}

/// Enter at the caret does what a press of the mouse would begin.
void TimelineWidget::useTool() {
    TimelineDrag drag;
    drag.tool = m_tool;
    drag.before = m_schedule;
    drag.keepShares = m_sharesLocked;
    drag.words = m_words;
    drag.anchor = drag.current = m_caret;
    switch (m_tool) {
    case TimelineTool::Paint:
    case TimelineTool::Fill:
        return assign(m_activeMember);
    case TimelineTool::Erase:
        return assign(0);
    case TimelineTool::Split: {
        drag.letter = splitLetter(m_caret);
        const StepSchedule result = drag.result();
        if (result != m_schedule) {
            emit edited(result, drag.description());
        } else {
            emit remarked(drag.figures());
        }
        return;
    }
    case TimelineTool::Edge: {
        // The nearest one, of two equally near the one on the right.
        int nearest = -1;
        for (const auto& segment : m_segments) {
            const auto distance = [&](int edge) { return std::abs(edge - m_caret); };
            if (segment.begin > 0 && (nearest < 0 || distance(segment.begin) <= distance(nearest))) {
                nearest = segment.begin;
            }
        }
        if (nearest < 0) {
            emit remarked(tr("One model does every %1: there is no edge to move").arg(m_words.one()));
            return;
        }
        drag.anchor = drag.current = nearest;
        return holdByKey(std::move(drag));
    }
    case TimelineTool::Select:
        drag.block = selection().value_or(segmentAt(m_caret));
        return holdByKey(std::move(drag));
    }
}

void TimelineWidget::holdByKey(TimelineDrag drag) {
    m_drag = std::move(drag);
    m_heldByKey = true;
    emit previewed(m_drag->result());
    emit remarked(tr("Left and Right move it, Ctrl by a tick of the ruler; Enter lets go, Escape cancels"));
    update();
}

/// Arrows move what is held; Enter lets go of it.
bool TimelineWidget::keyWhileHeld(const QKeyEvent& event) {
    const int stride = event.modifiers() & Qt::ControlModifier ? tickInterval() : 1;
    int place = m_drag->current;
    switch (event.key()) {
    case Qt::Key_Left:
        place -= stride;
        break;
    case Qt::Key_Right:
        place += stride;
        break;
    case Qt::Key_PageUp:
        place -= tickInterval();
        break;
    case Qt::Key_PageDown:
        place += tickInterval();
        break;
    case Qt::Key_Home:
        place = 0;
        break;
    case Qt::Key_End:
        place = m_geometry.steps;
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space: {
        const int caret = m_drag->tool == TimelineTool::Edge ? m_drag->current : m_caret;
        release();
        m_caret = std::clamp(caret, 0, m_geometry.steps - 1);
        describe();
        return true;
    }
    default:
        return false;
    }
    m_drag->current = std::clamp(place, 0, m_geometry.steps);
    m_geometry.reveal(std::min(m_drag->current, m_geometry.steps - 1));
    emit previewed(m_drag->result());
    update();
    return true;
}

/// Whom a split gives its part to: the active member, or the next one where the segment is the active one's.
char TimelineWidget::splitLetter(int step) const {
    const char now = m_schedule.at(step);
    const auto active = static_cast<std::size_t>(m_activeMember);
    return m_members[active].letter != now ? m_members[active].letter
                                           : m_members[(active + 1) % m_members.size()].letter;
}

TimelineGeometry::Range TimelineWidget::segmentAt(int step) const {
    for (const auto& segment : m_segments) {
        if (step < segment.end()) {
            return {segment.begin, segment.end()};
        }
    }
    return {0, m_geometry.steps};
}

int TimelineWidget::tickInterval() const {
    const std::vector<RulerTick> ticks = rulerTicks(m_geometry, StepUnit::Step, 64);
    return ticks.size() < 2 ? 1 : std::max(1, static_cast<int>(ticks[1].step - ticks[0].step));
}

void TimelineWidget::describe() {
    const auto nameOf = [&](char letter) {
        const int member = memberOf(m_members, letter);
        return member < 0 ? QString(QLatin1Char(letter)) : m_members[static_cast<std::size_t>(member)].name;
    };
    constexpr std::size_t kMostSpoken = 12;
    QStringList parts;
    for (std::size_t i = 0; i < std::min(m_segments.size(), kMostSpoken); ++i) {
        const auto& segment = m_segments[i];
        parts << tr("%1 from %2 to %3").arg(nameOf(segment.letter)).arg(segment.begin).arg(segment.end() - 1);
    }
    if (m_segments.size() > kMostSpoken) {
        parts << tr("and %1 more segments").arg(m_segments.size() - kMostSpoken);
    }
    QString text =
        tr("%1: %2. Caret at %3 %4, %5.")
            .arg(m_words.counted(m_schedule.steps()), parts.join(QStringLiteral(", ")), m_words.one())
            .arg(m_caret)
            .arg(nameOf(m_schedule.at(m_caret)));
    if (const auto range = selection()) {
        text += tr(" Range %1.").arg(describeRange(*range, m_words));
    }
    setAccessibleDescription(text); // tells assistive tools by itself that it changed
}

void TimelineWidget::focusInEvent(QFocusEvent* event) {
    m_keyboard = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason ||
                 event->reason() == Qt::ShortcutFocusReason;
    update();
}

void TimelineWidget::focusOutEvent(QFocusEvent*) {
    m_keyboard = false;
    update();
}

} // namespace steploom
