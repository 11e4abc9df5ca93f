// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"

#include <QAbstractButton>

namespace steploom {

/// A run on a card: name, samples, schedule, savings and measures. A click opens it.
class RunCard : public QAbstractButton {
    Q_OBJECT
public:
    explicit RunCard(QWidget* parent = nullptr);
    void setRun(const RunSummary& run);
    qint64 run() const noexcept { return m_run.id; }
    void setSelected(bool selected);
    QSize sizeHint() const override { return {320, 80}; }
    QSize minimumSizeHint() const override { return {150, 80}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    RunSummary m_run;
    bool m_selected = false;
};

/// The latest runs at the foot of the Design page.
class RecentRuns : public QWidget {
    Q_OBJECT
public:
    static constexpr int kCards = 3;

    explicit RecentRuns(Session* session, QWidget* parent = nullptr);
    /// All runs, newest first; shows the latest.
    void setRuns(const std::vector<RunSummary>& runs);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Session* m_session;
    std::vector<RunCard*> m_cards;
    bool m_empty = true;
};

} // namespace steploom
