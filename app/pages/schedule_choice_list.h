// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/named_schedule.h"
#include "engine/sampling/generation_request.h"

#include <QListWidget>

#include <optional>
#include <vector>

namespace steploom {

/// Schedules to tick, each once, with its picture: the present one, those of the library that the pool can
/// run, and the presets at a budget.
class ScheduleChoiceList : public QListWidget {
    Q_OBJECT
public:
    struct Choice {
        QString name;
        QString origin; ///< "present", "library", "preset"
        StepSchedule schedule;
    };

    /// `present`: the design as it is, ticked.
    ScheduleChoiceList(GenerationRequest present, const std::vector<NamedSchedule>& library,
                       QWidget* parent = nullptr);

    /// Share of light steps of the presets; that of the present schedule at first. What is ticked stays so,
    /// by its name.
    void setLightShare(double share);
    double lightShare() const noexcept { return m_lightShare; }
    std::vector<const Choice*> ticked() const;

private:
    void collect();
    void fill(const QStringList& ticked);

    GenerationRequest m_present;
    std::vector<NamedSchedule> m_library;
    double m_lightShare = 0;
    std::vector<Choice> m_choices; ///< in the order of the list
};

} // namespace steploom
