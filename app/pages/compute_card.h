// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/compute_shape.h"
#include "app/widgets/controls.h"

#include <array>

class QCheckBox;
class QComboBox;
class QLabel;
class QSpinBox;
class QTableView;

namespace steploom {

class ComputeTermsModel;

/// One shape of the calculator: what it began with, its numbers to edit, the terms of its compute, and what
/// they come to beside the paper's figures and beside another shape.
class ComputeCard : public Card {
    Q_OBJECT
public:
    /// `letter` names it in the dialog and its objects: "computeA".
    ComputeCard(QChar letter, int preset, QWidget* parent = nullptr);

    const ComputeChoice& choice() const noexcept { return m_choice; }
    void choosePreset(int preset);
    /// What its shape is compared with (none: it is the one that others are), and the tokens of the training.
    void compare(const ComputeChoice* baseline, double trainingTokens);

signals:
    void changed();

private:
    enum Figure { Parameters, Inference, Training, kFigures };
    /// Of a figure's row: ours, the paper's, how far ours is from it, against the baseline.
    enum Cell { Ours, Paper, Distance, Against, kCells };

    QWidget* makeFields(int kind);
    QTableView* makeTerms();
    QWidget* makeFigures();
    void showShape();

    ComputeChoice m_choice;
    QString m_name;
    QComboBox* m_presets;
    QLabel* m_kind;
    std::array<QWidget*, kShapeKinds> m_fields{};
    std::array<std::vector<QSpinBox*>, kShapeKinds> m_boxes;
    QCheckBox* m_tied = nullptr;
    ComputeTermsModel* m_terms;
    QLabel* m_trainingName = nullptr;
    std::array<std::array<QLabel*, kCells>, kFigures> m_figures{};
    QLabel* m_againstName = nullptr;
};

} // namespace steploom
