// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_card.h"
#include "app/pages/autoencoder_plot.h"

#include <array>

namespace steploom {

/// How well a CALM autoencoder rebuilds a text, with and without noise, and which dimensions it uses.
class AutoencoderCard : public AnalysisCard {
    Q_OBJECT
public:
    explicit AutoencoderCard(QWidget* parent = nullptr);
    void setAnalyses(AnalysisRecords<AutoencoderQuality> analyses);

protected:
    void draw() override;

private:
    QWidget* makeFigures();

    AnalysisRecords<AutoencoderQuality> m_analyses;
    /// Tokens and chunks rebuilt from the mean, then from noisy draws; all nats; collapsed dimensions.
    std::array<QLabel*, 6> m_values{};
    QWidget* m_figures; ///< holds them
};

} // namespace steploom
