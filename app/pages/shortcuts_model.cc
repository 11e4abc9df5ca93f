// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/shortcuts_model.h"

#include "app/widgets/theme.h"

#include <algorithm>

namespace steploom {
namespace {

constexpr quintptr kGroup = 0; ///< internal id of a group; of a row: place of its group + 1

} // namespace

ShortcutsModel::ShortcutsModel(const Commands& commands, QObject* parent)
    : QAbstractItemModel(parent), m_commands(commands) {
    const auto groupOf = [this](const QString& name) -> Group& {
        const auto found = std::ranges::find(m_groups, name, &Group::name);
        return found == m_groups.end() ? m_groups.emplace_back(Group{name, {}}) : *found;
    };
    for (const Command& command : commands.all())
        groupOf(command.group).rows.push_back({command.id, command.text(), {}, {}});
    for (const FixedKeys& fixed : fixedKeys())
        groupOf(fixed.group).rows.push_back({{}, fixed.text, fixed.keys, fixed.plain});
    connect(&commands, &Commands::changed, this, [this] {
        for (int i = 0; i < rowCount(); ++i) {
            const QModelIndex group = index(i, 0);
            if (const int rows = rowCount(group))
                emit dataChanged(index(0, Keys, group), index(rows - 1, Keys, group));
        }
    });
}

QModelIndex ShortcutsModel::indexOf(const QString& id) const {
    for (std::size_t i = 0; i < m_groups.size(); ++i)
        for (std::size_t j = 0; j < m_groups[i].rows.size(); ++j)
            if (m_groups[i].rows[j].id == id)
                return createIndex(static_cast<int>(j), 0, static_cast<quintptr>(i + 1));
    return {};
}

QModelIndex ShortcutsModel::index(int row, int column, const QModelIndex& parent) const {
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row() + 1) : kGroup);
}

QModelIndex ShortcutsModel::parent(const QModelIndex& index) const {
    if (!index.isValid() || index.internalId() == kGroup)
        return {};
    return createIndex(static_cast<int>(index.internalId()) - 1, 0, kGroup);
}

int ShortcutsModel::rowCount(const QModelIndex& parent) const {
    if (!parent.isValid())
        return static_cast<int>(m_groups.size());
    if (parent.internalId() != kGroup || parent.column() != 0)
        return 0;
    return static_cast<int>(m_groups[static_cast<std::size_t>(parent.row())].rows.size());
}

int ShortcutsModel::columnCount(const QModelIndex&) const { return ColumnCount; }

const ShortcutsModel::Row* ShortcutsModel::rowAt(const QModelIndex& index) const {
    if (!index.isValid() || index.internalId() == kGroup)
        return nullptr;
    return &m_groups[index.internalId() - 1].rows[static_cast<std::size_t>(index.row())];
}

QList<QKeySequence> ShortcutsModel::sequencesOf(const Row& row) const {
    const Command* command = row.id.isEmpty() ? nullptr : m_commands.find(row.id);
    return command ? command->shortcuts() : row.plain;
}

QString ShortcutsModel::keysOf(const Row& row) const {
    return row.id.isEmpty() ? row.fixed
                            : QKeySequence::listToString(sequencesOf(row), QKeySequence::NativeText)
                                  .replace(QStringLiteral("; "), QStringLiteral("   "));
}

QVariant ShortcutsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row* row = rowAt(index);
    if (!row) {
        if (index.column() != Name)
            return {};
        if (role == Qt::FontRole)
            return Theme::instance().font(0, true);
        return role == Qt::DisplayRole ? m_groups[static_cast<std::size_t>(index.row())].name : QVariant();
    }
    const Command* command = row->id.isEmpty() ? nullptr : m_commands.find(row->id);
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == Name ? row->text : keysOf(*row);
    case Qt::FontRole:
        return Theme::instance().font(0, index.column() == Keys && command && command->isChanged());
    case Qt::ForegroundRole:
        return row->id.isEmpty() ? QVariant(Theme::instance().colors().dim) : QVariant();
    case Qt::ToolTipRole:
        return row->id.isEmpty() ? tr("While that part has the focus; cannot be changed")
               : command && command->isChanged()
                   ? tr("Usually %1")
                         .arg(command->usual.isEmpty()
                                  ? tr("none")
                                  : QKeySequence::listToString(command->usual, QKeySequence::NativeText))
                   : QVariant();
    case IdRole:
        return row->id;
    case SequencesRole:
        return QVariant::fromValue(sequencesOf(*row));
    case SearchRole:
        return QStringList{index.parent().data().toString(), row->text, keysOf(*row)}.join(u' ');
    default:
        return {};
    }
}

QVariant ShortcutsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Name ? tr("Command") : tr("Shortcuts");
}

ShortcutsFilter::ShortcutsFilter(QObject* parent) : QSortFilterProxyModel(parent) {
    setRecursiveFilteringEnabled(true);
}

void ShortcutsFilter::setText(const QString& text) {
    m_words = text.split(u' ', Qt::SkipEmptyParts);
    invalidateFilter();
}

void ShortcutsFilter::setKeys(const QKeySequence& keys) {
    m_keys = keys;
    invalidateFilter();
}

bool ShortcutsFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
    if (!parent.isValid())
        return false; // groups come with what is in them
    const QModelIndex index = sourceModel()->index(row, 0, parent);
    const QString text = index.data(ShortcutsModel::SearchRole).toString();
    if (!std::ranges::all_of(m_words,
                             [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); }))
        return false;
    if (m_keys.isEmpty())
        return true;
    const auto sequences = index.data(ShortcutsModel::SequencesRole).value<QList<QKeySequence>>();
    return std::ranges::any_of(
        sequences, [&](const QKeySequence& each) { return m_keys.matches(each) != QKeySequence::NoMatch; });
}

} // namespace steploom
