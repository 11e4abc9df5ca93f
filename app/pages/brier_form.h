// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_form.h"

class QLabel;
class QLineEdit;
class QSpinBox;

namespace steploom {

class CheckpointList;
class TextFileField;

/// BrierLM over compute: of which checkpoints and schedules, at which temperatures, on which text.
class BrierForm : public AnalysisForm {
    Q_OBJECT
public:
    explicit BrierForm(const AnalysisMeans& means, QWidget* parent = nullptr);

    AnalysisOrder order() const override;
    /// No pool: the checkpoints are loaded one by one.
    GenerationRequest request() const override;
    QString missing() const override;
    QString problem() const override;
    void remember() const override;

private:
    void review();

    const AnalysisMeans& m_means;
    CheckpointList* m_folders;
    QLineEdit *m_schedules, *m_temperatures, *m_candidates;
    QLabel* m_line;
    TextFileField* m_text;
    QSpinBox *m_windows, *m_context, *m_length, *m_steps, *m_draws;
};

/// "1 1/2 1/3": each 1/n, as the batch approximation takes them, or as numbers (0.5); sorted, each once.
/// Throws Error(Request) naming what is none.
std::vector<double> parseWholeTemperatures(const QString& text);
/// "10 50 200": from 1 up, each once. Throws as above.
std::vector<int> parseCandidates(const QString& text);

} // namespace steploom
