// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "app/widgets/controls.h"
#include "app/widgets/schedule_history.h"
#include "app/widgets/timeline_widget.h"

#include <functional>

class QAction;
class QHBoxLayout;
class QLineEdit;

namespace steploom {

class PresetMenu;

/// The card in which a schedule is designed: timeline, notation in both directions, presets, tools, undo.
class ScheduleEditor : public Card {
    Q_OBJECT
public:
    explicit ScheduleEditor(QWidget* parent = nullptr);

    /// Lanes and letters. Steps of members that are no longer in the pool go to its first member (which ends
    /// the history: there is no way back to a model that is gone).
    void setPool(const PoolFacts& pool);
    const StepSchedule& schedule() const noexcept { return m_history.schedule(); }
    /// Starts over from this schedule, with nothing to undo. Letters must be the pool's.
    void setSchedule(const StepSchedule& schedule);
    /// Makes it the schedule as one undo step called `text`; nothing happens when it already is.
    void applySchedule(const StepSchedule& schedule, const QString& text);
    /// Rescales to this many steps (1…10,000), segments keeping their shares, as one undo step.
    void setSteps(int steps);

    /// Shared with the page: playhead, picked steps.
    TimelineWidget* timeline() const noexcept { return m_timeline; }
    QAction* undoAction() const noexcept { return m_undo; }
    QAction* redoAction() const noexcept { return m_redo; }
    /// Share of blocks-only FLOPs saved (0…1) shown at the pointer while dragging; by default computed from
    /// the pool at the models' own length.
    void setSavingFigure(std::function<double(const StepSchedule&)> saving) { m_saving = std::move(saving); }

signals:
    void scheduleChanged(const StepSchedule& schedule);
    /// During drags, and scheduleChanged's value again when a drag is cancelled: what cost strips follow.
    void schedulePreviewed(const StepSchedule& schedule);

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeControls();
    void makeActions();
    void showSchedule(const StepSchedule& schedule);
    void showNotation(const StepSchedule& schedule);
    /// The typed text as a schedule of the present number of steps; throws Error(Schedule).
    StepSchedule typedSchedule() const;
    void checkTyped();
    void commitTyped();
    void preparePresets();
    void showStatus(const QString& text, const char* look);
    void fitStatus();
    void showHint();
    std::string letters() const;
    double lightShare() const;
    QString dragFigures(const StepSchedule& schedule) const;

    ScheduleHistory m_history;
    std::vector<CallCost> m_costs; ///< blocks only, at the models' own length
    int m_length = 0;
    std::function<double(const StepSchedule&)> m_saving;

    TimelineWidget* m_timeline;
    QLineEdit* m_notation = nullptr;
    QLabel* m_status = nullptr;
    QString m_statusText; ///< whole; the label shows what fits
    QHBoxLayout* m_controlsRow = nullptr;
    QHBoxLayout* m_statusRow = nullptr;
    QWidget* m_ruler = nullptr; ///< unit switch with its label; in the row that has room for it
    PillButton* m_lock = nullptr;
    PresetMenu* m_presets = nullptr;
    QAction* m_undo = nullptr;
    QAction* m_redo = nullptr;
};

} // namespace steploom
