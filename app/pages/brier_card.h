// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_card.h"
#include "app/pages/brier_plot.h"

class QCheckBox;
class QComboBox;

namespace steploom {

/// BrierLM over compute: autoregressive, CALM and masked-diffusion models on one chart, beside the paper's.
class BrierCard : public AnalysisCard {
    Q_OBJECT
public:
    explicit BrierCard(QWidget* parent = nullptr);
    void setAnalyses(AnalysisRecords<BrierStudy> studies);

protected:
    void draw() override;

private:
    AnalysisRecords<BrierStudy> m_studies;
    QComboBox *m_score, *m_axis;
    QCheckBox* m_published;
};

/// BrierLM over temperature, a line for each number of candidates.
class AblationCard : public AnalysisCard {
    Q_OBJECT
public:
    explicit AblationCard(QWidget* parent = nullptr);
    /// Those in which a model was judged more than once.
    void setAnalyses(AnalysisRecords<BrierStudy> studies);

protected:
    void draw() override;

private:
    AnalysisRecords<BrierStudy> m_studies;
    QComboBox *m_score, *m_model;
};

} // namespace steploom
