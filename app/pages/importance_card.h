// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_card.h"
#include "app/pages/prediction_plot.h"

namespace steploom {

class SegmentedSwitch;

/// How much each step matters to a pool.
class ImportanceCard : public AnalysisCard {
    Q_OBJECT
public:
    explicit ImportanceCard(QWidget* parent = nullptr);
    void setAnalyses(AnalysisRecords<ImportanceProfile> importances);

protected:
    void draw() override;

private:
    AnalysisRecords<ImportanceProfile> m_importances;
    SegmentedSwitch* m_measure;
};

} // namespace steploom
