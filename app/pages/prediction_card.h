// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_card.h"
#include "app/pages/prediction_plot.h"

namespace steploom {

/// What a search measured, against what step importance had predicted.
class PredictionCard : public AnalysisCard {
    Q_OBJECT
public:
    explicit PredictionCard(QWidget* parent = nullptr);
    void setAnalyses(AnalysisRecords<SearchResult> searches, AnalysisRecords<ImportanceProfile> importances);

protected:
    void draw() override;

private:
    AnalysisRecords<SearchResult> m_searches;
    AnalysisRecords<ImportanceProfile> m_importances;
};

} // namespace steploom
