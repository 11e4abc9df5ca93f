// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_form.h"

class QSpinBox;

namespace steploom {

class CheckpointList;
class TextFileField;

/// Correlation of BrierLM with cross-entropy: over which checkpoints, on which text.
class CorrelationForm : public AnalysisForm {
    Q_OBJECT
public:
    explicit CorrelationForm(const AnalysisMeans& means, QWidget* parent = nullptr);

    /// A checkpoint, or a trainer's output with all that it kept on the way; each once.
    void addFolders(const QStringList& folders);

    AnalysisOrder order() const override;
    /// No pool: the checkpoints are loaded one by one.
    GenerationRequest request() const override;
    QString missing() const override;
    QString problem() const override;
    void remember() const override;

private:
    void review();
    QString tooFew() const;

    const AnalysisMeans& m_means;
    CheckpointList* m_folders;
    TextFileField* m_text;
    QSpinBox *m_windows, *m_draws;
};

} // namespace steploom
