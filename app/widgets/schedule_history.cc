// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/schedule_history.h"

#include <QUndoCommand>

#include <algorithm>
#include <string>

namespace steploom {

/// Keeps what changed between what stayed at both ends: a stroke over 10,000 steps costs as many bytes as it
/// paints, so thousands of edits can be taken back.
class ScheduleHistory::Edit : public QUndoCommand {
public:
    Edit(ScheduleHistory& history, const StepSchedule& before, const StepSchedule& after, const QString& text)
        : QUndoCommand(text), m_history(history) {
        const std::string &a = before.letters(), &b = after.letters();
        const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
        m_kept = static_cast<std::size_t>(left - a.begin());
        std::size_t tail = 0;
        while (tail < std::min(a.size(), b.size()) - m_kept &&
               a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
            ++tail;
        }
        m_before = a.substr(m_kept, a.size() - m_kept - tail);
        m_after = b.substr(m_kept, b.size() - m_kept - tail);
    }
    void undo() override { replace(m_after, m_before); }
    void redo() override { replace(m_before, m_after); }

private:
    void replace(const std::string& old, const std::string& with) {
        std::string letters = m_history.schedule().letters();
        letters.replace(m_kept, old.size(), with);
        m_history.set(StepSchedule(std::move(letters)));
    }

    ScheduleHistory& m_history;
    std::size_t m_kept = 0; ///< steps before the change
    std::string m_before, m_after;
};

ScheduleHistory::ScheduleHistory(QObject* parent) : QObject(parent) { m_stack.setUndoLimit(kMostEdits); }

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
