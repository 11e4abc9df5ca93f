// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>
#include <QVariant>

#include <cstdint>
#include <vector>

class QMenu;

namespace steploom {

class RunListModel;
class RunTableProxy;

/// The table of runs: its columns, which can be chosen, moved, and kept; its rows, whose selection and place
/// stay when the list is made anew.
class RunTable : public QTableView {
    Q_OBJECT
public:
    explicit RunTable(RunListModel& model, QWidget* parent = nullptr);

    /// In the order of the rows.
    std::vector<std::int64_t> selectedRuns() const;
    /// Those of them that are listed, and no others; the first becomes the current one.
    void selectRuns(const std::vector<std::int64_t>& runs);
    /// 0: none.
    std::int64_t currentRun() const;

    /// Order, widths, sorting and choice of the columns, to be kept.
    QVariant columns() const;
    /// What columns() gave, maybe in another version; what does not fit, or is none, means the usual ones.
    void setColumns(const QVariant& columns);
    /// Fills the menu with all columns, to be checked, and a way back to the usual ones.
    void fillColumnMenu(QMenu& menu);
    void showColumn(int column, bool shown);

    /// The selected rows in the columns that are shown, tab-separated, with a line of titles.
    QString selectionAsText() const;

    /// Typing does not search: the store does that, and it would fetch every row.
    void keyboardSearch(const QString&) override {}

signals:
    void openRequested(qint64 run);
    void starClicked(qint64 run);

private:
    void setUpColumns();
    void rememberPlace();
    void restorePlace();

    RunListModel& m_model;
    RunTableProxy* m_proxy;
    QByteArray m_usual;
    int m_sorted = 1; ///< column that the rows are sorted by
    Qt::SortOrder m_order = Qt::DescendingOrder;
    // What is restored after the list was made anew.
    std::vector<std::int64_t> m_selected;
    std::int64_t m_current = 0, m_top = 0;
    int m_beside = 0; ///< px that the top row was scrolled out of view
};

} // namespace steploom
