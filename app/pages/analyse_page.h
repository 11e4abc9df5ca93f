// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "app/pages/quality_points.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace steploom {

class PlotWidget;

/// Charts over the stored runs. One so far: quality against compute.
class AnalysePage : public QWidget {
    Q_OBJECT
public:
    explicit AnalysePage(Session* session, QWidget* parent = nullptr);

    void setRuns(const std::vector<RunSummary>& runs);
    PlotWidget* plot() const noexcept { return m_plot; }

private:
    QualityChoice choice() const;
    void refreshJudges();
    void refresh();

    Session* m_session;
    std::vector<RunSummary> m_runs;
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
