// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compute_terms_model.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

namespace steploom {
namespace {

/// "–" for nothing: a term that is looked up costs none, which is not a measured 0.
QString countText(double count) { return count > 0 ? formatCount(count) : QStringLiteral("–"); }

} // namespace

void ComputeTermsModel::setEstimate(ComputeEstimate estimate) {
    beginResetModel();
    m_estimate = std::move(estimate);
    endResetModel();
}

int ComputeTermsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || m_estimate.terms.empty() ? 0 : static_cast<int>(m_estimate.terms.size()) + 1;
}

int ComputeTermsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumns;
}

ComputeTerm ComputeTermsModel::termAt(int row) const {
    const auto at = static_cast<std::size_t>(row);
    return at < m_estimate.terms.size()
               ? m_estimate.terms[at]
               : ComputeTerm{tr("all").toStdString(), "", m_estimate.parameters(),
                             m_estimate.inferenceFlops(), m_estimate.trainingFlops()};
}

QVariant ComputeTermsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const ComputeTerm term = termAt(index.row());
    const bool isSum = index.row() == rowCount() - 1;
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Term:
            return QString::fromStdString(term.name);
        case Parameters:
            return countText(term.parameters);
        case Inference:
            return countText(term.inferenceFlops);
        default:
            return countText(term.trainingFlops);
        }
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter |
                                   (index.column() == Term ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::FontRole:
        return isSum ? QVariant(Theme::instance().font(0, true)) : QVariant();
    case Qt::ToolTipRole:
        return isSum ? QString()
                     : QStringLiteral("%1: %2").arg(QString::fromStdString(term.name),
                                                    QString::fromStdString(term.formula));
    case FormulaRole:
        return QString::fromStdString(term.formula);
    default:
        return {};
    }
}

QVariant ComputeTermsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | (section == Term ? Qt::AlignLeft : Qt::AlignRight));
    if (role == Qt::ToolTipRole)
        return section == Inference  ? tr("FLOPs for one generated token")
               : section == Training ? tr("FLOPs for one token trained on, the backward pass included")
                                     : QVariant();
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Term:
        return tr("term");
    case Parameters:
        return tr("params");
    case Inference:
        return tr("infer");
    default:
        return tr("train");
    }
}

} // namespace steploom
