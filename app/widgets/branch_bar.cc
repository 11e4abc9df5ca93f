// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/branch_bar.h"

#include "app/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace steploom {

BranchBar::BranchBar(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("branchBar"));
    const auto named = [](auto* widget, const char* name) {
        widget->setObjectName(QLatin1String(name));
        return widget;
    };
    m_title = named(makeLabel({}, "title"), "branchTitle");
    m_status = named(makeLabel({}, "dim"), "branchStatus");
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_text = named(new QLineEdit, "branchText");
    m_text->setPlaceholderText(tr("Select tokens, then write over them"));
    m_text->setAccessibleName(tr("Text for the selected tokens"));
    m_text->setMinimumWidth(160);
    m_remask = named(new PillButton(tr("Re-mask")), "branchRemask");
    m_remask->setToolTip(tr("The selected tokens are written anew (Delete)"));
    m_fix = named(new PillButton(tr("Fix")), "branchFix");
    m_fix->setToolTip(tr("The selected tokens stay, whatever remasking does (F)"));
    m_undo = named(new FlatButton(Glyph::Undo, tr("Undo")), "branchUndo");
    auto* cancel = named(new PillButton(tr("Cancel")), "branchCancel");
    auto* generate = named(new PrimaryButton(tr("Generate from here")), "branchGenerate");
    generate->setToolTip(tr("The rest runs under the schedule above"));

    auto* first = new QHBoxLayout;
    first->setSpacing(Theme::kGrid);
    first->addWidget(m_title);
    first->addWidget(m_status, 1);
    first->addWidget(cancel);
    first->addWidget(generate);
    auto* second = new QHBoxLayout;
    second->setSpacing(Theme::kGrid);
    second->addWidget(m_text, 1);
    second->addWidget(m_remask);
    second->addWidget(m_fix);
    second->addWidget(m_undo);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(Theme::kGrid / 2);
    column->addLayout(first);
    column->addLayout(second);

    connect(m_text, &QLineEdit::returnPressed, this, [this] { emit textEntered(m_text->text()); });
    connect(m_text, &QLineEdit::textEdited, this, &BranchBar::textEdited);
    connect(m_remask, &QToolButton::clicked, this, &BranchBar::remaskRequested);
    connect(m_fix, &QToolButton::clicked, this, &BranchBar::fixRequested);
    connect(m_undo, &QToolButton::clicked, this, &BranchBar::undoRequested);
    connect(cancel, &QToolButton::clicked, this, &BranchBar::cancelled);
    connect(generate, &QPushButton::clicked, this, &BranchBar::generateRequested);
    setSelected(0);
    setUndoable(false);
}

void BranchBar::setTitle(const QString& text) { m_title->setText(text); }

void BranchBar::setStatus(const QString& text, bool isProblem) {
    m_status->setText(text);
    m_status->setToolTip(text);
    setLook(m_status, isProblem ? "error" : "dim");
}

void BranchBar::setSelected(int count) {
    m_text->setEnabled(count > 0);
    m_remask->setEnabled(count > 0);
    m_fix->setEnabled(count > 0);
}

void BranchBar::setUndoable(bool undoable) { m_undo->setEnabled(undoable); }

} // namespace steploom
