// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_form.h"

class QLabel;
class QLineEdit;
class QSpinBox;

namespace steploom {

class TextFileField;

/// Quality of a CALM autoencoder: of which one, on which text.
class AutoencoderForm : public AnalysisForm {
    Q_OBJECT
public:
    explicit AutoencoderForm(const AnalysisMeans& means, QWidget* parent = nullptr);

    AnalysisOrder order() const override;
    /// No pool: the autoencoder is loaded alone.
    GenerationRequest request() const override;
    QString missing() const override;
    QString problem() const override;
    void remember() const override;

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void review();

    const AnalysisMeans& m_means;
    QLineEdit* m_folder;
    QLabel* m_folderLine;
    QString m_folderProblem;
    TextFileField* m_text;
    QSpinBox* m_chunks;
};

} // namespace steploom
