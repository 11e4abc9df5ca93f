// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"
#include "engine/runs/run.h"

#include <span>

class QComboBox;
class QLabel;
class QStackedWidget;
class QTableView;

namespace steploom {

class ConfigurationModel;
class DifferenceModel;

/// Under the texts: differences of the measures from a baseline that is chosen here, and of the settings.
class CompareDetails : public Card {
    Q_OBJECT
public:
    explicit CompareDetails(QWidget* parent = nullptr);

    /// Compares; the runs are needed during the call only.
    void setRuns(std::span<const Run> runs, std::size_t baseline);
    DifferenceModel& differences() noexcept { return *m_differences; }

signals:
    void baselineChosen(int run);

private:
    QTableView* makeTable(const char* name, const QString& accessibleName);
    void describe();

    DifferenceModel* m_differences;
    ConfigurationModel* m_configuration;
    SegmentedSwitch* m_switch;
    QLabel* m_text;
    QLabel* m_baselineLabel;
    QComboBox* m_baseline;
    PillButton* m_all;
    QStackedWidget* m_stack;
    QTableView* m_differenceTable;
    QTableView* m_configurationTable;
    QLabel* m_none;
};

} // namespace steploom
