// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/runs_page.h"

#include "app/bridge/run_list_model.h"
#include "app/pages/run_actions.h"
#include "app/pages/run_found_text.h"
#include "app/pages/run_group_model.h"
#include "app/pages/run_notice.h"
#include "app/pages/run_query_bar.h"
#include "app/pages/run_table.h"
#include "app/pages/run_tags_popup.h"
#include "app/pages/schedule_delegate.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kGroupRowHeight = 36;                                          // px
constexpr int kGroupWidths[] = {380, 80, 120, 130, 120, 150, 130, 120, 110}; // px, by column
/// Groups beyond this go without a picture of their schedule.
constexpr std::size_t kMostPictures = 500;

enum Shown { kEmpty, kTable, kGroups };

} // namespace

RunsPage::RunsPage(Session* session, RunLibrary& library, QWidget* parent)
    : QWidget(parent), m_session(session), m_library(library), m_model(new RunListModel(library, this)),
      m_groupModel(new RunGroupModel(this)), m_actions(new RunActions(this)), m_bundles(library.file()) {
    setObjectName(QStringLiteral("runsPage"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 12, 12, 12);
    layout->setSpacing(Theme::kGrid);
    layout->addWidget(buildHeader());
    m_message = new InlineMessage;
    m_message->setObjectName(QStringLiteral("runsMessage"));
    m_message->hide();
    layout->addWidget(m_message);
    buildQuery();
    layout->addWidget(m_query);
    layout->addWidget(buildStack(), 1);
    m_found = makeLabel({}, "dim");
    m_found->setObjectName(QStringLiteral("runFound"));
    m_found->setTextFormat(Qt::RichText);
    m_found->setContentsMargins(4, 0, 4, 0);
    m_found->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_found->hide();
    layout->addWidget(m_found);
    buildNotices();
    for (RunNotice* notice : {m_undoBar, m_confirm, m_work, m_told})
        layout->addWidget(notice);
    m_tagsPopup = new RunTagsPopup(this);
    joinActions();
    joinBundles();

    connect(&m_library, &RunLibrary::runsChanged, this, &RunsPage::refresh);
    connect(m_session, &Session::evaluatorChanged, this, &RunsPage::review);
    connect(m_session, &Session::selectedRunChanged, this, [this](qint64 run) {
        if (!isVisible()) // somebody else's choice, to be seen here later
            m_table->selectRuns({run});
    });
    auto* find = new QShortcut(QKeySequence::Find, this);
    find->setContext(Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, this, [this] {
        m_query->line()->setFocus();
        m_query->line()->selectAll();
    });
    review();
}

RunsPage::~RunsPage() = default;

QWidget* RunsPage::buildHeader() {
    auto* header = new QWidget;
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins({});
    row->setSpacing(Theme::kGrid);
    QLabel* title = makeLabel(tr("Runs"));
    title->setFont(Theme::instance().font(1, true));
    m_count = makeLabel({}, "dim");
    m_count->setObjectName(QStringLiteral("runCount"));
    row->addWidget(title);
    row->addSpacing(Theme::kGrid);
    row->addWidget(m_count);
    row->addStretch(1);
    const auto add = [row](QAction* action, const char* name, const QString& text) {
        PillButton* button = RunActions::button(action, QLatin1String(name), text);
        row->addWidget(button);
        return button;
    };
    add(m_actions->open, "openRun", tr("Open"));
    add(m_actions->rerun, "rerunRun", tr("Rerun"));
    add(m_actions->compare, "compareRuns", tr("Compare"));
    m_tagsButton = add(m_actions->tags, "tagRuns", tr("Tags…"));
    add(m_actions->remove, "deleteRun", tr("Delete"));
    add(m_actions->restore, "restoreRun", tr("Restore"));
    add(m_actions->emptyBin, "emptyBin", tr("Empty the bin…"));
    m_more = new PillButton(tr("More"));
    m_more->setObjectName(QStringLiteral("moreRunActions"));
    auto* menu = new QMenu(m_more);
    menu->setToolTipsVisible(true);
    m_actions->fillMore(*menu);
    m_more->setMenu(menu);
    row->addWidget(m_more);
    auto* report = new PrimaryButton(tr("Report…"));
    report->setObjectName(QStringLiteral("reportSelectedRuns"));
    report->setToolTip(m_actions->report->toolTip());
    connect(report, &QPushButton::clicked, m_actions->report, &QAction::trigger);
    connect(m_actions->report, &QAction::changed, report,
            [this, report] { report->setEnabled(m_actions->report->isEnabled()); });
    row->addWidget(report);
    return header;
}

void RunsPage::buildQuery() {
    m_query = new RunQueryBar;
    m_grouping = new QComboBox;
    m_grouping->setObjectName(QStringLiteral("runGrouping"));
    m_grouping->setAccessibleName(tr("Group the runs"));
    m_grouping->setToolTip(
        tr("Groups with mean ± 95% t interval over their runs: seeds of one setting, say"));
    m_grouping->addItem(tr("one by one"));
    m_grouping->addItem(tr("by schedule"), static_cast<int>(RunGrouping::Schedule));
    m_grouping->addItem(tr("by pool"), static_cast<int>(RunGrouping::Pool));
    m_grouping->addItem(tr("by settings, over seeds"), static_cast<int>(RunGrouping::Settings));
    m_grouping->setFixedHeight(32);
    m_query->row()->addWidget(m_grouping);
    auto* columns = new PillButton(tr("Columns"));
    columns->setObjectName(QStringLiteral("runColumns"));
    columns->setToolTip(tr("Which columns the table shows; they are moved by dragging their titles"));
    columns->setIcon(glyphIcon(Glyph::Table));
    auto* menu = new QMenu(columns);
    menu->setObjectName(QStringLiteral("runColumnMenu"));
    connect(menu, &QMenu::aboutToShow, this, [this, menu] { m_table->fillColumnMenu(*menu); });
    columns->setMenu(menu);
    m_query->row()->addWidget(columns);

    connect(m_query, &RunQueryBar::changed, this, &RunsPage::applyQuery);
    connect(m_query, &RunQueryBar::groupClosed, this, &RunsPage::closeGroup);
    connect(m_grouping, &QComboBox::currentIndexChanged, this, [this] {
        if (m_inGroup)
            closeGroup();
        refreshGroups();
        review();
    });
}

QWidget* RunsPage::buildStack() {
    m_table = new RunTable(*m_model);
    setFocusProxy(m_table); // its keys work as soon as the page is shown
    m_empty = makeLabel({}, "dim");
    m_empty->setObjectName(QStringLiteral("runsEmptyText"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    auto* emptyCard = new Card;
    auto* emptyLayout = new QVBoxLayout(emptyCard);
    emptyLayout->addWidget(m_empty);

    m_groups = new QTableView;
    m_groups->setObjectName(QStringLiteral("runGroups"));
    m_groups->setAccessibleName(tr("Groups of runs"));
    m_groups->setModel(m_groupModel);
    m_groups->setItemDelegateForColumn(
        RunGroupModel::Label, new ScheduleDelegate(
                                  [this](const QModelIndex& index) -> const GenerationRequest* {
                                      const GenerationRequest* request = m_groupModel->requestOf(index);
                                      return request && !request->schedule.empty() ? request : nullptr;
                                  },
                                  m_groups));
    m_groups->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_groups->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_groups->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_groups->setShowGrid(false);
    m_groups->setWordWrap(false);
    m_groups->setTabKeyNavigation(false);
    m_groups->verticalHeader()->hide();
    m_groups->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_groups->verticalHeader()->setDefaultSectionSize(kGroupRowHeight);
    m_groups->horizontalHeader()->setHighlightSections(false);
    for (int column = 0; column < RunGroupModel::ColumnCount; ++column)
        m_groups->setColumnWidth(column, kGroupWidths[column]);
    m_groups->setSortingEnabled(true);
    m_groups->sortByColumn(RunGroupModel::Runs, Qt::DescendingOrder);
    m_groups->setContextMenuPolicy(Qt::CustomContextMenu);

    m_stack = new QStackedWidget;
    m_stack->addWidget(emptyCard);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_groups);

    connect(m_table, &RunTable::openRequested, m_session, &Session::openRunRequested);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPage::review);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &RunsPage::showFound);
    connect(m_table, &QWidget::customContextMenuRequested, this, &RunsPage::showMenu);
    connect(m_groups, &QWidget::customContextMenuRequested, this, &RunsPage::showMenu);
    connect(m_groups->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPage::review);
    connect(m_groups, &QTableView::doubleClicked, this, &RunsPage::openGroup);
    connect(m_model, &RunListModel::failed, this, [this](const Error::Parts& error) { done(error); });
    connect(m_model, &QAbstractItemModel::modelReset, this,
            &RunsPage::review); // the selection went without a word
    return m_stack;
}

void RunsPage::buildNotices() {
    m_undoBar = new RunNotice(QStringLiteral("undoBar"));
    connect(
        m_undoBar->addButton(QStringLiteral("undoDelete"), tr("Undo"), tr("Take the deletion back (Ctrl+Z)")),
        &QPushButton::clicked, this, &RunsPage::undoDeletion);
    m_undoTimer.setSingleShot(true);
    m_undoTimer.setInterval(kUndoSeconds * 1000);
    connect(&m_undoTimer, &QTimer::timeout, this, [this] {
        m_deleted.clear();
        m_undoBar->hide();
    });

    m_confirm = new RunNotice(QStringLiteral("emptyBinBar"));
    connect(
        m_confirm->addButton(QStringLiteral("emptyBinKeep"), tr("Keep them"), tr("The bin stays as it is")),
        &QPushButton::clicked, m_confirm, &QWidget::hide);
    connect(m_confirm->addButton(QStringLiteral("emptyBinConfirm"), tr("Remove for good"),
                                 tr("This cannot be taken back")),
            &QPushButton::clicked, this, &RunsPage::emptyBin);

    m_work = new RunNotice(QStringLiteral("runWorkBar"));
    connect(m_work->addButton(QStringLiteral("runWorkStop"), tr("Stop"), tr("What is measured by now stays")),
            &QPushButton::clicked, this, &RunsPage::stopRequested);

    m_told = new RunNotice(QStringLiteral("runToldBar"));
    connect(m_told->addButton(QStringLiteral("runToldClose"), tr("Close"), {}), &QPushButton::clicked, m_told,
            &QWidget::hide);
}

QVariant RunsPage::columns() const { return m_table->columns(); }
void RunsPage::setColumns(const QVariant& columns) { m_table->setColumns(columns); }

QList<QAction*> RunsPage::commands() const {
    return {m_actions->compare, m_actions->report, m_actions->judge, m_actions->exportRuns,
            m_actions->importRuns};
}

bool RunsPage::isGrouped() const { return m_grouping->currentIndex() > 0 && !m_inGroup; }

void RunsPage::applyQuery() {
    RunQuery query = m_model->query();
    query.text = m_query->text().toStdString();
    query.bin = m_query->bin();
    const bool other = query != m_model->query();
    const std::optional<Error::Parts> error = m_model->setQuery(query);
    m_query->showError(error);
    if (error)
        return;
    m_confirm->hide();
    if (other)
        m_table->scrollToTop();
    m_stale = false;
    refreshGroups();
    review();
    showFound();
}

void RunsPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale)
        refresh();
}

/// The store has changed; what nobody sees is asked for when it is shown.
void RunsPage::refresh() {
    m_stale = !isVisible();
    if (m_stale)
        return;
    if (done(m_model->refresh()))
        refreshGroups();
    if (m_tagsPopup->isVisible())
        refillTags();
    QStringList tags;
    for (const auto& [tag, count] : m_library.tags().value)
        tags << QString::fromStdString(tag);
    m_query->setTags(tags);
    review();
    showFound();
}

void RunsPage::refreshGroups() {
    if (!isGrouped())
        return;
    Answer<std::vector<RunGroup>> answer =
        m_library.groupRuns(m_model->query(), static_cast<RunGrouping>(m_grouping->currentData().toInt()));
    if (!done(answer.error))
        return;
    std::vector<std::int64_t> first;
    for (const RunGroup& group : answer.value)
        if (first.size() < kMostPictures && !group.runs.empty())
            first.push_back(group.runs.front());
    std::vector<GenerationRequest> requests;
    for (RunSummary& run : m_library.summaries(first).value)
        requests.push_back(std::move(run.request));
    if (static_cast<RunGrouping>(m_grouping->currentData().toInt()) == RunGrouping::Pool)
        requests.clear(); // a pool has no schedule
    const QString title = m_grouping->currentText();
    m_groupModel->setGroups(std::move(answer.value), std::move(requests),
                            title.startsWith(tr("by ")) ? title.mid(3) : title);
}

void RunsPage::openGroup(const QModelIndex& index) {
    const RunGroup* group = m_groupModel->at(index);
    if (!group)
        return;
    m_inGroup = true;
    m_query->setGroup(QString::fromStdString(group->label));
    m_model->setOnly(group->runs);
    applyQuery();
    m_table->scrollToTop();
    if (m_model->rowCount() > 0)
        m_table->selectRuns({m_model->ids().front()}); // where the arrow keys begin
    m_table->setFocus();
}

void RunsPage::closeGroup() {
    m_inGroup = false;
    m_query->setGroup({});
    m_model->setOnly(std::nullopt);
    applyQuery();
    m_groups->setFocus();
}

QString RunsPage::emptyText() const {
    if (m_query->bin() && m_query->text().trimmed().isEmpty())
        return tr("The bin is empty. What is deleted waits here until the bin is emptied.");
    if (!m_query->text().trimmed().isEmpty() || m_inGroup)
        return tr("No run matches “%1”. Take one of the chips away to see more.")
            .arg(m_query->text().trimmed());
    return tr("No runs yet. Every generation is kept here: press Ctrl+Return on the Design page,\nor drop a "
              "bundle (.steploom) or a report (.html) on the window to import its runs.");
}

QString RunsPage::countText() const {
    const QLocale locale(QLocale::English);
    const auto number = [&](int value) {
        return locale.toString(value); // "100,000"
    };
    const int shown = m_model->rowCount(), all = m_query->bin() ? m_library.binCount() : m_library.runCount();
    QString text = all == 0       ? QString()
                   : shown == all ? (all == 1 ? tr("1 run") : tr("%1 runs").arg(number(all)))
                                  : tr("%1 of %2 runs").arg(number(shown), number(all));
    if (!text.isEmpty() && isGrouped())
        text = tr("%1 in %2 groups").arg(text).arg(m_groupModel->rowCount());
    if (!text.isEmpty() && m_query->bin())
        text = tr("%1 in the bin").arg(text);
    if (const std::size_t selected = selectedRuns().size(); selected > 1)
        text += tr(" · %1 selected").arg(number(static_cast<int>(selected)));
    return text;
}

void RunsPage::review() {
    m_query->setBinCount(m_library.binCount());
    m_empty->setText(emptyText());
    m_stack->setCurrentIndex(m_model->rowCount() == 0 ? kEmpty : isGrouped() ? kGroups : kTable);
    m_count->setText(countText());
    m_actions->review({.selected = static_cast<int>(selectedRuns().size()),
                       .bin = m_query->bin(),
                       .binned = m_library.binCount(),
                       .grouped = isGrouped(),
                       .evaluator = !m_session->evaluator().path.isEmpty(),
                       .busy = m_bundles.busy()});
}

/// Where the current row, or else the first, holds what was searched for.
void RunsPage::showFound() {
    QString found;
    if (m_stack->currentIndex() == kTable && hasWords(m_query->text()) && m_model->rowCount() > 0) {
        const std::int64_t run = m_table->currentRun() != 0 ? m_table->currentRun() : m_model->ids().front();
        if (const std::optional<Run> loaded = m_library.load(run))
            found = foundText(*loaded, m_query->text());
        if (!found.isEmpty())
            found = tr("Run %1, %2").arg(run).arg(found);
    }
    m_found->setText(found);
    m_found->setVisible(!found.isEmpty());
}

} // namespace steploom
