// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "app/pages/quality_points.h"
#include "app/pages/training_card.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace steploom {

class PlotWidget;

/// Charts over what is stored, one at a time: quality against compute, and the curves of training runs.
class AnalysePage : public QWidget {
    Q_OBJECT
public:
    explicit AnalysePage(Session* session, QWidget* parent = nullptr);

    void setRuns(const std::vector<RunSummary>& runs);
    void setTrainings(const std::vector<TrainingSummary>& trainings, TrainingCard::Reader read);
    PlotWidget* plot() const noexcept { return m_plot; } ///< quality against compute
    TrainingCard* training() const noexcept { return m_training; }

private:
    QualityChoice choice() const;
    void refreshJudges();
    void refresh();
    void refreshExports();
    Card* makeQualityCard();
    bool showsTraining() const;

    Session* m_session;
    std::vector<RunSummary> m_runs;
    SegmentedSwitch* m_switch;
    QStackedWidget* m_charts;
    TrainingCard* m_training;
    PlotWidget* m_plot;
    QLabel* m_subtitle;
    QLabel* m_remarks;
    QComboBox* m_axis;
    QComboBox* m_judge;
    QCheckBox* m_group;
    QCheckBox* m_logarithmic;
    std::vector<QPushButton*> m_exports;
};

} // namespace steploom
