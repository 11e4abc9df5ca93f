// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <QWidget>

#include <string>

namespace steploom {

/// A schedule as a small bar: the members' colours from the first step to the last, members other than the
/// first hatched. Where a pixel holds several steps it shows their mean colour, so alternating schedules look
/// even at any width.
class ScheduleThumbnail : public QWidget {
    Q_OBJECT
public:
    explicit ScheduleThumbnail(QWidget* parent = nullptr);

    /// `letters`: the pool's, in order; they decide the colours.
    void setSchedule(const StepSchedule& schedule, const std::string& letters);
    const StepSchedule& schedule() const noexcept { return m_schedule; }

    /// For delegates and cards.
    static void paint(QPainter& painter, const QRectF& bar, const StepSchedule& schedule,
                      const std::string& letters);

    QSize sizeHint() const override { return {160, 14}; }
    QSize minimumSizeHint() const override { return {40, 8}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    StepSchedule m_schedule;
    std::string m_letters;
};

} // namespace steploom
