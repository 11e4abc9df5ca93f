// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <QListWidget>

#include <map>
#include <vector>

namespace steploom {

/// The runs of a report in its order: dragged or moved by Ctrl+Up and Ctrl+Down, taken out by Del.
class ReportRunList : public QListWidget {
    Q_OBJECT
public:
    explicit ReportRunList(QWidget* parent = nullptr);

    /// Each once.
    void setRuns(const std::vector<std::int64_t>& runs);
    std::vector<std::int64_t> runs() const;
    void append(const std::vector<std::int64_t>& runs);
    bool contains(std::int64_t run) const;
    /// What is shown of runs that are in the list or may come into it.
    void setSummaries(const std::vector<RunSummary>& runs);

    void removeSelected();
    /// −1: up, 1: down. All that is selected moves together.
    void moveSelected(int by);

signals:
    void runsChanged();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void add(std::int64_t run);
    void describe(QListWidgetItem* item) const;

    std::map<std::int64_t, RunSummary> m_summaries;
};

/// "3 · sandwich 25%"
QString reportRunName(const RunSummary& run);
/// "16 samples · perplexity 31.22 ± 0.87 · 2026-11-20 18:02"
QString reportRunFacts(const RunSummary& run);

} // namespace steploom
