// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/comparisons/configuration_difference.h"

#include <QAbstractTableModel>

#include <vector>

namespace steploom {

/// Settings of runs: a setting a row, a run a column. What is not the same is in ink, the rest dim.
class ConfigurationModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit ConfigurationModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setDifference(ConfigurationDifference difference, std::vector<QString> names);
    /// Whether what is the same in all follows what differs.
    void setShowsAll(bool all);
    int differing() const { return static_cast<int>(m_difference.different.size()); }
    int same() const { return static_cast<int>(m_difference.same.size()); }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    ConfigurationDifference m_difference;
    std::vector<QString> m_names;
    bool m_all = false;
};

} // namespace steploom
