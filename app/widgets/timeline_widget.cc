// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_widget.h"

#include "app/widgets/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

constexpr double kGrabTolerance = 4; ///< px about an edge
constexpr double kGrabMinimum =
    14; ///< px of the narrower neighbour, so that narrow blocks can still be painted
constexpr double kSnapTolerance = 3; ///< px about a ruler tick

} // namespace

TimelineWidget::TimelineWidget(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("timeline"));
    setAccessibleName(tr("Step schedule"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    m_schedule = StepSchedule::all('H', 1);
    m_segments = m_schedule.segments();
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        relayout();
        update();
    });
    describe();
}

void TimelineWidget::setMembers(const std::vector<TimelineMember>& members) {
    if (members.empty()) {
        return;
    }
    cancelDrag();
    m_members = members;
    m_activeMember = std::clamp(m_activeMember, 0, static_cast<int>(members.size()) - 1);
    relayout();
    updateGeometry();
    describe();
    update();
}

void TimelineWidget::setSchedule(const StepSchedule& schedule) {
    if (schedule.empty()) {
        return;
    }
    cancelDrag();
    if (schedule.steps() != m_geometry.steps) {
        m_geometry.setSteps(schedule.steps());
        m_rangeAnchor = -1;
    }
    m_schedule = schedule;
    m_segments = schedule.segments();
    m_caret = std::clamp(m_caret, 0, schedule.steps() - 1);
    describe();
    update();
}

void TimelineWidget::setTool(TimelineTool tool) {
    cancelDrag();
    m_tool = tool;
    update();
}

void TimelineWidget::setRulerUnit(RulerUnit unit) {
    m_unit = unit;
    update();
}

void TimelineWidget::setActiveMember(int index) {
    index = std::clamp(index, 0, static_cast<int>(m_members.size()) - 1);
    if (index != m_activeMember) {
        m_activeMember = index;
        update();
        emit activeMemberChanged(index);
    }
}

void TimelineWidget::setPlayhead(int step) {
    if (step != m_playhead) {
        m_playhead = step;
        update();
    }
}

void TimelineWidget::markStep(int step) {
    if (step != m_marked) {
        m_marked = step;
        update();
    }
}

void TimelineWidget::showAllSteps() {
    m_geometry.showAll();
    update();
}

std::optional<TimelineGeometry::Range> TimelineWidget::selection() const {
    if (m_rangeAnchor < 0) {
        return std::nullopt;
    }
    return TimelineGeometry::Range{std::min(m_rangeAnchor, m_caret), std::max(m_rangeAnchor, m_caret) + 1};
}

QPointF TimelineWidget::pointAt(double step, int lane) const {
    return {m_geometry.xOf(step), m_layout.laneTop(lane) + m_layout.laneHeight / 2};
}

QSize TimelineWidget::sizeHint() const {
    return {900, TimelineLayout::minimumHeight(static_cast<int>(m_members.size())) + 36};
}

QSize TimelineWidget::minimumSizeHint() const {
    return {320, TimelineLayout::minimumHeight(static_cast<int>(m_members.size()))};
}

void TimelineWidget::relayout() {
    m_layout = TimelineLayout::of(size(), m_members);
    m_geometry.setPlot(m_layout.gutter, width() - m_layout.gutter - m_layout.rightMargin);
}

QString TimelineWidget::pillText() const {
    if (m_drag) {
        QString text = m_drag->figures();
        if (m_dragFigures) {
            text += QStringLiteral(" · ") + m_dragFigures(m_drag->result());
        }
        return text;
    }
    if (!m_pointer) {
        return {};
    }
    const std::optional<int> edge = grabbableEdge(*m_pointer);
    return describeStep(edge ? *edge : m_geometry.stepAt(m_pointer->x()), m_geometry.steps);
}

TimelineScene TimelineWidget::scene() const {
    TimelineScene s;
    s.schedule = m_schedule;
    s.members = m_members;
    s.geometry = m_geometry;
    s.layout = m_layout;
    s.unit = m_unit;
    s.playhead = m_playhead;
    s.marked = m_marked;
    s.activeMember = m_tool == TimelineTool::Fill ? m_activeMember : -1;
    if (m_pointer) {
        s.hoverX = std::clamp(m_pointer->x(), m_geometry.left, m_geometry.right());
        s.hoverStep = m_geometry.stepAt(m_pointer->x());
        s.hotEdge = grabbableEdge(*m_pointer).value_or(-1);
    }
    if (m_drag) {
        s.hotEdge = -1;
        if (m_drag->tool == TimelineTool::Fill) {
            s.selection = m_drag->range(); // filled on release only
        } else {
            s.before = m_drag->before;
            s.schedule = m_drag->result();
        }
        if (m_drag->tool == TimelineTool::Edge) {
            const auto moved = m_drag->range();
            s.hotEdge = m_drag->current < m_drag->anchor ? moved.begin : moved.end;
        }
    } else if (m_keyboard && hasFocus()) {
        s.caret = m_caret;
        s.selection = selection();
        s.focusRing = true;
    }
    s.pill = pillText();
    return s;
}

void TimelineWidget::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintTimeline(painter, scene());
}

void TimelineWidget::resizeEvent(QResizeEvent*) { relayout(); }

std::optional<int> TimelineWidget::grabbableEdge(QPointF at) const {
    if (!m_layout.laneAt(at.y()) || at.x() < m_geometry.left - 6 || at.x() > m_geometry.right() + 6) {
        return std::nullopt;
    }
    if (m_tool == TimelineTool::Edge) {
        return edgeNear(m_geometry, m_segments, at.x(), 1e9);
    }
    return edgeNear(m_geometry, m_segments, at.x(), kGrabTolerance, kGrabMinimum);
}

void TimelineWidget::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_schedule.empty()) {
        return;
    }
    m_keyboard = false;
    m_rangeAnchor = -1;
    const QPointF at = event->position();
    const std::optional<int> lane = m_layout.laneAt(at.y());
    if (at.x() < m_geometry.left - 6) {
        if (lane) {
            setActiveMember(*lane);
        }
    } else if (at.y() < m_layout.rulerHeight) {
        m_scrubbing = true;
        emit stepPicked(m_geometry.stepAt(at.x()));
    } else if (lane) {
        beginDrag(at);
    }
    update();
}

void TimelineWidget::beginDrag(QPointF at) {
    TimelineDrag drag;
    drag.before = m_schedule;
    drag.tool = m_tool;
    if (const std::optional<int> edge = grabbableEdge(at)) {
        drag.tool = TimelineTool::Edge;
        drag.anchor = drag.current = *edge;
        drag.keepShares = m_sharesLocked;
    } else if (m_tool == TimelineTool::Edge) {
        return; // one segment only: no edge to drag
    } else {
        const int member =
            m_tool == TimelineTool::Paint ? m_layout.laneAt(at.y()).value_or(0) : m_activeMember;
        drag.letter = m_members[static_cast<std::size_t>(member)].letter;
        drag.anchor = drag.current = m_caret = m_geometry.stepAt(at.x());
    }
    m_drag = std::move(drag);
    m_pointer = at;
    emit previewed(m_drag->result());
}

void TimelineWidget::continueDrag(QPointF at, Qt::KeyboardModifiers modifiers) {
    m_pointer = at;
    int place = m_geometry.stepAt(at.x());
    if (m_drag->tool == TimelineTool::Edge) {
        // To the ruler's ticks when near one; Alt places freely.
        std::vector<int> anchors;
        if (!(modifiers & Qt::AltModifier)) {
            for (const RulerTick& tick : rulerTicks(m_geometry, m_unit, 64)) {
                anchors.push_back(static_cast<int>(std::lround(tick.step)));
            }
        }
        place = m_geometry.snappedBoundary(at.x(), anchors, kSnapTolerance);
    }
    if (place != m_drag->current) {
        m_drag->current = place;
        emit previewed(m_drag->result());
    }
    update();
}

void TimelineWidget::cancelDrag() {
    m_scrubbing = false;
    if (m_drag) {
        m_drag.reset();
        emit previewEnded();
        update();
    }
}

void TimelineWidget::mouseMoveEvent(QMouseEvent* event) {
    if (m_drag) {
        continueDrag(event->position(), event->modifiers());
    } else if (m_scrubbing) {
        emit stepPicked(m_geometry.stepAt(event->position().x()));
    } else {
        hover(event->position());
    }
}

void TimelineWidget::hover(QPointF at) {
    const bool inside = at.x() >= m_geometry.left - 6 && at.x() <= m_geometry.right() + 6 && at.y() >= 0 &&
                        at.y() <= m_layout.curveBottom();
    m_pointer = inside ? std::optional(at) : std::nullopt;
    if (inside && grabbableEdge(at)) {
        setCursor(Qt::SizeHorCursor);
    } else if (inside && m_layout.laneAt(at.y())) {
        setCursor(Qt::CrossCursor);
    } else {
        unsetCursor();
    }
    update();
}

void TimelineWidget::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        return;
    }
    m_scrubbing = false;
    if (!m_drag) {
        return;
    }
    const TimelineDrag drag = *m_drag;
    const StepSchedule result = drag.result();
    m_drag.reset();
    if (result == drag.before) {
        emit previewEnded();
    } else {
        emit edited(result, drag.description());
    }
    hover(event->position());
}

void TimelineWidget::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->position().y() < m_layout.rulerHeight) {
        showAllSteps();
    } else {
        mousePressEvent(event); // two quick strokes are two strokes
    }
}

void TimelineWidget::leaveEvent(QEvent*) {
    if (!m_drag) {
        m_pointer.reset();
        update();
    }
}

void TimelineWidget::wheelEvent(QWheelEvent* event) {
    const QPoint angle = event->angleDelta();
    if (event->modifiers() & Qt::ControlModifier) {
        m_geometry.zoomAbout(std::clamp(event->position().x(), m_geometry.left, m_geometry.right()),
                             std::pow(1.25, angle.y() / 120.0));
    } else if (m_geometry.isZoomed()) {
        const QPoint pixels = event->pixelDelta();
        const int along = !pixels.isNull() ? (pixels.x() != 0 ? pixels.x() : pixels.y())
                                           : (angle.x() != 0 ? angle.x() : angle.y()) / 2;
        m_geometry.panBy(-along);
    } else {
        event->ignore(); // nothing to pan: the page may scroll
        return;
    }
    if (m_drag) {
        continueDrag(event->position(), event->modifiers());
    }
    event->accept();
    update();
}

} // namespace steploom
