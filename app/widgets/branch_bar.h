// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"

class QLineEdit;

namespace steploom {

/// What can be done to the canvas before a run goes on from it: write over the selected tokens, mask them
/// again, fix them, undo, leave, go on. It says what it is told and asks; the panel holds the canvas.
class BranchBar : public QWidget {
    Q_OBJECT
public:
    explicit BranchBar(QWidget* parent = nullptr);

    void setTitle(const QString& text);
    /// What stands and what is masked, or why something was not done.
    void setStatus(const QString& text, bool isProblem = false);
    /// Nothing selected: no tool but the others.
    void setSelected(int count);
    void setUndoable(bool undoable);
    QLineEdit* textField() const noexcept { return m_text; }

signals:
    void textEntered(const QString& text);
    void textEdited(const QString& text);
    void remaskRequested();
    void fixRequested();
    void undoRequested();
    void cancelled();
    void generateRequested();

private:
    QLabel* m_title = nullptr;
    QLabel* m_status = nullptr;
    QLineEdit* m_text = nullptr;
    PillButton* m_remask = nullptr;
    PillButton* m_fix = nullptr;
    FlatButton* m_undo = nullptr;
};

} // namespace steploom
