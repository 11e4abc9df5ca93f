// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/generation_queue.h"
#include "app/bridge/queue_model.h"

#include <QWidget>

class QAction;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace steploom {

class FlatButton;
class InlineMessage;
class PillButton;

/// The queue of generations and analyses: what waits, how long it will take, and what can be done about it.
class QueuePanel : public QWidget {
    Q_OBJECT
public:
    /// The queue must outlive the panel; the session's pool gives the colours.
    QueuePanel(GenerationQueue& queue, const Session& session, QWidget* parent = nullptr);

    /// Pause and resume, for the command palette and the keyboard.
    QAction* pauseAction() const noexcept { return m_pauseAction; }
    /// The line above the table, for whoever drags the panel about.
    QWidget* header() const noexcept { return m_header; }
    /// A line without items, else four rows: the canvas above needs the room.
    QSize sizeHint() const override;

signals:
    void compareRequested();
    void closeRequested();

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeHeader();
    QWidget* makeTable();
    QWidget* makeEmpty();
    void joinKeys();
    void refill();
    void review();
    QString summary() const;
    std::vector<std::int64_t> selected() const;
    /// Shows what went wrong, if anything; true when all went well.
    bool done(const std::optional<Error::Parts>& error);
    void moveSelected(int by);
    void cancelSelected();
    void undoCancel();
    void retrySelected();

    GenerationQueue& m_queue;
    const Session& m_session;
    QueueModel* m_model;
    QAction* m_pauseAction = nullptr;
    QWidget* m_header = nullptr;
    QLabel* m_summary = nullptr;
    PillButton *m_pause = nullptr, *m_stop = nullptr, *m_compare = nullptr;
    FlatButton *m_up = nullptr, *m_down = nullptr, *m_cancel = nullptr, *m_retry = nullptr;
    QStackedWidget* m_stack = nullptr;
    QTableView* m_table = nullptr;
    QWidget* m_undoBar = nullptr;
    QLabel* m_undoText = nullptr;
    InlineMessage* m_message = nullptr;
};

} // namespace steploom
