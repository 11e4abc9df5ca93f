// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "app/pages/demo_pools.h"
#include "engine/core/error.h"

#include <QPoint>
#include <QWidget>

#include <vector>

class QHBoxLayout;
class QMenu;
class QToolButton;

namespace steploom {

class InlineMessage;
class MemberChip;
class RefusedMember;
class ValuePill;

/// The models at hand: a chip for each pool member with its menu, [+], the evaluator, and how many requests
/// wait. Members are put in order by dragging their chips, or by Alt with Left and Right. It asks for another
/// pool or evaluator by signals and shows what the session has; a refused member stays beside the others with
/// the reason until it is dismissed or the pool changes.
class PoolBar : public QWidget {
    Q_OBJECT
public:
    /// The session must outlive the bar.
    explicit PoolBar(Session& session, QWidget* parent = nullptr);

    /// Asks for the pool with this checkpoint folder as a further member.
    void addFolder(const QString& folder);
    void setWaiting(int requests);
    InlineMessage& message() noexcept { return *m_message; }
    /// The pool last asked for was refused: says so beside the member that is new or changed in it, or under
    /// the bar where there is no such member.
    void showRefusal(const Error::Parts& error);

    /// What [+] offers beside folders.
    void setDemoPools(const std::vector<DemoPool>& pools);
    QList<QAction*> commands() const { return m_demoPools; } ///< one a demo pool

signals:
    void poolRequested(const std::vector<steploom::PoolMemberSpec>& members);
    /// The same in place of the pool there is, with a tokenizer of its own.
    void newPoolRequested(const std::vector<steploom::PoolMemberSpec>& members);
    /// Empty: none.
    void evaluatorRequested(const QString& folder);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void ask(const std::vector<PoolMemberSpec>& members);
    void moveMember(int from, int to);
    int memberAt(QPoint inBar) const;
    void addLetters(QMenu& menu, int member);
    void addColors(QMenu& menu, int member);
    void chooseColor(int member, int color);
    void applyColors();
    void showPool();
    void showFacts();
    void showEvaluator();
    void openMemberMenu(int member);
    void openAddMenu();
    void startPool(const QString& folder);
    void openEvaluatorMenu();
    void fillMemberMenu(QMenu& menu, int member);
    void addRename(QMenu& menu, int member);
    std::vector<PoolMemberSpec> specs() const;
    void replaceMember(int member, PoolMemberSpec spec);
    /// Opens a folder dialog that does not hold up the window.
    template <class Chosen>
    void chooseFolder(const QString& title, Chosen chosen);

    Session& m_session;
    QHBoxLayout* m_chips = nullptr;
    std::vector<MemberChip*> m_members;
    QToolButton* m_add = nullptr;
    ValuePill* m_evaluator = nullptr;
    ValuePill* m_queue = nullptr;
    RefusedMember* m_refused = nullptr;
    QString m_refusedFolder;
    QList<QAction*> m_demoPools;
    InlineMessage* m_message = nullptr;
    std::vector<PoolMemberSpec> m_asked; ///< last, by this bar; empty once it is answered
    std::vector<int> m_colors;           ///< of the members, as Theme::setMemberColors() takes them
    int m_dragged = -1;                  ///< member whose chip is pressed; −1: none
    bool m_dragging = false;             ///< and was moved
    QPoint m_pressed;                    ///< in the bar
};

} // namespace steploom
