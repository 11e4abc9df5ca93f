// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/named_schedule.h"
#include "engine/runs/queued_generation.h"

#include <QDialog>

#include <functional>
#include <optional>
#include <vector>

class QLabel;
class QLineEdit;

namespace steploom {

class PrimaryButton;
class ScheduleChoiceList;

/// Several schedules under several seeds: ticks and seeds go in, generations for the queue come out. All else
/// is as in the present request. Equal seeds mean common random numbers, so that what differs between two
/// schedules is the schedules' doing.
class CompareDialog : public QDialog {
    Q_OBJECT
public:
    /// `present`: the design as it is, ticked. `library`: named schedules. `secondsOf`: how long a request
    /// would take, nothing where that is not known.
    CompareDialog(GenerationRequest present, const std::vector<NamedSchedule>& library,
                  std::function<std::optional<double>(const GenerationRequest&)> secondsOf,
                  QWidget* parent = nullptr);

    /// Seed by seed, and under each every schedule that is ticked; empty while the seeds cannot be read.
    std::vector<WantedGeneration> wanted() const;

private:
    void layOut(const std::vector<NamedSchedule>& library);
    void review();

    GenerationRequest m_present;
    std::function<std::optional<double>(const GenerationRequest&)> m_secondsOf;
    ScheduleChoiceList* m_list = nullptr;
    QLineEdit* m_seeds = nullptr;
    QLabel* m_seedsError = nullptr;
    QLabel* m_summary = nullptr;
    PrimaryButton* m_add = nullptr;
};

} // namespace steploom
