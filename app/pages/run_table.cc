// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_table.h"

#include "app/bridge/run_list_model.h"
#include "app/pages/run_cells.h"
#include "app/pages/run_table_proxy.h"
#include "app/pages/schedule_delegate.h"

#include <QHeaderView>
#include <QMenu>
#include <QScrollBar>

#include <algorithm>
#include <unordered_map>

namespace steploom {
namespace {

constexpr int kRowHeight = 36; ///< px
/// More selected runs than this are not looked for again in a list that was made anew.
constexpr std::size_t kMostKept = 4096;

/// Tells kept columns of another version apart.
QString columnKeys() {
    QStringList keys;
    for (const RunTableColumn& column : runTableColumns())
        keys << QLatin1String(column.key);
    return keys.join(u' ');
}

QString menuTitle(const RunTableColumn& column) {
    return column.title.isEmpty() ? RunTable::tr("star") : column.title;
}

} // namespace

RunTable::RunTable(RunListModel& model, QWidget* parent)
    : QTableView(parent), m_model(model), m_proxy(new RunTableProxy(&model, this)) {
    setObjectName(QStringLiteral("runTable"));
    setAccessibleName(tr("Runs"));
    setModel(m_proxy);
    setItemDelegate(new TextCellDelegate(this));
    auto* star = new StarDelegate(this);
    connect(star, &StarDelegate::clicked, this, [this](const QModelIndex& index) {
        emit starClicked(index.data(RunListModel::IdRole).toLongLong());
    });
    setItemDelegateForColumn(RunListModel::Starred, star);
    setItemDelegateForColumn(RunListModel::Tags, new TagsDelegate(this));
    const auto requestOf = [this](const QModelIndex& index) {
        const RunSummary* run = m_model.at(index.row());
        return run ? &run->request : nullptr;
    };
    setItemDelegateForColumn(RunListModel::Schedule, new ScheduleDelegate(requestOf, this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::SelectedClicked);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false); // Tab leaves the table
    setMouseTracking(true);     // the outline of the star
    setContextMenuPolicy(Qt::CustomContextMenu);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(kRowHeight);
    verticalScrollBar()->setSingleStep(kRowHeight);
    setUpColumns();
    connect(this, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        if (index.flags() & Qt::ItemIsEditable)
            edit(index);
        else if (index.column() != RunListModel::Starred)
            emit openRequested(index.data(RunListModel::IdRole).toLongLong());
    });
    // After the view's own: it forgets on reset, and this brings back.
    connect(m_proxy, &QAbstractItemModel::modelAboutToBeReset, this, &RunTable::rememberPlace);
    connect(m_proxy, &QAbstractItemModel::modelReset, this, &RunTable::restorePlace);
}

void RunTable::setUpColumns() {
    QHeaderView* columns = horizontalHeader();
    columns->setHighlightSections(false);
    columns->setSectionsMovable(true);
    columns->setStretchLastSection(true);
    columns->setMinimumSectionSize(28);
    columns->setContextMenuPolicy(Qt::CustomContextMenu);
    for (int column = 0; column < m_model.columnCount(); ++column) {
        const RunTableColumn& of = runTableColumns()[static_cast<std::size_t>(column)];
        setColumnWidth(column, of.width);
        setColumnHidden(column, !of.usual);
    }
    setSortingEnabled(true);
    sortByColumn(RunListModel::Started, Qt::DescendingOrder);
    m_usual = columns->saveState();
    connect(columns, &QHeaderView::customContextMenuRequested, this, [this](QPoint place) {
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        fillColumnMenu(*menu);
        menu->popup(horizontalHeader()->viewport()->mapToGlobal(place));
    });
    connect(columns, &QHeaderView::sortIndicatorChanged, this, [this, columns](int column) {
        if (runTableColumns()[static_cast<std::size_t>(column)].isSortable()) {
            m_sorted = column;
            m_order = columns->sortIndicatorOrder();
        } else {
            columns->setSortIndicator(m_sorted, m_order); // words have no order worth a click
        }
    });
}

std::vector<std::int64_t> RunTable::selectedRuns() const {
    std::vector<int> rows;
    for (const QModelIndex& row : selectionModel()->selectedRows())
        rows.push_back(row.row());
    std::sort(rows.begin(), rows.end());
    std::vector<std::int64_t> runs;
    for (const int row : rows)
        runs.push_back(m_model.ids()[static_cast<std::size_t>(row)]);
    return runs;
}

void RunTable::selectRuns(const std::vector<std::int64_t>& runs) {
    std::unordered_map<std::int64_t, int> rows;
    for (const std::int64_t run : runs)
        rows.emplace(run, -1);
    for (std::size_t row = 0; row < m_model.ids().size(); ++row)
        if (const auto found = rows.find(m_model.ids()[row]); found != rows.end())
            found->second = static_cast<int>(row);
    QItemSelection selection;
    const int last = m_model.columnCount() - 1;
    QModelIndex first;
    for (const std::int64_t run : runs)
        if (const int row = rows.at(run); row >= 0) {
            selection.select(m_proxy->index(row, 0), m_proxy->index(row, last));
            if (!first.isValid())
                first = m_proxy->index(row, RunListModel::Started);
        }
    if (first.isValid())
        selectionModel()->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
}

std::int64_t RunTable::currentRun() const {
    const QModelIndex current = currentIndex();
    return current.isValid() ? current.data(RunListModel::IdRole).toLongLong() : 0;
}

void RunTable::rememberPlace() {
    m_selected = selectedRuns();
    if (m_selected.size() > kMostKept)
        m_selected.clear();
    m_current = currentRun();
    const int top = rowAt(0);
    m_top = top > 0 ? m_model.ids()[static_cast<std::size_t>(top)] : 0;
    m_beside = top > 0 ? rowViewportPosition(top) : 0;
}

void RunTable::restorePlace() {
    if (!m_selected.empty())
        selectRuns(m_selected);
    if (const int row = m_current != 0 ? m_model.rowOf(m_current) : -1; row >= 0)
        selectionModel()->setCurrentIndex(m_proxy->index(row, RunListModel::Started),
                                          QItemSelectionModel::NoUpdate);
    if (const int row = m_top != 0 ? m_model.rowOf(m_top) : -1; row >= 0)
        verticalScrollBar()->setValue(row * kRowHeight - m_beside);
}

QVariant RunTable::columns() const {
    return QVariantMap{{"keys", columnKeys()}, {"state", horizontalHeader()->saveState()}};
}

void RunTable::setColumns(const QVariant& columns) {
    QHeaderView* header = horizontalHeader();
    const QVariantMap kept = columns.toMap();
    const bool fits = kept.value("keys").toString() == columnKeys() &&
                      header->restoreState(kept.value("state").toByteArray());
    if (!fits)
        header->restoreState(m_usual);
    sortByColumn(header->sortIndicatorSection(), header->sortIndicatorOrder());
}

void RunTable::showColumn(int column, bool shown) {
    setColumnHidden(column, !shown);
    if (shown && columnWidth(column) < horizontalHeader()->minimumSectionSize())
        setColumnWidth(column, runTableColumns()[static_cast<std::size_t>(column)].width);
}

void RunTable::fillColumnMenu(QMenu& menu) {
    menu.clear();
    menu.setToolTipsVisible(true);
    for (int column = 0; column < m_model.columnCount(); ++column) {
        const RunTableColumn& of = runTableColumns()[static_cast<std::size_t>(column)];
        QAction* action = menu.addAction(menuTitle(of));
        action->setObjectName(QStringLiteral("column:") + QLatin1String(of.key));
        action->setToolTip(of.meaning);
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(column));
        // A table without its schedules says nothing.
        action->setEnabled(column != RunListModel::Schedule);
        connect(action, &QAction::toggled, this, [this, column](bool shown) { showColumn(column, shown); });
    }
    menu.addSeparator();
    QAction* usual = menu.addAction(tr("The usual columns"));
    usual->setObjectName(QStringLiteral("usualColumns"));
    connect(usual, &QAction::triggered, this, [this] { setColumns({}); });
}

QString RunTable::selectionAsText() const {
    const QHeaderView* header = horizontalHeader();
    std::vector<int> columns;
    for (int place = 0; place < header->count(); ++place) {
        const int column = header->logicalIndex(place);
        if (!isColumnHidden(column) && column != RunListModel::Starred)
            columns.push_back(column);
    }
    const auto line = [&](const auto& textOf) {
        QStringList cells;
        for (const int column : columns)
            cells += QString(textOf(column)).replace(u'\t', u' ').replace(u'\n', u' ');
        return cells.join(u'\t');
    };
    QStringList lines{
        line([&](int column) { return m_proxy->headerData(column, Qt::Horizontal).toString(); })};
    QModelIndexList rows = selectionModel()->selectedRows();
    std::ranges::sort(rows, {}, &QModelIndex::row);
    for (const QModelIndex& row : rows)
        lines += line([&](int column) {
            const int role =
                column == RunListModel::Schedule ? int{RunListModel::NotationRole} : int{Qt::DisplayRole};
            return row.siblingAtColumn(column).data(role).toString();
        });
    return lines.join(u'\n') + u'\n';
}

} // namespace steploom
