// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/anchor_lines.h"
#include "app/pages/chart_card.h"
#include "app/pages/quality_points.h"

class QCheckBox;

namespace steploom {

/// Quality of the runs against what generation took.
class QualityCard : public ChartCard {
    Q_OBJECT
public:
    explicit QualityCard(QWidget* parent = nullptr);
    /// `all`: how many runs there are; where that is more than these, the chart says so.
    void setRuns(const std::vector<RunSummary>& runs, int all = 0);
    void setAnchors(AnchorRecords anchors);

private:
    QualityChoice choice() const;
    void refreshJudges();
    void refresh();
    /// Names what is seen; `beyond`: an anchor that is not.
    void describe(const QualityPlot& quality, const QString& beyond);

    std::vector<RunSummary> m_runs;
    int m_all = 0;
    AnchorRecords m_anchors;
    std::vector<QualityJudge> m_judges;
    QComboBox* m_measure;
    QComboBox* m_axis;
    QComboBox* m_judge;
    QCheckBox* m_group;
    QCheckBox* m_logarithmic;
};

} // namespace steploom
