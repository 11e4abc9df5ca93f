// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/run_library.h"

#include <QAbstractTableModel>

#include <vector>

namespace steploom {

/// Runs in groups (of one schedule, pool, or settings but for the seed): how many they are, and mean ± 95%
/// interval over them of each figure. Sorted here: groups are few.
class RunGroupModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Label, Runs, Light, Saved, Flops, Seconds, Perplexity, Entropy, BrierLm, ColumnCount };

    explicit RunGroupModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// `requests`: of the first run of each group, for its picture. `title` of the first column.
    void setGroups(std::vector<RunGroup> groups, std::vector<GenerationRequest> requests,
                   const QString& title);
    const RunGroup* at(const QModelIndex& index) const;
    const GenerationRequest* requestOf(const QModelIndex& index) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    /// Written out; EditRole: the number that it is sorted by, NaN where there is none.
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    struct Row {
        RunGroup group;
        GenerationRequest request;
    };
    void sortRows();

    std::vector<Row> m_rows;
    QString m_title;
    int m_sorted = Runs;
    Qt::SortOrder m_order = Qt::DescendingOrder;
};

} // namespace steploom
