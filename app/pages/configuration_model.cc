// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/configuration_model.h"

#include "app/widgets/theme.h"

namespace steploom {

void ConfigurationModel::setDifference(ConfigurationDifference difference, std::vector<QString> names) {
    beginResetModel();
    m_difference = std::move(difference);
    m_names = std::move(names);
    endResetModel();
}

void ConfigurationModel::setShowsAll(bool all) {
    beginResetModel();
    m_all = all;
    endResetModel();
}

int ConfigurationModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : differing() + (m_all ? same() : 0);
}

int ConfigurationModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : 1 + static_cast<int>(m_names.size());
}

QVariant ConfigurationModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const bool differs = index.row() < differing();
    const ConfigurationSetting& setting =
        differs ? m_difference.different[static_cast<std::size_t>(index.row())]
                : m_difference.same[static_cast<std::size_t>(index.row() - differing())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return QString::fromStdString(index.column() == 0
                                          ? setting.name
                                          : setting.values.at(static_cast<std::size_t>(index.column() - 1)));
    case Qt::ForegroundRole:
        return index.column() == 0 || !differs ? QVariant(Theme::instance().colors().dim) : QVariant();
    default:
        return {};
    }
}

QVariant ConfigurationModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | Qt::AlignLeft);
    if (role != Qt::DisplayRole)
        return {};
    return section == 0 ? tr("setting") : m_names.at(static_cast<std::size_t>(section - 1));
}

} // namespace steploom
