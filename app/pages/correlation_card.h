// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_card.h"
#include "app/pages/correlation_plot.h"

namespace steploom {

/// BrierLM against cross-entropy over the checkpoints of a model.
class CorrelationCard : public AnalysisCard {
    Q_OBJECT
public:
    explicit CorrelationCard(QWidget* parent = nullptr);
    void setAnalyses(AnalysisRecords<CorrelationStudy> studies);

protected:
    void draw() override;

private:
    AnalysisRecords<CorrelationStudy> m_studies;
};

} // namespace steploom
