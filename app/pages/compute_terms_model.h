// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/compute_calculator.h"

#include <QAbstractTableModel>

namespace steploom {

/// The terms of an estimate, one a row, with their sum as the last: what it is, parameters, FLOPs for a token
/// generated, FLOPs for a token trained on.
class ComputeTermsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Term, Parameters, Inference, Training, kColumns };
    enum Role { FormulaRole = Qt::UserRole }; ///< of a term, in its row; empty in the sum's

    explicit ComputeTermsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setEstimate(ComputeEstimate estimate);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    ComputeTerm termAt(int row) const;

    ComputeEstimate m_estimate;
};

} // namespace steploom
