// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace steploom {

/// The stored runs as a table, newest first. Numbers are given as numbers: how they are written is the view's
/// matter, so sorting never depends on text.
class RunListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        Started,  ///< QDateTime, local time
        Schedule, ///< preset name, or the notation
        Samples,  ///< finished
        Sampler,  ///< "ancestral · 128"
        Saved,    ///< share of executed FLOPs, 0…1
        Flops,    ///< executed, all finished samples
        Seconds,
        Perplexity, ///< NaN where not measured
        Entropy,    ///< nats; NaN where not measured
        State,
        Note, ///< editable
        ColumnCount,
    };
    enum Role {
        IdRole = Qt::UserRole, ///< qint64
        SortRole,              ///< a number wherever the column has one
        NotationRole,          ///< of the schedule, whatever the column shows
    };

    explicit RunListModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// Replaces the list. Runs that stay keep their rows' identity: selections and scroll positions survive.
    void setRuns(std::vector<RunSummary> runs);
    const std::vector<RunSummary>& runs() const noexcept { return m_runs; }
    const RunSummary* run(qint64 id) const noexcept;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// Accepts a note (EditRole); the store is told through noteEdited.
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

signals:
    void noteEdited(qint64 run, const QString& note);

private:
    QVariant value(const RunSummary& run, int column) const;
    std::vector<RunSummary> m_runs;
};

/// The pool's letters of a run, in order: what decides a member's colour.
std::string poolLetters(const GenerationRequest& request);
/// What people call a schedule: the preset's name where it is one of the first two members' presets, else the
/// notation.
QString scheduleLabel(const GenerationRequest& request);

} // namespace steploom
