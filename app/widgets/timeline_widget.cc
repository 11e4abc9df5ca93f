// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_widget.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"
#include "app/widgets/timeline_edit.h"
#include "engine/schedule/optimum_schedule.h"

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
constexpr double kTickSpacing = 64;  ///< px, as the painter's

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

void TimelineWidget::setWords(const StepWords& words) {
    if (words == m_words) {
        return;
    }
    cancelDrag();
    m_words = words;
    relayout();
    describe();
    update();
}

void TimelineWidget::setRulerUnit(StepUnit unit) {
    m_unit = unit;
    update();
}

void TimelineWidget::setSharesLocked(bool locked) {
    cancelDrag(); // it began under the other rule
    m_sharesLocked = locked;
}

void TimelineWidget::setActiveMember(int index) {
    index = std::clamp(index, 0, static_cast<int>(m_members.size()) - 1);
    if (index != m_activeMember) {
        m_activeMember = index;
        update();
        emit activeMemberChanged(index);
    }
}

void TimelineWidget::setImportance(StepImportance importance) {
    const bool shown = !importance.values.empty() && std::ranges::all_of(importance.values, [](double value) {
        return std::isfinite(value) && value >= 0;
    });
    m_importance = shown ? std::move(importance) : StepImportance();
    relayout();
    update();
}

void TimelineWidget::setIdleSteps(const std::vector<bool>& idle) {
    m_hasIdle = !idle.empty();
    m_idle.clear();
    for (int step = 0; step < static_cast<int>(idle.size()); ++step) {
        if (!idle[static_cast<std::size_t>(step)]) {
            continue;
        }
        if (!m_idle.empty() && m_idle.back().end == step) {
            ++m_idle.back().end;
        } else {
            m_idle.push_back({step, step + 1});
        }
    }
    relayout();
    update();
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

void TimelineWidget::select(TimelineGeometry::Range range) {
    m_rangeAnchor = std::clamp(range.begin, 0, m_geometry.steps - 1);
    m_caret = std::clamp(range.end - 1, m_rangeAnchor, m_geometry.steps - 1);
    describe();
    update();
}

void TimelineWidget::mirror() {
    cancelDrag();
    const auto range = selection();
    const auto [begin, end] = range.value_or(TimelineGeometry::Range{0, m_geometry.steps});
    const StepSchedule result = mirrorRange(m_schedule, begin, end);
    if (result != m_schedule) {
        emit edited(result, range ? tr("Mirror %1").arg(describeRange(*range)) : tr("Mirror"));
    }
}

QPointF TimelineWidget::pointAt(double step, int lane) const {
    return {m_geometry.xOf(step), m_layout.laneTop(lane) + m_layout.laneHeight / 2};
}

QSize TimelineWidget::sizeHint() const {
    return {900, TimelineLayout::comfortableHeight(static_cast<int>(m_members.size()))};
}

QSize TimelineWidget::minimumSizeHint() const {
    return {320, TimelineLayout::minimumHeight(static_cast<int>(m_members.size()))};
}

void TimelineWidget::relayout() {
    m_layout =
        TimelineLayout::of(size(), m_members, !m_importance.values.empty(), m_hasIdle, !m_words.inOrder());
    m_geometry.setPlot(m_layout.gutter, width() - m_layout.gutter - m_layout.rightMargin);
}

QString TimelineWidget::pillText() const {
    if (m_drag) {
        QString text = m_drag->figures() + QStringLiteral(" · ") +
                       describePlace(std::min(m_drag->current, m_geometry.steps), m_geometry.steps, m_words);
        if (m_dragFigures) {
            text += QStringLiteral(" · ") + m_dragFigures(m_drag->result());
        }
        return text;
    }
    if (!m_pointer) {
        return {};
    }
    const std::optional<int> edge = grabbableEdge(*m_pointer);
    const int step = edge ? *edge : m_geometry.stepAt(m_pointer->x());
    QString text = describeStep(step, m_geometry.steps, m_words);
    if (!m_importance.values.empty()) {
        const int inside = std::min(step, m_geometry.steps - 1);
        text += tr(" · %1 %2")
                    .arg(m_importance.measure,
                         formatNumber(importanceAt(m_importance.values, inside, m_geometry.steps)));
    }
    return text;
}

TimelineScene TimelineWidget::scene() const {
    TimelineScene s;
    s.schedule = m_schedule;
    s.members = m_members;
    s.geometry = m_geometry;
    s.layout = m_layout;
    s.unit = m_unit;
    s.words = m_words;
    s.importance = m_importance.values;
    s.idleSteps = m_idle;
    s.playhead = m_playhead;
    s.marked = m_marked;
    s.activeMember = m_tool == TimelineTool::Fill || m_tool == TimelineTool::Split ? m_activeMember : -1;
    s.selection = selection();
    s.focusRing = m_keyboard && hasFocus();
    if (m_pointer) {
        s.hoverX = std::clamp(m_pointer->x(), m_geometry.left, m_geometry.right());
        s.hoverStep = m_geometry.stepAt(m_pointer->x());
        s.hotEdge = grabbableEdge(*m_pointer).value_or(-1);
    }
    if (m_drag) {
        s.hotEdge = -1;
        s.selection.reset();
        if (m_drag->tool == TimelineTool::Fill) {
            s.selection = m_drag->range(); // filled on release only
        } else {
            s.before = m_drag->before;
            s.schedule = m_drag->result();
        }
        if (m_drag->tool == TimelineTool::Select) {
            s.selection = m_drag->range();
        }
        if (m_drag->tool == TimelineTool::Edge) {
            const auto moved = m_drag->range();
            s.hotEdge = m_drag->current < m_drag->anchor ? moved.begin : moved.end;
        }
        if (m_heldByKey) {
            s.hoverX = std::clamp(m_geometry.xOf(m_drag->current), m_geometry.left, m_geometry.right());
        }
    } else if (s.focusRing) {
        s.caret = m_caret;
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
    switch (m_tool) {
    case TimelineTool::Edge:
        return edgeNear(m_geometry, m_segments, at.x(), 1e9);
    case TimelineTool::Select: // a block can be taken anywhere, a cut made and an eraser begin at an edge
    case TimelineTool::Split:
    case TimelineTool::Erase:
        return std::nullopt;
    case TimelineTool::Paint:
    case TimelineTool::Fill:
        break;
    }
    return edgeNear(m_geometry, m_segments, at.x(), kGrabTolerance, kGrabMinimum);
}

void TimelineWidget::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_schedule.empty()) {
        return;
    }
    cancelDrag(); // one held by key
    m_keyboard = false;
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
        beginDrag(at, event->modifiers());
    }
    update();
}

void TimelineWidget::beginDrag(QPointF at, Qt::KeyboardModifiers modifiers) {
    const std::optional<TimelineGeometry::Range> selected = selection();
    m_rangeAnchor = -1;
    TimelineDrag drag;
    drag.before = m_schedule;
    drag.tool = m_tool;
    drag.keepShares = m_sharesLocked;
    drag.words = m_words;
    const int step = m_geometry.stepAt(at.x());
    const int lane = m_layout.laneAt(at.y()).value_or(0);
    if (const std::optional<int> edge = grabbableEdge(at)) {
        drag.tool = TimelineTool::Edge;
        drag.anchor = drag.current = *edge;
    } else if (m_tool == TimelineTool::Edge) {
        return; // one segment only: no edge to drag
    } else {
        drag.anchor = drag.current = m_caret = step;
        drag.letter = m_members[static_cast<std::size_t>(m_tool == TimelineTool::Paint   ? lane
                                                         : m_tool == TimelineTool::Erase ? 0
                                                                                         : m_activeMember)]
                          .letter;
        if (m_tool == TimelineTool::Split) {
            drag.letter = splitLetter(step);
            drag.splitsBefore = modifiers & Qt::ShiftModifier;
        } else if (m_tool == TimelineTool::Select) {
            if (selected && step >= selected->begin && step < selected->end) {
                drag.block = *selected;
            } else if (m_members[static_cast<std::size_t>(lane)].letter == m_schedule.at(step)) {
                drag.block = segmentAt(step);
            }
        }
    }
    m_drag = std::move(drag);
    m_pointer = at;
    emit previewed(m_drag->result());
}

void TimelineWidget::continueDrag(QPointF at, Qt::KeyboardModifiers modifiers) {
    m_pointer = at;
    int place = m_geometry.stepAt(at.x());
    // Edges and cuts go to the ruler's ticks when near one; Alt places freely.
    const bool snaps = m_drag->tool == TimelineTool::Edge || m_drag->tool == TimelineTool::Split;
    if (snaps) {
        std::vector<int> anchors;
        if (!(modifiers & Qt::AltModifier)) {
            for (const RulerTick& tick : rulerTicks(m_geometry, m_unit, kTickSpacing)) {
                anchors.push_back(static_cast<int>(std::lround(tick.step)));
            }
        }
        place = m_geometry.snappedBoundary(at.x(), anchors, kSnapTolerance);
    }
    if (m_drag->tool == TimelineTool::Split) {
        m_drag->splitsBefore = modifiers & Qt::ShiftModifier;
        place = std::clamp(m_drag->splitsBefore ? place - 1 : place, 0, m_geometry.steps - 1);
        m_drag->letter = splitLetter(place);
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
        m_heldByKey = false;
        emit previewEnded();
        update();
    }
}

void TimelineWidget::mouseMoveEvent(QMouseEvent* event) {
    if (m_drag && !m_heldByKey) {
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
        setCursor(m_tool == TimelineTool::Select  ? Qt::ArrowCursor
                  : m_tool == TimelineTool::Split ? Qt::SplitHCursor
                                                  : Qt::CrossCursor);
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
    if (!m_drag || m_heldByKey) {
        return;
    }
    release();
    hover(event->position());
}

/// Ends the drag with what it came to: an edit, a selection, or nothing.
void TimelineWidget::release() {
    const TimelineDrag drag = *m_drag;
    const StepSchedule result = drag.result();
    const bool clicked = drag.current == drag.anchor;
    m_drag.reset();
    m_heldByKey = false;
    if (result != drag.before) {
        emit edited(result, drag.description());
    } else {
        emit previewEnded();
        if (drag.keepShares && !clicked) {
            emit remarked(drag.figures());
        }
    }
    if (drag.tool == TimelineTool::Select && (drag.block.end > drag.block.begin || !clicked)) {
        select(drag.range()); // a click beside the blocks selects nothing
    }
    update();
}

void TimelineWidget::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->position().y() < m_layout.rulerHeight) {
        showAllSteps();
    } else {
        mousePressEvent(event); // two quick strokes are two strokes
    }
}

void TimelineWidget::leaveEvent(QEvent*) {
    if (!m_drag || m_heldByKey) {
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
    if (m_drag && !m_heldByKey) {
        continueDrag(event->position(), event->modifiers());
    }
    event->accept();
    update();
}

} // namespace steploom
