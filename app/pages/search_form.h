// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_form.h"

class QCheckBox;
class QLabel;
class QSpinBox;

namespace steploom {

class SegmentedSwitch;

/// Segment search: which k of S segments, all choices or some of them, on how many samples.
class SearchForm : public AnalysisForm {
    Q_OBJECT
public:
    explicit SearchForm(const AnalysisMeans& means, QWidget* parent = nullptr);

    AnalysisOrder order() const override;
    GenerationRequest request() const override;
    QString missing() const override;
    QString problem() const override;
    void remember() const override;

private:
    SearchOrder search() const;
    void review();

    const AnalysisMeans& m_means;
    QSpinBox *m_segments, *m_light, *m_most, *m_samples;
    SegmentedSwitch* m_which;
    QCheckBox* m_stopEarly;
    QLabel* m_line;
};

} // namespace steploom
