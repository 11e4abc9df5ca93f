// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/bundle_transfer.h"
#include "app/bridge/run_library.h"
#include "app/bridge/session.h"

#include <QTimer>
#include <QWidget>

#include <optional>
#include <unordered_set>
#include <vector>

class QComboBox;
class QLabel;
class QModelIndex;
class QStackedWidget;
class QTableView;

namespace steploom {

class InlineMessage;
class PillButton;
class RunActions;
class RunGroupModel;
class RunListModel;
class RunNotice;
class RunQueryBar;
class RunTable;
class RunTagsPopup;

/// All stored runs: searched, sorted, grouped, and what can be done with them. What it shows follows the
/// store, whoever writes to it.
class RunsPage : public QWidget {
    Q_OBJECT
public:
    /// How long a deletion is offered to be taken back here; the bin keeps it longer.
    static constexpr int kUndoSeconds = 10;

    /// Session and library must outlive the page.
    RunsPage(Session* session, RunLibrary& library, QWidget* parent = nullptr);
    ~RunsPage() override;

    /// Of the table; of groups: all their runs.
    std::vector<std::int64_t> selectedRuns() const;
    /// Adds the runs of these files to the store, one after the other, and says what became of them.
    void importFiles(const QStringList& files);
    void exportRuns(const std::vector<std::int64_t>& runs, const QString& file, bool withCheckpoints = false);
    /// How far the engine is with what judgeRequested() asked for, and that it is done.
    void showJudging(int done, int wanted, double share);
    void tellJudged(int judged, int wanted, bool stopped);
    void endJudging();

    /// Order, widths, choice and sorting of the columns, to be kept.
    QVariant columns() const;
    /// What columns() gave, maybe in another version; what does not fit, or is none, means the usual ones.
    void setColumns(const QVariant& columns);
    /// What is of use on other pages too.
    QList<QAction*> commands() const;

signals:
    void rerunRequested(qint64 run);
    void judgeRequested(const std::vector<qint64>& runs);
    void stopRequested();

protected:
    void showEvent(QShowEvent* event) override;
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* buildHeader();
    void buildQuery();
    QWidget* buildStack();
    void buildNotices();
    void joinActions();
    void joinBundles();

    void applyQuery();
    void refresh();
    void refreshGroups();
    void review();
    void showFound();
    QString emptyText() const;
    QString countText() const;
    void openGroup(const QModelIndex& index);
    void closeGroup();
    bool isGrouped() const;

    bool done(const std::optional<Error::Parts>& error);
    void openSelected();
    void starSelected();
    Answer<std::unordered_set<std::int64_t>> amongListed(const QString& term);
    void openTags();
    void refillTags();
    void deleteSelected();
    void undoDeletion();
    void restoreSelected();
    void emptyBin();
    void chooseExport();
    void chooseImport();
    void showMenu(QPoint place);

    Session* m_session;
    RunLibrary& m_library;
    RunListModel* m_model;
    RunGroupModel* m_groupModel;
    RunActions* m_actions;
    BundleTransfer m_bundles;
    QTimer m_undoTimer;
    std::vector<std::int64_t> m_deleted; ///< can be taken back
    std::vector<std::int64_t> m_tagged;  ///< whom the popup is about
    bool m_stale = true;                 ///< the store has changed since it was asked
    bool m_inGroup = false;              ///< the table lists a group's runs

    QLabel* m_count;
    PillButton *m_tagsButton, *m_more;
    InlineMessage* m_message;
    RunQueryBar* m_query;
    QComboBox* m_grouping;
    QStackedWidget* m_stack;
    QLabel* m_empty;
    RunTable* m_table;
    QTableView* m_groups;
    QLabel* m_found;
    RunTagsPopup* m_tagsPopup;
    RunNotice *m_undoBar, *m_confirm, *m_work, *m_told;
};

} // namespace steploom
