// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <QObject>
#include <QUndoStack>

namespace steploom {

/// The schedule being designed, with undo. Every edit is one named step; an edit that changes nothing is
/// none.
class ScheduleHistory : public QObject {
    Q_OBJECT
public:
    static constexpr int kMostEdits = 20'000; ///< that can be taken back

    explicit ScheduleHistory(QObject* parent = nullptr);

    const StepSchedule& schedule() const noexcept { return m_schedule; }
    /// Makes `schedule` the present one as an undoable step called `text`; false (and no step) when it
    /// already is.
    bool edit(const StepSchedule& schedule, const QString& text);
    /// Starts over from this schedule: nothing to undo.
    void reset(const StepSchedule& schedule);
    QUndoStack* stack() noexcept { return &m_stack; }

signals:
    /// By edit, undo, redo or reset.
    void changed(const StepSchedule& schedule);

private:
    class Edit;
    void set(const StepSchedule& schedule);

    StepSchedule m_schedule;
    QUndoStack m_stack;
};

} // namespace steploom
