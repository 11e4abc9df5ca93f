// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_list_model.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace steploom {
namespace {

/// Where more than this changed at once, row by row would cost more than it saves.
constexpr std::size_t kRowByRow = 64;

/// "owt, best of May" → the tags that it names.
QStringList tagsIn(const QString& text) {
    QStringList tags;
    for (const QString& part : text.split(u',', Qt::SkipEmptyParts))
        if (const QString tag = part.trimmed(); !tag.isEmpty() && !tags.contains(tag))
            tags << tag;
    return tags;
}

/// What one list has and the other has not, sorted; false where that is too much. Ids are given in turn, so a
/// bit for each is less work than sorting.
bool differences(const std::vector<std::int64_t>& before, const std::vector<std::int64_t>& after,
                 std::vector<std::int64_t>& gone, std::vector<std::int64_t>& come) {
    if (std::max(before.size(), after.size()) - std::min(before.size(), after.size()) > kRowByRow)
        return false;
    std::int64_t most = 0;
    for (const auto* list : {&before, &after})
        for (const std::int64_t run : *list)
            most = std::max(most, run);
    std::vector<bool> here(static_cast<std::size_t>(most) + 1), there(here.size());
    for (const std::int64_t run : before)
        here[static_cast<std::size_t>(run)] = true;
    for (const std::int64_t run : after)
        there[static_cast<std::size_t>(run)] = true;
    const auto collect = [](const std::vector<std::int64_t>& list, const std::vector<bool>& other,
                            std::vector<std::int64_t>& only) {
        for (const std::int64_t run : list)
            if (!other[static_cast<std::size_t>(run)] && only.size() <= kRowByRow)
                only.push_back(run);
        std::sort(only.begin(), only.end());
    };
    collect(before, there, gone);
    collect(after, here, come);
    return gone.size() + come.size() <= kRowByRow;
}

} // namespace

RunListModel::RunListModel(RunLibrary& library, QObject* parent)
    : QAbstractTableModel(parent), m_library(library) {}

Answer<std::vector<std::int64_t>> RunListModel::find(const RunQuery& query) {
    Answer<std::vector<std::int64_t>> found = m_library.findRuns(query);
    if (!found.error && m_only)
        std::erase_if(found.value, [this](std::int64_t run) { return !m_only->contains(run); });
    return found;
}

std::optional<Error::Parts> RunListModel::setQuery(const RunQuery& query) {
    Answer<std::vector<std::int64_t>> found = find(query);
    if (found.error)
        return found.error;
    m_query = query;
    m_asked = true;
    take(std::move(found.value));
    return std::nullopt;
}

void RunListModel::setOnly(std::optional<std::vector<std::int64_t>> runs) {
    if (runs)
        m_only.emplace(runs->begin(), runs->end());
    else
        m_only.reset();
}

std::optional<Error::Parts> RunListModel::refresh() {
    Answer<std::vector<std::int64_t>> found = find(m_query);
    if (found.error)
        return found.error;
    m_asked = true;
    forget();
    take(std::move(found.value));
    return std::nullopt;
}

void RunListModel::sort(int column, Qt::SortOrder order) {
    if (column < 0 || column >= columnCount() ||
        !runTableColumns()[static_cast<std::size_t>(column)].isSortable())
        return;
    RunQuery query = m_query;
    query.sort = runTableColumns()[static_cast<std::size_t>(column)].key;
    query.descending = order == Qt::DescendingOrder;
    if (m_asked && query == m_query)
        return; // views ask twice; refresh() brings what others change
    if (!m_asked)
        m_query = query; // for when somebody wants to see it
    else if (const auto error = setQuery(query))
        emit failed(*error);
}

void RunListModel::forget() {
    m_fetched.clear();
    m_pages.clear();
    m_complained = false;
}

void RunListModel::take(std::vector<std::int64_t> ids) {
    if (ids != m_ids && !takeRowByRow(ids)) {
        beginResetModel();
        m_ids = std::move(ids);
        endResetModel();
    } else if (!m_ids.empty()) {
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    }
}

/// From the list that is shown to another one: removals, then the new order of what stays, then insertions.
/// False, and nothing done, where that is too much.
bool RunListModel::takeRowByRow(const std::vector<std::int64_t>& ids) {
    std::vector<std::int64_t> gone, come;
    if (!differences(m_ids, ids, gone, come))
        return false;
    for (const std::int64_t run : gone) {
        const int row = rowOf(run);
        beginRemoveRows({}, row, row);
        m_ids.erase(m_ids.begin() + row);
        endRemoveRows();
    }
    std::vector<std::int64_t> staying = ids;
    if (!come.empty())
        std::erase_if(staying,
                      [&](std::int64_t run) { return std::binary_search(come.begin(), come.end(), run); });
    if (staying != m_ids)
        takeOrder(std::move(staying));
    for (std::size_t row = 0; row < ids.size() && !come.empty(); ++row) {
        if (!std::binary_search(come.begin(), come.end(), ids[row]))
            continue;
        beginInsertRows({}, static_cast<int>(row), static_cast<int>(row));
        m_ids.insert(m_ids.begin() + static_cast<std::ptrdiff_t>(row), ids[row]);
        endInsertRows();
    }
    return true;
}

void RunListModel::takeOrder(std::vector<std::int64_t> ids) {
    emit layoutAboutToBeChanged({}, VerticalSortHint);
    const QModelIndexList old = persistentIndexList();
    std::unordered_map<std::int64_t, int> rows; // of the runs that somebody holds on to
    for (const QModelIndex& each : old)
        rows.emplace(m_ids[static_cast<std::size_t>(each.row())], -1);
    if (!rows.empty())
        for (std::size_t row = 0; row < ids.size(); ++row)
            if (const auto held = rows.find(ids[row]); held != rows.end())
                held->second = static_cast<int>(row);
    QModelIndexList moved;
    for (const QModelIndex& each : old)
        moved << index(rows.at(m_ids[static_cast<std::size_t>(each.row())]), each.column());
    m_ids = std::move(ids);
    changePersistentIndexList(old, moved);
    emit layoutChanged({}, VerticalSortHint);
}

int RunListModel::rowOf(std::int64_t run) const noexcept {
    const auto found = std::find(m_ids.begin(), m_ids.end(), run);
    return found == m_ids.end() ? -1 : static_cast<int>(found - m_ids.begin());
}

const RunSummary* RunListModel::at(int row) const {
    const std::int64_t id = m_ids[static_cast<std::size_t>(row)];
    auto found = m_fetched.find(id);
    if (found == m_fetched.end()) {
        fetchAround(row);
        found = m_fetched.find(id);
    }
    return found == m_fetched.end() || !found->second ? nullptr : &*found->second;
}

/// The row's page, or what of it is not there yet.
void RunListModel::fetchAround(int row) const {
    if (m_complained)
        return;
    const std::size_t begin = static_cast<std::size_t>(row / kPage * kPage);
    std::vector<std::int64_t> wanted;
    for (std::size_t i = begin; i < std::min(m_ids.size(), begin + kPage); ++i)
        if (!m_fetched.contains(m_ids[i]))
            wanted.push_back(m_ids[i]);
    Answer<std::vector<RunSummary>> answer = m_library.summaries(wanted);
    if (answer.error) {
        m_complained = true; // each cell would say the same
        auto* self = const_cast<RunListModel*>(this);
        const auto tell = [self, error = *answer.error] { emit self->failed(error); };
        QMetaObject::invokeMethod(self, tell, Qt::QueuedConnection); // not while somebody paints
        return;
    }
    while (!m_pages.empty() && m_fetched.size() + wanted.size() > kMostFetched) {
        for (const std::int64_t run : m_pages.front())
            m_fetched.erase(run);
        m_pages.pop_front();
    }
    for (const std::int64_t run : wanted)
        m_fetched[run] = std::nullopt;
    for (RunSummary& summary : answer.value) {
        const std::int64_t id = summary.id;
        m_fetched[id] = std::move(summary);
    }
    m_pages.push_back(std::move(wanted));
}

int RunListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_ids.size());
}

int RunListModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(runTableColumns().size());
}

QVariant RunListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RunTableColumn& column = runTableColumns()[static_cast<std::size_t>(index.column())];
    if (role == IdRole)
        return QVariant::fromValue<qint64>(m_ids[static_cast<std::size_t>(index.row())]);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue<int>((column.isNumeric() ? Qt::AlignRight : Qt::AlignLeft) |
                                        Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::EditRole && role != ValueRole && role != NotationRole)
        return {};
    const RunSummary* run = at(index.row());
    if (!run)
        return {};
    switch (role) {
    case NotationRole:
        return QString::fromStdString(printSchedule(run->request.schedule));
    case Qt::EditRole:
        if (index.column() == Tags)
            return runFigure(*run, Tags).toStringList().join(QStringLiteral(", "));
        return index.column() == Note ? runFigure(*run, Note) : QVariant();
    default:
        return runFigure(*run, index.column());
    }
}

QVariant RunListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return QAbstractTableModel::headerData(section, orientation, role);
    const RunTableColumn& column = runTableColumns()[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::TextAlignmentRole:
        return QVariant::fromValue<int>((column.isNumeric() ? Qt::AlignRight : Qt::AlignLeft) |
                                        Qt::AlignVCenter);
    case Qt::ToolTipRole:
        return column.meaning.isEmpty() ? QVariant() : QVariant(column.meaning);
    case Qt::DisplayRole:
        return column.title;
    default:
        return {};
    }
}

Qt::ItemFlags RunListModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid())
        flags |= Qt::ItemNeverHasChildren;
    if (index.isValid() && (index.column() == Note || index.column() == Tags))
        flags |= Qt::ItemIsEditable;
    return flags;
}

bool RunListModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role != Qt::EditRole ||
        (index.column() != Note && index.column() != Tags))
        return false;
    const RunSummary* run = at(index.row());
    if (!run)
        return false;
    const std::int64_t id = run->id;
    // The store's word comes back with the refresh that follows; until then the cell shows what was typed.
    if (index.column() == Note) {
        const QString note = value.toString();
        if (note.toStdString() == run->note)
            return true;
        m_fetched[id]->note = note.toStdString();
        emit dataChanged(index, index);
        emit noteEdited(id, note);
        return true;
    }
    const QStringList before = runFigure(*run, Tags).toStringList(), after = tagsIn(value.toString());
    QStringList added, removed;
    std::ranges::copy_if(after, std::back_inserter(added),
                         [&](const QString& tag) { return !before.contains(tag); });
    std::ranges::copy_if(before, std::back_inserter(removed),
                         [&](const QString& tag) { return !after.contains(tag); });
    if (!added.isEmpty() || !removed.isEmpty())
        emit tagsEdited(id, added, removed);
    return true;
}

} // namespace steploom
