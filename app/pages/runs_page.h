// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"

#include <QTimer>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace steploom {

class RunListModel;
class RunTableProxy;

/// All stored runs in a table. Shows what it is given and says what is wanted; it never opens the store.
class RunsPage : public QWidget {
    Q_OBJECT
public:
    /// How long a deletion can be taken back.
    static constexpr int kUndoSeconds = 10;

    explicit RunsPage(Session* session, QWidget* parent = nullptr);
    /// Carries out a deletion that could still be taken back.
    ~RunsPage() override;

    void setRuns(const std::vector<RunSummary>& runs);
    std::vector<qint64> selectedRuns() const;
    /// Carries out the waiting deletion now: on leaving the page, on closing the window.
    void commitDeletion();

    /// Order, widths and sorting of the columns, to be kept.
    QVariant columns() const;
    /// What columns() gave, maybe in another version; what does not fit, or is none, means the usual ones.
    void setColumns(const QVariant& columns);

signals:
    /// The time to take it back is over: remove the run from the store.
    void deleteRequested(qint64 run);
    void rerunRequested(qint64 run);
    void noteEdited(qint64 run, const QString& note);

protected:
    void hideEvent(QHideEvent* event) override;
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildHeader(QHBoxLayout* layout);
    void buildTable();
    void openSelected();
    void deleteSelected();
    void undoDeletion();
    void copySelected() const;
    void refresh();
    void showMenu(QPoint viewportPoint);

    Session* m_session;
    RunListModel* m_model;
    RunTableProxy* m_proxy;
    QTimer m_undoTimer;
    std::vector<qint64> m_deleted; ///< hidden, not yet carried out

    QLabel* m_count;
    QLineEdit* m_filter;
    QPushButton* m_open;
    QPushButton* m_rerun;
    QPushButton* m_copy;
    QPushButton* m_delete;
    QTableView* m_table;
    QByteArray m_usualColumns;
    QLabel* m_empty;
    QStackedWidget* m_stack;
    QWidget* m_undoBar;
    QLabel* m_undoText;
};

} // namespace steploom
