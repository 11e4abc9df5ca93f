// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_choice.h"
#include "engine/runs/run.h"

#include <QWidget>

#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;
class QMenu;
class QPlainTextEdit;
class QAbstractButton;
class QSpinBox;

namespace steploom {

class PillButton;
class ReportRunList;

/// What a report is to be of: runs, sections, words.
class ReportForm : public QWidget {
    Q_OBJECT
public:
    explicit ReportForm(QWidget* parent = nullptr);

    ReportChoice choice() const;
    void setChoice(const ReportChoice& choice);
    void setRuns(const std::vector<std::int64_t>& runs);
    /// Of the store, newest first: what there is to add.
    void setStored(const std::vector<RunSummary>& runs);
    /// Of the store, as many as one looks at: the newest, oldest first.
    std::vector<std::int64_t> newestRuns() const;
    ReportRunList& runs() noexcept { return *m_runs; }

    static constexpr int kNewest = 6;

signals:
    void changed();

private:
    QWidget* makeRuns();
    QWidget* makeSections();
    QWidget* makeWords();
    void fillMenu();
    void refresh();

    std::vector<RunSummary> m_stored; ///< the newest of them
    ReportRunList* m_runs;
    QLabel* m_count;
    PillButton* m_add;
    QMenu* m_menu;
    std::vector<QAbstractButton*> m_tools; ///< that need a selection
    std::vector<QCheckBox*> m_parts;       ///< in the order of allReportParts()
    QSpinBox* m_samples;
    QLineEdit* m_title;
    QLineEdit* m_author;
    QPlainTextEdit* m_remarks;
};

} // namespace steploom
