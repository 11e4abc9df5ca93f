// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/comparisons/paired_measures.h"

#include <QAbstractTableModel>

#include <vector>

namespace steploom {

/// Differences of runs from the baseline, a run a row. What is clearly better or worse is bold and coloured.
class DifferenceModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, BlocksOnly, Flops, Seconds, LogPerplexity, PValue, Entropy, Pairs, ColumnCount };

    explicit DifferenceModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// `names`: of all runs that are compared, the baseline included.
    void setComparison(MeasureComparison comparison, std::vector<QString> names);
    const MeasureComparison& comparison() const noexcept { return m_comparison; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString textOf(const RunDifference& run, int column) const;
    QString tipOf(const RunDifference& run, int column) const;

    MeasureComparison m_comparison;
    std::vector<QString> m_names;
};

/// "+0.022 ± 0.019"; of a share "−15.8 ± 0.4%".
QString differenceText(const Estimate& difference, bool relative);

} // namespace steploom
