// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/commands.h"

#include <QDialog>

class QHBoxLayout;
class QKeySequenceEdit;
class QLabel;
class QLineEdit;
class QPushButton;
class QTreeView;

namespace steploom {

class ShortcutsFilter;
class ShortcutsModel;

/// Every command with its shortcuts, found by name or by pressing keys. A shortcut can be added, taken away,
/// or brought back to what is usual; one that another command has is not given away unasked. Changes count
/// at once.
class ShortcutsDialog : public QDialog {
    Q_OBJECT
public:
    /// The commands must outlive it.
    explicit ShortcutsDialog(Commands& commands, QWidget* parent = nullptr);

    /// Shows a command as the one to change.
    void select(const QString& id);

private:
    QWidget* makeSearch();
    QWidget* makeEditor();
    void showCommand();
    void propose();
    void settle(bool reassign);
    void refilter();
    QString current() const;

    Commands& m_commands;
    ShortcutsModel* m_model;
    ShortcutsFilter* m_filter;
    QLineEdit* m_search = nullptr;
    QKeySequenceEdit* m_searchKeys = nullptr;
    QTreeView* m_tree = nullptr;
    QLabel* m_name = nullptr;
    QWidget* m_pills = nullptr; ///< the command's shortcuts, each with a button to take it away
    QHBoxLayout* m_pillRow = nullptr;
    QKeySequenceEdit* m_keys = nullptr;
    QPushButton* m_reset = nullptr;
    QWidget* m_conflict = nullptr;
    QLabel* m_conflictText = nullptr;
    QPushButton* m_reassign = nullptr;
    QPushButton* m_keep = nullptr;
    QKeySequence m_wanted; ///< waits for an answer
};

} // namespace steploom
