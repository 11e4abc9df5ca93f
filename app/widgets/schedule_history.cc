// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/schedule_history.h"

#include <QUndoCommand>

namespace steploom {

/// Keeps both schedules whole: at 10,000 letters each that is cheaper than being clever.
class ScheduleHistory::Edit : public QUndoCommand {
public:
    Edit(ScheduleHistory& history, StepSchedule before, StepSchedule after, const QString& text)
        : QUndoCommand(text), m_history(history), m_before(std::move(before)), m_after(std::move(after)) {}
    void undo() override { m_history.set(m_before); }
    void redo() override { m_history.set(m_after); }

private:
    ScheduleHistory& m_history;
    StepSchedule m_before, m_after;
};

ScheduleHistory::ScheduleHistory(QObject* parent) : QObject(parent) { m_stack.setUndoLimit(500); }

bool ScheduleHistory::edit(const StepSchedule& schedule, const QString& text) {
    if (schedule == m_schedule) {
        return false;
    }
    m_stack.push(new Edit(*this, m_schedule, schedule, text)); // push() calls redo()
    return true;
}

void ScheduleHistory::reset(const StepSchedule& schedule) {
    m_stack.clear();
    set(schedule);
}

void ScheduleHistory::set(const StepSchedule& schedule) {
    m_schedule = schedule;
    emit changed(m_schedule);
}

} // namespace steploom
