// SPDX-License-Identifier: GPL-3.0-or-later
// The keyboard's half of TimelineWidget, and what it tells screen readers.
#include "app/widgets/timeline_widget.h"

#include <QKeyEvent>

#include <algorithm>

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
    switch (event.key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Home:
    case Qt::Key_End:
        return !(event.modifiers() & (Qt::AltModifier | Qt::MetaModifier));
    case Qt::Key_Escape:
        return m_drag.has_value() || m_rangeAnchor >= 0;
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus:
    case Qt::Key_0:
        return !(event.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
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
        }
        return; // a drag is finished or cancelled before anything else happens
    }
    m_keyboard = true;
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

void TimelineWidget::assign(int member) {
    const auto range = selection().value_or(TimelineGeometry::Range{m_caret, m_caret + 1});
    const char letter = m_members[static_cast<std::size_t>(member)].letter;
    const StepSchedule result = m_schedule.filled(range.begin, range.end, letter);
    if (result != m_schedule) {
        emit edited(result, tr("Set %1 to %2").arg(describeRange(range)).arg(QLatin1Char(letter)));
    }
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
    QString text = tr("%1 steps: %2. Caret at step %3, %4.")
                       .arg(m_schedule.steps())
                       .arg(parts.join(QStringLiteral(", ")))
                       .arg(m_caret)
                       .arg(nameOf(m_schedule.at(m_caret)));
    if (const auto range = selection()) {
        text += tr(" Range %1.").arg(describeRange(*range));
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
