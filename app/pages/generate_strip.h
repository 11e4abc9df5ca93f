// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QAction;
class QLabel;
class QProgressBar;
class QToolButton;

namespace steploom {

class PillButton;
class PrimaryButton;

/// Generate, Add to queue, how far it is, and Stop. One line of text says what goes on, or why nothing can.
class GenerateStrip : public QWidget {
    Q_OBJECT
public:
    explicit GenerateStrip(QWidget* parent = nullptr);

    QAction* generateAction() const noexcept { return m_generate; } ///< Ctrl+Return
    QAction* queueAction() const noexcept { return m_queue; }       ///< Ctrl+Shift+Return
    QAction* stopAction() const noexcept { return m_stop; }         ///< Escape, Ctrl+.

    /// Why nothing can be generated; empty: it can.
    void setProblem(const QString& problem);
    /// What to know before pressing Generate; empty: nothing.
    void setHint(const QString& hint);
    /// At work: `share` of the bar 0…1, negative while it is not known.
    void showProgress(double share, const QString& text);
    /// At rest: what was done last.
    void showIdle(const QString& text);

signals:
    void generateRequested();
    void queueRequested();
    void stopRequested();

private:
    void refresh();
    void showQueueTip();

    QAction* m_generate = nullptr;
    QAction* m_queue = nullptr;
    QAction* m_stop = nullptr;
    PrimaryButton* m_button = nullptr;
    PillButton* m_queueButton = nullptr;
    QProgressBar* m_bar = nullptr;
    QLabel* m_text = nullptr;
    QToolButton* m_stopButton = nullptr;
    QString m_problem;
    QString m_queueTip; ///< without the shortcut
    QString m_hint;
    QString m_status;
    bool m_working = false;
};

} // namespace steploom
