// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/command_palette.h"

#include "app/widgets/theme.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr QSize kSize(460, 360);
constexpr int kTop = 96;
constexpr int kRowHeight = 30;
constexpr int kActionRole = Qt::UserRole; ///< index into the list of actions

QString plainText(const QAction& action) {
    QString text = action.text();
    text.remove(u'&');
    return text;
}

} // namespace

CommandPalette::CommandPalette(QWidget* parent)
    : Card(parent), m_search(new QLineEdit(this)), m_list(new QListWidget(this)) {
    setObjectName("commandPalette");
    setFixedSize(kSize);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 12);
    column->setSpacing(Theme::kGrid);
    m_search->setObjectName("paletteSearch");
    m_search->setPlaceholderText(tr("What to do?"));
    m_search->setAccessibleName(tr("Search a command"));
    m_search->installEventFilter(this);
    m_list->setObjectName("paletteList");
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setStyleSheet(
        "QListView { border: none; } QListView::item { padding: 0 8px; border-radius: 5px; }");
    column->addWidget(m_search);
    column->addWidget(m_list, 1);
    connect(m_search, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_search, &QLineEdit::returnPressed, this, &CommandPalette::trigger);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::trigger);
    hide();
}

void CommandPalette::open(const QList<QAction*>& actions) {
    m_actions.clear();
    for (QAction* action : actions)
        if (action->isEnabled() && !action->isSeparator() && !action->text().isEmpty())
            m_actions.emplace_back(action);
    m_search->clear();
    filter({});
    move((parentWidget()->width() - width()) / 2, kTop);
    show();
    raise();
    m_search->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::filter(const QString& text) {
    m_list->clear();
    const QStringList words = text.split(u' ', Qt::SkipEmptyParts);
    for (std::size_t i = 0; i < m_actions.size(); ++i) {
        if (!m_actions[i])
            continue;
        const QString name = plainText(*m_actions[i]);
        const bool fits = std::ranges::all_of(
            words, [&](const QString& word) { return name.contains(word, Qt::CaseInsensitive); });
        if (!fits)
            continue;
        const QString keys = m_actions[i]->shortcut().toString(QKeySequence::NativeText);
        auto* item =
            new QListWidgetItem(keys.isEmpty() ? name : QStringLiteral("%1    %2").arg(name, keys), m_list);
        item->setSizeHint(QSize(0, kRowHeight));
        item->setData(kActionRole, static_cast<int>(i));
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::trigger() {
    const QListWidgetItem* item = m_list->currentItem();
    hide();
    if (!item)
        return;
    if (QAction* action = m_actions[static_cast<std::size_t>(item->data(kActionRole).toInt())])
        action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut) {
        hide();
    } else if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        switch (key->key()) {
        case Qt::Key_Escape:
            hide();
            return true;
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
            QApplication::sendEvent(m_list, event);
            return true;
        default:
            break;
        }
    }
    return Card::eventFilter(watched, event);
}

} // namespace steploom
