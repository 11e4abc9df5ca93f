// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/generation_queue.h"
#include "engine/runs/queued_generation.h"

#include <QAbstractTableModel>

#include <cstdint>
#include <optional>
#include <vector>

namespace steploom {

/// A row of the queue as a table shows it.
struct QueueRow {
    QueuedGeneration item;
    std::optional<double> secondsLeft;        ///< nothing: not known
    bool loadsFirst = false;                  ///< its models are not the loaded ones
    std::optional<AnalysisProgress> progress; ///< of a running analysis
};

/// "about 40 s", "about 12 min", "about 1 h 10 min": nobody plans by the second.
QString remainingText(double seconds);

/// The queue as a table: generations and analyses. Rows can be dragged within it.
class QueueModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        Schedule, ///< its name, or the notation; an analysis' name; the view adds the picture
        Pool,     ///< "heavy + light"; "–" for a correlation, which brings its models
        Seed,
        Samples, ///< "16", "3 of 16" when some are there; "–" for an analysis that generates nothing
        State,   ///< of a running analysis "35% · schedule 3 of 46: …"
        Left,    ///< remaining time
        ColumnCount,
    };
    enum Role {
        IdRole = Qt::UserRole, ///< qint64
    };

    explicit QueueModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// Replaces the rows, in their order. Items that stay keep their rows' identity: selections survive.
    void setRows(std::vector<QueueRow> rows);
    const std::vector<QueueRow>& rows() const noexcept { return m_rows; }
    /// Null when the index is none.
    const QueueRow* at(const QModelIndex& index) const;
    /// In the order of the rows.
    std::vector<std::int64_t> idsOf(const QModelIndexList& indexes) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QModelIndexList& indexes) const override;
    bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                      const QModelIndex& parent) override;

signals:
    /// Somebody dropped items before the item `before`; 0: at the end.
    void moveRequested(const std::vector<std::int64_t>& items, qint64 before);

private:
    QString stateText(const QueueRow& row) const;
    std::vector<QueueRow> m_rows;
};

} // namespace steploom
