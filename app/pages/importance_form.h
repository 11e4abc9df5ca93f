// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_form.h"

class QLabel;
class QSpinBox;

namespace steploom {

class TextFileField;

/// Step importance: on which text, at how many times, on how many windows.
class ImportanceForm : public AnalysisForm {
    Q_OBJECT
public:
    explicit ImportanceForm(const AnalysisMeans& means, QWidget* parent = nullptr);

    AnalysisOrder order() const override;
    GenerationRequest request() const override { return m_means.present; }
    QString missing() const override;
    QString problem() const override;
    AnalysisOrder expected() const override;
    void remember() const override;

private:
    void review();

    const AnalysisMeans& m_means;
    TextFileField* m_text;
    QSpinBox *m_times, *m_windows;
    QLabel* m_windowsLine;
};

} // namespace steploom
