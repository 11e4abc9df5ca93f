// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/runs_page.h"

#include "app/bridge/run_list_model.h"
#include "app/pages/run_table_proxy.h"
#include "app/pages/schedule_delegate.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kRowHeight = 36; ///< px

QPushButton* button(const char* name, const QString& text, const QString& tip) {
    auto* made = new QPushButton(text);
    made->setObjectName(QLatin1String(name));
    made->setToolTip(tip);
    return made;
}

} // namespace

RunsPage::RunsPage(Session* session, QWidget* parent) : QWidget(parent), m_session(session) {
    setObjectName(QStringLiteral("runsPage"));
    m_model = new RunListModel(this);
    m_proxy = new RunTableProxy(m_model, this);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 12, 12, 12);
    layout->setSpacing(Theme::kGrid);
    auto* header = new QHBoxLayout;
    buildHeader(header);
    layout->addLayout(header);

    buildTable();
    m_empty = makeLabel({}, "dim");
    m_empty->setObjectName(QStringLiteral("runsEmptyText"));
    m_empty->setAlignment(Qt::AlignCenter);
    auto* emptyCard = new Card;
    auto* emptyLayout = new QVBoxLayout(emptyCard);
    emptyLayout->addWidget(m_empty);
    m_stack = new QStackedWidget;
    m_stack->addWidget(emptyCard);
    m_stack->addWidget(m_table);
    layout->addWidget(m_stack, 1);

    auto* bar = new QFrame;
    bar->setObjectName(QStringLiteral("undoBar"));
    setLook(bar, "notice");
    m_undoText = makeLabel({});
    m_undoText->setObjectName(QStringLiteral("undoText"));
    QPushButton* undo = button("undoDelete", tr("Undo"), tr("Take the deletion back (Ctrl+Z)"));
    auto* barLayout = new QHBoxLayout(bar);
    barLayout->setContentsMargins(12, 4, 4, 4);
    barLayout->addWidget(m_undoText, 1);
    barLayout->addWidget(undo);
    m_undoBar = bar;
    m_undoBar->hide();
    layout->addWidget(m_undoBar);

    connect(undo, &QPushButton::clicked, this, &RunsPage::undoDeletion);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_proxy->setFilterText(text);
        refresh();
    });
    connect(m_model, &RunListModel::noteEdited, this, &RunsPage::noteEdited);
    connect(m_session, &Session::selectedRunChanged, this, [this](qint64 run) {
        for (int row = 0; row < m_proxy->rowCount(); ++row)
            if (m_proxy->index(row, 0).data(RunListModel::IdRole).toLongLong() == run)
                m_table->selectRow(row);
    });
    m_undoTimer.setSingleShot(true);
    m_undoTimer.setInterval(kUndoSeconds * 1000);
    connect(&m_undoTimer, &QTimer::timeout, this, &RunsPage::commitDeletion);
    const auto shortcut = [this](const QKeySequence& keys, auto action) {
        auto* made = new QShortcut(keys, this);
        made->setContext(Qt::WidgetWithChildrenShortcut);
        connect(made, &QShortcut::activated, this, action);
    };
    shortcut(QKeySequence::Find, [this] { m_filter->setFocus(); });
    refresh();
}

RunsPage::~RunsPage() { commitDeletion(); }

void RunsPage::buildHeader(QHBoxLayout* layout) {
    QLabel* title = makeLabel(tr("Runs"));
    title->setFont(Theme::instance().font(1, true));
    m_count = makeLabel({}, "dim");
    m_count->setObjectName(QStringLiteral("runCount"));
    m_filter = new QLineEdit;
    m_filter->setObjectName(QStringLiteral("runFilter"));
    m_filter->setAccessibleName(tr("Filter the runs"));
    m_filter->setPlaceholderText(tr("Filter: schedule, sampler, note, state …"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setFixedWidth(320);
    m_open = button("openRun", tr("Open"), tr("Show the run's text on the Design page (Return)"));
    m_rerun = button("rerunRun", tr("Rerun"), tr("Generate the same request once more"));
    m_copy = button("copyRuns", tr("Copy"), tr("Copy the selected rows as tab-separated text (Ctrl+C)"));
    m_delete = button("deleteRun", tr("Delete"),
                      tr("Delete the selected runs; can be undone for %1 s (Del)").arg(kUndoSeconds));
    layout->addWidget(title);
    layout->addSpacing(Theme::kGrid);
    layout->addWidget(m_count);
    layout->addStretch();
    layout->addWidget(m_filter);
    layout->addSpacing(Theme::kGrid);
    for (QPushButton* each : {m_open, m_rerun, m_copy, m_delete})
        layout->addWidget(each);
    connect(m_open, &QPushButton::clicked, this, &RunsPage::openSelected);
    connect(m_rerun, &QPushButton::clicked, this, [this] {
        for (const qint64 run : selectedRuns())
            emit rerunRequested(run);
    });
    connect(m_copy, &QPushButton::clicked, this, &RunsPage::copySelected);
    connect(m_delete, &QPushButton::clicked, this, &RunsPage::deleteSelected);
}

void RunsPage::buildTable() {
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("runTable"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setModel(m_proxy);
    m_table->setItemDelegateForColumn(RunListModel::Schedule, new ScheduleDelegate(m_model, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::SelectedClicked);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    QHeaderView* columns = m_table->horizontalHeader();
    columns->setHighlightSections(false);
    columns->setSectionsMovable(true);
    columns->setStretchLastSection(true);
    constexpr int kWidths[] = {130, 270, 72, 172, 66, 104, 76, 128, 118, 76, 120};
    for (int column = 0; column < RunListModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, kWidths[column]);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(RunListModel::Started, Qt::DescendingOrder);

    m_usualColumns = columns->saveState();

    connect(m_table, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        if (index.column() == RunListModel::Note) {
            m_table->edit(index);
            return;
        }
        emit m_session->openRunRequested(index.data(RunListModel::IdRole).toLongLong());
    });
    connect(m_table, &QTableView::customContextMenuRequested, this, &RunsPage::showMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPage::refresh);
    const auto shortcut = [this](const QKeySequence& keys, auto action) {
        auto* made = new QShortcut(keys, m_table);
        made->setContext(Qt::WidgetShortcut); // not while a note is being edited
        connect(made, &QShortcut::activated, this, action);
    };
    shortcut(Qt::Key_Return, &RunsPage::openSelected);
    shortcut(QKeySequence::Delete, &RunsPage::deleteSelected);
    shortcut(QKeySequence::Copy, [this] { copySelected(); });
}

QVariant RunsPage::columns() const {
    return QVariantMap{{"count", int{RunListModel::ColumnCount}},
                       {"state", m_table->horizontalHeader()->saveState()}};
}

void RunsPage::setColumns(const QVariant& columns) {
    QHeaderView* header = m_table->horizontalHeader();
    const QVariantMap kept = columns.toMap();
    const bool fits = kept.value("count").toInt() == RunListModel::ColumnCount &&
                      header->restoreState(kept.value("state").toByteArray());
    if (!fits)
        header->restoreState(m_usualColumns);
    m_table->sortByColumn(header->sortIndicatorSection(), header->sortIndicatorOrder());
}

void RunsPage::setRuns(const std::vector<RunSummary>& runs) {
    m_model->setRuns(runs);
    refresh();
}

std::vector<qint64> RunsPage::selectedRuns() const {
    std::vector<qint64> runs;
    for (const QModelIndex& row : m_table->selectionModel()->selectedRows())
        runs.push_back(row.data(RunListModel::IdRole).toLongLong());
    return runs;
}

void RunsPage::refresh() {
    const int shown = m_proxy->rowCount(), all = m_model->rowCount() - static_cast<int>(m_deleted.size());
    m_count->setText(all == 0       ? QString()
                     : shown == all ? (all == 1 ? tr("1 run") : tr("%1 runs").arg(all))
                                    : tr("%1 of %2").arg(shown).arg(all));
    m_empty->setText(
        all == 0 ? tr("No runs yet. Every generation is kept here: press Ctrl+Return on the Design page.")
                 : tr("No run matches “%1”.").arg(m_filter->text()));
    m_stack->setCurrentIndex(shown == 0 ? 0 : 1);
    const std::size_t selected = selectedRuns().size();
    m_open->setEnabled(selected == 1);
    m_rerun->setEnabled(selected > 0);
    m_copy->setEnabled(selected > 0);
    m_delete->setEnabled(selected > 0);
}

void RunsPage::openSelected() {
    const std::vector<qint64> runs = selectedRuns();
    if (runs.size() == 1)
        emit m_session->openRunRequested(runs.front());
}

void RunsPage::deleteSelected() {
    const std::vector<qint64> runs = selectedRuns();
    if (runs.empty())
        return;
    commitDeletion(); // one deletion can be taken back: the last
    m_deleted = runs;
    m_proxy->setHidden({runs.begin(), runs.end()});
    m_undoText->setText(runs.size() == 1 ? tr("Run %1 deleted").arg(runs.front())
                                         : tr("%1 runs deleted").arg(runs.size()));
    m_undoBar->show();
    m_undoTimer.start();
    refresh();
}

void RunsPage::undoDeletion() {
    if (m_deleted.empty())
        return;
    m_undoTimer.stop();
    m_deleted.clear();
    m_proxy->setHidden({});
    m_undoBar->hide();
    refresh();
}

void RunsPage::commitDeletion() {
    if (m_deleted.empty())
        return;
    m_undoTimer.stop();
    m_undoBar->hide();
    const std::vector<qint64> runs = std::exchange(m_deleted, {});
    // They leave the list at once; the next setRuns brings the store's word.
    std::vector<RunSummary> kept = m_model->runs();
    std::erase_if(kept, [&](const RunSummary& run) {
        return std::find(runs.begin(), runs.end(), run.id) != runs.end();
    });
    m_model->setRuns(std::move(kept));
    m_proxy->setHidden({});
    for (const qint64 run : runs)
        emit deleteRequested(run);
    refresh();
}

void RunsPage::copySelected() const {
    QStringList lines;
    QStringList header;
    for (int column = 0; column < RunListModel::ColumnCount; ++column)
        header += m_proxy->headerData(column, Qt::Horizontal).toString();
    lines += header.join(u'\t');
    for (const QModelIndex& row : m_table->selectionModel()->selectedRows()) {
        QStringList cells;
        for (int column = 0; column < RunListModel::ColumnCount; ++column) {
            const QModelIndex cell = row.siblingAtColumn(column);
            const int role =
                column == RunListModel::Schedule ? int{RunListModel::NotationRole} : int{Qt::DisplayRole};
            cells += cell.data(role).toString();
        }
        lines += cells.join(u'\t');
    }
    QGuiApplication::clipboard()->setText(lines.join(u'\n') + u'\n');
}

void RunsPage::showMenu(QPoint viewportPoint) {
    if (!m_table->indexAt(viewportPoint).isValid())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (QPushButton* each : {m_open, m_rerun, m_copy, m_delete}) {
        QAction* action = menu->addAction(each->text(), each, &QPushButton::click);
        action->setEnabled(each->isEnabled());
    }
    menu->popup(m_table->viewport()->mapToGlobal(viewportPoint));
}

/// While a deletion can be taken back, undo means that and not the schedule's.
bool RunsPage::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && !m_deleted.empty() &&
        static_cast<QKeyEvent*>(event)->matches(QKeySequence::Undo)) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void RunsPage::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Undo) && !m_deleted.empty())
        undoDeletion();
    else
        QWidget::keyPressEvent(event);
}

void RunsPage::hideEvent(QHideEvent* event) {
    commitDeletion();
    QWidget::hideEvent(event);
}

} // namespace steploom
