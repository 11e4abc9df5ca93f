// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/run_library.h"
#include "app/bridge/run_table_columns.h"

#include <QAbstractTableModel>

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace steploom {

/// The stored runs that answer a query, as a table. It holds their ids; what a row shows is fetched when the
/// row is first asked for, with its neighbours, and kept while there is room. Searching and sorting are the
/// store's. Numbers are given as numbers: how they are written is the view's matter.
class RunListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    /// Places in runTableColumns(), of those that somebody names.
    enum Column {
        Starred,
        Started,
        Schedule,
        Samples,
        Sampler,
        Length,
        Seed,
        Saved,
        Flops,
        Seconds,
        Perplexity,
        Entropy,
        State,
        Tags, ///< editable: words, separated by commas
        Note, ///< editable
    };
    enum Role {
        IdRole = Qt::UserRole, ///< qint64
        ValueRole,             ///< a number wherever the column has one (runFigure())
        NotationRole,          ///< of the schedule, whatever the column shows
    };
    static constexpr int kPage = 32;          ///< runs that are fetched at once
    static constexpr int kMostFetched = 4096; ///< runs that are kept

    /// The library must outlive the model. It is asked nothing until setQuery() or refresh().
    explicit RunListModel(RunLibrary& library, QObject* parent = nullptr);

    /// Lists what the query finds. Answers what went wrong; the list then stays as it was, and so does
    /// query().
    std::optional<Error::Parts> setQuery(const RunQuery& query);
    const RunQuery& query() const noexcept { return m_query; }
    /// Of what the query finds only these are listed, from the next setQuery() or refresh() on; nothing: all.
    void setOnly(std::optional<std::vector<std::int64_t>> runs);
    /// Asks the store again, which has changed. Rows that stay keep their identity: selections and scroll
    /// positions survive, unless very much changed at once.
    std::optional<Error::Parts> refresh();
    /// Sorts by a column's key, where it has an order, and keeps it in the query; failed() says what went
    /// wrong. Before the first question it is kept only.
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

    const std::vector<std::int64_t>& ids() const noexcept { return m_ids; }
    /// −1 when it is not listed.
    int rowOf(std::int64_t run) const noexcept;
    /// Of a row that is listed; null when it is gone or cannot be read. Valid until the next call.
    const RunSummary* at(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// Takes a note or tags (EditRole); the store is told through noteEdited and tagsEdited.
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

signals:
    void noteEdited(qint64 run, const QString& note);
    void tagsEdited(qint64 run, const QStringList& added, const QStringList& removed);
    /// Told by rows that could not be fetched and by sort(); once until the store is asked again.
    void failed(const steploom::Error::Parts& error);

private:
    Answer<std::vector<std::int64_t>> find(const RunQuery& query);
    void fetchAround(int row) const;
    void take(std::vector<std::int64_t> ids);
    bool takeRowByRow(const std::vector<std::int64_t>& ids);
    void takeOrder(std::vector<std::int64_t> ids);
    void forget();

    RunLibrary& m_library;
    RunQuery m_query;
    bool m_asked = false; ///< the store, ever
    std::optional<std::unordered_set<std::int64_t>> m_only;
    std::vector<std::int64_t> m_ids;
    // What was fetched, and in which order; a run that is gone is kept as nothing.
    mutable std::unordered_map<std::int64_t, std::optional<RunSummary>> m_fetched;
    mutable std::deque<std::vector<std::int64_t>> m_pages;
    mutable bool m_complained = false;
};

} // namespace steploom
