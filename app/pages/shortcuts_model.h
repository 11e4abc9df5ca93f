// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/commands.h"

#include <QAbstractItemModel>
#include <QSortFilterProxyModel>

namespace steploom {

/// Groups of commands with their shortcuts, and below them the keys that widgets have for themselves.
class ShortcutsModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { Name, Keys, ColumnCount };
    enum Role {
        IdRole = Qt::UserRole, ///< of a command; empty for groups and fixed keys
        SequencesRole,         ///< QList<QKeySequence>
        SearchRole,            ///< QString: group, name and keys
    };

    /// Follows the commands, which must outlive it.
    explicit ShortcutsModel(const Commands& commands, QObject* parent = nullptr);

    QModelIndex indexOf(const QString& id) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        QString id, text, fixed; ///< `fixed`: keys of a row without id
        QList<QKeySequence> plain;
    };
    struct Group {
        QString name;
        std::vector<Row> rows;
    };
    const Row* rowAt(const QModelIndex& index) const;
    QList<QKeySequence> sequencesOf(const Row& row) const;
    QString keysOf(const Row& row) const;

    const Commands& m_commands;
    std::vector<Group> m_groups;
};

/// The commands that have every word, or the keys, that are looked for; groups only with what is in them.
class ShortcutsFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit ShortcutsFilter(QObject* parent = nullptr);
    void setText(const QString& text);
    /// Empty: any.
    void setKeys(const QKeySequence& keys);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    QStringList m_words;
    QKeySequence m_keys;
};

} // namespace steploom
