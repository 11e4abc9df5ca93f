// SPDX-License-Identifier: GPL-3.0-or-later
// What the Runs page does with runs; what it shows of them is in runs_page.cc.
#include "app/bridge/run_list_model.h"
#include "app/pages/run_actions.h"
#include "app/pages/run_group_model.h"
#include "app/pages/run_notice.h"
#include "app/pages/run_query_bar.h"
#include "app/pages/run_table.h"
#include "app/pages/run_tags_popup.h"
#include "app/pages/runs_page.h"
#include "app/widgets/controls.h"

#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QStackedWidget>

#include <algorithm>
#include <utility>

namespace steploom {
namespace {

/// Of more selected runs than this the tags are counted by the store.
constexpr std::size_t kMostRead = 256;

} // namespace

std::vector<std::int64_t> RunsPage::selectedRuns() const {
    if (!isGrouped())
        return m_table->selectedRuns();
    std::vector<std::int64_t> runs;
    for (const QModelIndex& row : m_groups->selectionModel()->selectedRows())
        runs.insert(runs.end(), m_groupModel->at(row)->runs.begin(), m_groupModel->at(row)->runs.end());
    return runs;
}

/// Shows an error, or that there is none any more; whether all went well.
bool RunsPage::done(const std::optional<Error::Parts>& error) {
    if (error)
        m_message->showError(*error);
    else
        m_message->dismiss();
    return !error;
}

void RunsPage::joinActions() {
    const RunActions& actions = *m_actions;
    for (QAction* action : {actions.open, actions.compare, actions.report, actions.star, actions.tags,
                            actions.copy, actions.remove}) {
        m_table->addAction(action);
        if (action != actions.open && action != actions.copy)
            m_groups->addAction(action);
    }
    auto* enter = new QAction(tr("Show the group's runs"), m_groups);
    enter->setShortcut(Qt::Key_Return);
    enter->setShortcutContext(Qt::WidgetShortcut);
    m_groups->addAction(enter);
    connect(enter, &QAction::triggered, this, [this] { openGroup(m_groups->currentIndex()); });

    connect(actions.open, &QAction::triggered, this, &RunsPage::openSelected);
    connect(actions.compare, &QAction::triggered, this, [this] {
        const std::vector<std::int64_t> runs = selectedRuns();
        emit m_session->compareRunsRequested({runs.begin(), runs.end()});
    });
    connect(actions.report, &QAction::triggered, this, [this] {
        const std::vector<std::int64_t> runs = selectedRuns();
        emit m_session->reportRunsRequested({runs.begin(), runs.end()});
    });
    connect(actions.rerun, &QAction::triggered, this, [this] {
        for (const std::int64_t run : selectedRuns())
            emit rerunRequested(run);
    });
    connect(actions.judge, &QAction::triggered, this, [this] {
        const std::vector<std::int64_t> runs = selectedRuns();
        showJudging(0, static_cast<int>(runs.size()), 0);
        emit judgeRequested({runs.begin(), runs.end()});
    });
    connect(actions.star, &QAction::triggered, this, &RunsPage::starSelected);
    connect(actions.tags, &QAction::triggered, this, &RunsPage::openTags);
    connect(actions.copy, &QAction::triggered, this,
            [this] { QGuiApplication::clipboard()->setText(m_table->selectionAsText()); });
    connect(actions.remove, &QAction::triggered, this, &RunsPage::deleteSelected);
    connect(actions.restore, &QAction::triggered, this, &RunsPage::restoreSelected);
    connect(actions.emptyBin, &QAction::triggered, this, [this] {
        const int runs = m_library.binCount();
        m_confirm->say(runs == 1
                           ? tr("Remove the run in the bin for good, with its samples?")
                           : tr("Remove the %1 runs in the bin for good, with their samples?").arg(runs));
    });
    connect(actions.exportRuns, &QAction::triggered, this, &RunsPage::chooseExport);
    connect(actions.importRuns, &QAction::triggered, this, &RunsPage::chooseImport);

    connect(m_table, &RunTable::starClicked, this, [this](qint64 run) {
        const std::vector<std::int64_t> one{run};
        const RunSummary* summary = m_model->at(m_model->rowOf(run));
        done(m_library.setStarred(one, !(summary && summary->starred)));
    });
    connect(m_model, &RunListModel::noteEdited, this,
            [this](qint64 run, const QString& note) { done(m_library.setNote(run, note)); });
    connect(m_model, &RunListModel::tagsEdited, this,
            [this](qint64 run, const QStringList& added, const QStringList& removed) {
                const std::vector<std::int64_t> one{run};
                done(m_library.changeTags(one, added, removed));
            });
    connect(m_tagsPopup, &RunTagsPopup::added, this,
            [this](const QString& tag) { done(m_library.changeTags(m_tagged, {tag}, {})); });
    connect(m_tagsPopup, &RunTagsPopup::removed, this,
            [this](const QString& tag) { done(m_library.changeTags(m_tagged, {}, {tag})); });
}

void RunsPage::joinBundles() {
    connect(&m_bundles, &BundleTransfer::advanced, this, [this](const QString& doing, double share) {
        m_told->hide();
        m_work->findChild<QWidget*>(QStringLiteral("runWorkStop"))->hide();
        m_work->showProgress(doing + QStringLiteral(" …"), share);
    });
    const auto told = [this](const QString& text) {
        if (!m_bundles.busy())
            m_work->hide();
        m_told->say(text);
        review();
    };
    connect(&m_bundles, &BundleTransfer::exported, this,
            [told](const QString& file, const ExportReport& report) {
                told(tr("Exported to %1: %2").arg(QFileInfo(file).fileName(), exportSentence(report)));
            });
    connect(&m_bundles, &BundleTransfer::imported, this,
            [this, told](const QString& file, const ImportReport& report) {
                told(tr("Imported %1: %2").arg(QFileInfo(file).fileName(), importSentence(report)));
                m_library.refresh();
                std::vector<std::int64_t> runs;
                for (const ImportedRun& run : report.runs)
                    if (run.outcome == ImportedRun::Outcome::Added)
                        runs.push_back(run.id);
                m_table->selectRuns(runs); // they may be of last year, far down
            });
    connect(&m_bundles, &BundleTransfer::failed, this, [this](const Error::Parts& error) {
        if (!m_bundles.busy())
            m_work->hide();
        done(error);
        review();
    });
}

void RunsPage::openSelected() {
    const std::vector<std::int64_t> runs = selectedRuns();
    if (runs.size() == 1)
        emit m_session->openRunRequested(runs.front());
}

/// All get one unless all have one.
void RunsPage::starSelected() {
    const std::vector<std::int64_t> runs = selectedRuns();
    const auto starred = amongListed(QStringLiteral("starred"));
    if (done(starred.error))
        done(m_library.setStarred(
            runs, !std::ranges::all_of(runs, [&](std::int64_t run) { return starred.value.contains(run); })));
}

/// The runs of the list for which a further term holds: reading every run of a long selection takes long.
Answer<std::unordered_set<std::int64_t>> RunsPage::amongListed(const QString& term) {
    RunQuery query = m_model->query();
    query.text += ' ' + term.toStdString();
    const Answer<std::vector<std::int64_t>> found = m_library.findRuns(query);
    return {{found.value.begin(), found.value.end()}, found.error};
}

void RunsPage::openTags() {
    m_tagged = selectedRuns();
    refillTags();
    m_tagsPopup->openBelow(*m_tagsButton);
}

void RunsPage::refillTags() {
    const auto tags = m_library.tags();
    if (!done(tags.error))
        return;
    QStringList known;
    for (const auto& [tag, count] : tags.value)
        known << QString::fromStdString(tag);
    std::map<QString, int> had;
    if (m_tagged.size() <= kMostRead) {
        for (const RunSummary& run : m_library.summaries(m_tagged).value)
            for (const std::string& tag : run.tags)
                ++had[QString::fromStdString(tag)];
    } else {
        for (const QString& tag : known) {
            const auto tagged = amongListed(QStringLiteral("tag:\"%1\"").arg(tag)).value;
            had[tag] = static_cast<int>(
                std::ranges::count_if(m_tagged, [&](std::int64_t run) { return tagged.contains(run); }));
        }
    }
    for (const auto& [tag, count] : had) // those of the bin
        if (!known.contains(tag))
            known << tag;
    m_tagsPopup->setTags(known, had, static_cast<int>(m_tagged.size()));
}

void RunsPage::deleteSelected() {
    const std::vector<std::int64_t> runs = selectedRuns();
    if (runs.empty() || m_query->bin())
        return;
    const int row = isGrouped() ? -1 : m_model->rowOf(runs.front());
    if (!done(m_library.moveToBin(runs)))
        return;
    m_deleted = runs;
    m_undoBar->say(runs.size() == 1 ? tr("Run %1 is in the bin").arg(runs.front())
                                    : tr("%1 runs are in the bin").arg(runs.size()));
    m_undoTimer.start();
    if (row >= 0 && m_model->rowCount() > 0) // pressed again, it takes the next one
        m_table->selectRuns(
            {m_model->ids()[static_cast<std::size_t>(std::min(row, m_model->rowCount() - 1))]});
    review();
}

void RunsPage::undoDeletion() {
    if (m_deleted.empty())
        return;
    m_undoTimer.stop();
    const std::vector<std::int64_t> runs = std::exchange(m_deleted, {});
    m_undoBar->hide();
    if (done(m_library.restoreFromBin(runs)))
        m_table->selectRuns(runs);
}

void RunsPage::restoreSelected() {
    const std::vector<std::int64_t> runs = selectedRuns();
    if (!done(m_library.restoreFromBin(runs)))
        return;
    m_told->say(runs.size() == 1 ? tr("Run %1 is back").arg(runs.front())
                                 : tr("%1 runs are back").arg(runs.size()));
    if (m_library.binCount() == 0)
        m_query->setBin(false);
}

void RunsPage::emptyBin() {
    m_confirm->hide();
    const Answer<int> gone = m_library.emptyBin();
    if (!done(gone.error))
        return;
    m_deleted.clear();
    m_undoBar->hide();
    m_told->say(gone.value == 1 ? tr("1 run was removed for good")
                                : tr("%1 runs were removed for good").arg(gone.value));
    m_query->setBin(false);
}

void RunsPage::chooseExport() {
    const std::vector<std::int64_t> runs = selectedRuns();
    auto* dialog = new QFileDialog(this, tr("Export runs"));
    const QString alone = tr("Runs (*.steploom)"),
                  whole = tr("Runs and the files of their models (*.steploom)");
    dialog->setNameFilters({alone, whole});
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("steploom"));
    dialog->selectFile(runs.size() == 1 ? QStringLiteral("run-%1.steploom").arg(runs.front())
                                        : QStringLiteral("runs.steploom"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, runs, dialog, whole](const QString& file) {
        exportRuns(runs, file, dialog->selectedNameFilter() == whole);
    });
    dialog->open();
}

void RunsPage::chooseImport() {
    auto* dialog = new QFileDialog(this, tr("Import runs"), {},
                                   tr("Bundles and reports (*.steploom *.html *.htm *.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &RunsPage::importFiles);
    dialog->open();
}

void RunsPage::exportRuns(const std::vector<std::int64_t>& runs, const QString& file, bool withCheckpoints) {
    m_bundles.exportRuns(runs, file, {.checkpoints = withCheckpoints});
    review();
}

void RunsPage::importFiles(const QStringList& files) {
    for (const QString& file : files)
        m_bundles.importRuns(file);
    review();
}

void RunsPage::showJudging(int judged, int wanted, double share) {
    m_told->hide();
    m_work->findChild<QWidget*>(QStringLiteral("runWorkStop"))->show();
    m_work->showProgress(wanted == 1
                             ? tr("Judging the run …")
                             : tr("Judging run %1 of %2 …").arg(std::min(judged + 1, wanted)).arg(wanted),
                         wanted > 0 ? (judged + share) / wanted : 0);
}

void RunsPage::tellJudged(int judged, int wanted, bool stopped) {
    endJudging();
    if (stopped)
        m_told->say(tr("Stopped. %1 of %2 runs have their measures.").arg(judged).arg(wanted));
    else if (judged == wanted)
        m_told->say(wanted == 1 ? tr("The run is judged.") : tr("%1 runs are judged.").arg(wanted));
    else
        m_told->say(
            tr("%1 of %2 runs are judged; the others hold no finished sample.").arg(judged).arg(wanted));
}

void RunsPage::endJudging() { m_work->hide(); }

void RunsPage::showMenu(QPoint place) {
    auto* view = qobject_cast<QTableView*>(sender());
    if (!view)
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    m_actions->fillMenu(*menu);
    menu->popup(view->viewport()->mapToGlobal(place));
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
    else if (event->key() == Qt::Key_Escape && m_inGroup)
        closeGroup();
    else
        QWidget::keyPressEvent(event);
}

} // namespace steploom
