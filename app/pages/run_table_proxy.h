// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSortFilterProxyModel>

#include <set>

namespace steploom {

class RunListModel;

/// The run table as people read it: numbers written out, sorted by value (runs without a figure last),
/// filtered by words, without the runs that wait for their deletion.
class RunTableProxy : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit RunTableProxy(RunListModel* model, QObject* parent = nullptr);

    /// A run stays when every word occurs somewhere in its row, its notation or its pool's names; in any
    /// case.
    void setFilterText(const QString& text);
    void setHidden(const std::set<qint64>& runs);

    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    QString written(const QModelIndex& source) const;
    QString explained(const QModelIndex& source) const;

    RunListModel* m_model;
    QStringList m_words;
    std::set<qint64> m_hidden;
};

} // namespace steploom
