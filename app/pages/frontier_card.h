// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_card.h"
#include "app/pages/anchor_lines.h"
#include "app/pages/frontier_plot.h"

class QCheckBox;

namespace steploom {

/// Entropy against generative perplexity over temperatures.
class FrontierCard : public AnalysisCard {
    Q_OBJECT
public:
    explicit FrontierCard(QWidget* parent = nullptr);
    void setAnalyses(AnalysisRecords<Frontier> frontiers, AnchorRecords anchors);

protected:
    void draw() override;

private:
    AnalysisRecords<Frontier> m_frontiers;
    AnchorRecords m_anchors;
    QCheckBox* m_logarithmic;
};

} // namespace steploom
