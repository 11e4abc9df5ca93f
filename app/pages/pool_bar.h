// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"

#include <QWidget>

#include <vector>

class QHBoxLayout;
class QMenu;
class QToolButton;

namespace steploom {

class InlineMessage;
class MemberChip;
class ValuePill;

/// The models at hand: a chip for each pool member with its menu, [+], the evaluator, and how many requests
/// wait. It asks for another pool or evaluator by signals and shows what the session has; a refusal is shown
/// under it.
class PoolBar : public QWidget {
    Q_OBJECT
public:
    /// The session must outlive the bar.
    explicit PoolBar(Session& session, QWidget* parent = nullptr);

    /// Asks for the pool with this checkpoint folder as a further member.
    void addFolder(const QString& folder);
    void setWaiting(int requests);
    InlineMessage& message() noexcept { return *m_message; }

signals:
    void poolRequested(const std::vector<steploom::PoolMemberSpec>& members);
    /// Empty: none.
    void evaluatorRequested(const QString& folder);

private:
    void showPool();
    void showEvaluator();
    void openMemberMenu(int member);
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
    InlineMessage* m_message = nullptr;
};

} // namespace steploom
