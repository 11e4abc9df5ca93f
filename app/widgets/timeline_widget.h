// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/timeline_painter.h"
#include "app/widgets/timeline_tools.h"

#include <QWidget>

#include <functional>
#include <optional>
#include <vector>

namespace steploom {

/// The schedule as lanes of blocks, to look at and to edit with mouse and keyboard. It keeps no history: a
/// finished edit is announced by edited(), and the owner answers with setSchedule().
///
/// Keyboard: Left/Right move the caret (Ctrl: to the next edge; Shift extends a range), PageUp/PageDown by a
/// tick of the ruler, Home/End; a member's letter gives the range or the caret's step to that member, Delete
/// to the first member; Up/Down choose the active member; 1…6 choose the tool. Enter or Space uses the tool
/// at the caret: Paint and Fill give the range to the active member, Erase to the first, Split cuts; Edge and
/// Select take hold of the nearest edge or the block, which Left/Right then move, until Enter lets go or
/// Escape cancels. Ctrl+A selects all, Ctrl+M mirrors the range or all, + and − zoom about the caret, 0 shows
/// all, Escape ends a drag or a range.
class TimelineWidget : public QWidget {
    Q_OBJECT
public:
    explicit TimelineWidget(QWidget* parent = nullptr);

    void setMembers(const std::vector<TimelineMember>& members);
    const std::vector<TimelineMember>& members() const noexcept { return m_members; }
    /// Ends a drag without an edit. Zoom stays while the number of steps does.
    void setSchedule(const StepSchedule& schedule);
    const StepSchedule& schedule() const noexcept { return m_schedule; }

    void setTool(TimelineTool tool);
    TimelineTool tool() const noexcept { return m_tool; }
    /// What its steps are called and write.
    void setWords(const StepWords& words);
    const StepWords& words() const noexcept { return m_words; }
    void setRulerUnit(StepUnit unit);
    StepUnit rulerUnit() const noexcept { return m_unit; }
    /// Every edit by tool or key keeps every member's number of steps: edges move an opposite edge along,
    /// steps that are given are given back elsewhere.
    void setSharesLocked(bool locked);
    bool sharesLocked() const noexcept { return m_sharesLocked; }
    /// Member that Fill and Split give steps to.
    void setActiveMember(int index);
    int activeMember() const noexcept { return m_activeMember; }
    /// How much each step matters, drawn as a strip of heat; empty values: not known, no strip.
    void setImportance(StepImportance importance);
    const StepImportance& importance() const noexcept { return m_importance; }
    /// Which steps of the last run made no call, one value a step; empty: there is no run to tell of.
    void setIdleSteps(const std::vector<bool>& idle);
    const std::vector<TimelineGeometry::Range>& idleSteps() const noexcept { return m_idle; }
    /// Marks the step being generated or scrubbed to; −1: none.
    void setPlayhead(int step);
    int playhead() const noexcept { return m_playhead; }
    /// A second mark: the step whose tokens are outlined on the canvas; −1: none.
    void markStep(int step);
    int markedStep() const noexcept { return m_marked; }
    /// What the pill adds while dragging, e.g. "17.7% saved", of the schedule as it would become.
    void setDragFigures(std::function<QString(const StepSchedule&)> figures) {
        m_dragFigures = std::move(figures);
    }

    bool isDragging() const noexcept { return m_drag.has_value(); }
    QString pillText() const;
    int caret() const noexcept { return m_caret; }
    std::optional<TimelineGeometry::Range> selection() const;
    void select(TimelineGeometry::Range range);
    /// Reads the selected range, or the whole schedule, from its last step to its first.
    void mirror();
    void showAllSteps();
    const TimelineGeometry& geometryOfSteps() const noexcept { return m_geometry; }
    /// A point of the widget: that position on the step axis, in the middle of that lane.
    QPointF pointAt(double step, int lane) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    /// A drag was released or a key pressed: one undo step called `description`. Never the schedule that is
    /// shown.
    void edited(const StepSchedule& schedule, const QString& description);
    /// While dragging: the schedule if the drag ended now.
    void previewed(const StepSchedule& schedule);
    /// The drag ended without an edit: what was previewed is void.
    void previewEnded();
    /// A press or drag on the ruler.
    void stepPicked(int step);
    void activeMemberChanged(int index);
    void toolChosen(steploom::TimelineTool tool);
    /// Why an edit was not made, or only in part.
    void remarked(const QString& text);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void relayout();
    void beginDrag(QPointF at, Qt::KeyboardModifiers modifiers);
    void continueDrag(QPointF at, Qt::KeyboardModifiers modifiers);
    void cancelDrag();
    void hover(QPointF at);
    std::optional<int> grabbableEdge(QPointF at) const;
    bool handlesKey(const QKeyEvent& event) const;
    void moveCaret(int step, bool extend);
    int neighbouringEdge(int direction, bool extend) const;
    void give(TimelineGeometry::Range range, char letter, const QString& description);
    void assign(int member);
    void useTool();
    void holdByKey(TimelineDrag drag);
    bool keyWhileHeld(const QKeyEvent& event);
    void release();
    char splitLetter(int step) const;
    TimelineGeometry::Range segmentAt(int step) const;
    int tickInterval() const;
    void describe();
    TimelineScene scene() const;

    std::vector<TimelineMember> m_members{{'H', QStringLiteral("heavy")}, {'L', QStringLiteral("light")}};
    StepSchedule m_schedule;
    std::vector<StepSchedule::Segment> m_segments; ///< of m_schedule
    TimelineGeometry m_geometry;
    TimelineLayout m_layout;
    TimelineTool m_tool = TimelineTool::Paint;
    StepUnit m_unit = StepUnit::Step;
    StepWords m_words;
    bool m_sharesLocked = false;
    int m_activeMember = 1;
    int m_playhead = -1;
    int m_marked = -1;
    std::function<QString(const StepSchedule&)> m_dragFigures;

    StepImportance m_importance;
    std::vector<TimelineGeometry::Range> m_idle;
    bool m_hasIdle = false;

    std::optional<TimelineDrag> m_drag;
    bool m_heldByKey = false; ///< the drag is moved by arrow keys
    bool m_scrubbing = false;
    std::optional<QPointF> m_pointer; ///< inside the plot; nothing when elsewhere
    int m_caret = 0;
    int m_rangeAnchor = -1;  ///< other end of the selected range; −1: no range
    bool m_keyboard = false; ///< caret and focus ring show only after the keyboard was used
};

} // namespace steploom
