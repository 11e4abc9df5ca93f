// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_form.h"

class QLabel;
class QListWidget;
class QPushButton;
class QSpinBox;

namespace steploom {

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

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QWidget* makeList();
    void add(const QString& folder);
    void chooseFolder();
    void removeSelected();
    void review();
    /// Of the first that cannot be judged; empty when all can.
    QString unfitFolder() const;
    QString tooFew() const;

    const AnalysisMeans& m_means;
    QListWidget* m_folders;
    QPushButton* m_remove;
    QLabel* m_foldersLine;
    TextFileField* m_text;
    QSpinBox *m_windows, *m_draws;
};

} // namespace steploom
