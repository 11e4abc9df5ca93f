// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/command_palette.h"

#include "app/pages/palette_delegate.h"
#include "app/pages/window_settings.h"
#include "app/widgets/theme.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QSettings>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr QSize kSize(600, 460);
constexpr int kTop = 80;
constexpr int kEdge = 16; ///< least distance from the window's edges
constexpr int kMostRemembered = 12;

} // namespace

CommandPalette::CommandPalette(QWidget* parent)
    : Card(parent), m_search(new QLineEdit(this)), m_list(new QListView(this)),
      m_line(makeLabel({}, "hint", this)), m_model(new PaletteModel(this)) {
    setObjectName("commandPalette");
    setAccessibleName(tr("Command palette"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 10);
    column->setSpacing(Theme::kGrid);
    m_search->setObjectName("paletteSearch");
    m_search->setPlaceholderText(
        tr("A command, a page, a schedule such as (L32,H192,L32), a profile, a run…"));
    m_search->setAccessibleName(tr("Search a command"));
    m_search->installEventFilter(this);
    m_list->setObjectName("paletteList");
    m_list->setAccessibleName(tr("Commands that fit"));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setModel(m_model);
    m_list->setItemDelegate(new PaletteDelegate(m_list));
    m_list->setMouseTracking(true);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setStyleSheet("QListView { border: none; }");
    m_line->setObjectName("paletteLine");
    m_line->setWordWrap(true);
    m_line->setContentsMargins(10, 0, 10, 0);
    column->addWidget(m_search);
    column->addWidget(m_list, 1);
    column->addWidget(m_line);
    connect(m_search, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_search, &QLineEdit::returnPressed, this, &CommandPalette::trigger);
    connect(m_list, &QListView::clicked, this, &CommandPalette::trigger);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &CommandPalette::showReason);
    hide();
}

void CommandPalette::setSources(Source all, TypedSource typed) {
    m_all = std::move(all);
    m_typed = std::move(typed);
}

void CommandPalette::open() {
    m_model->setEntries(m_all ? m_all() : std::vector<PaletteEntry>(),
                        QSettings().value(settings::kRecentCommands).toStringList());
    m_search->clear();
    filter({});
    const QSize room = parentWidget()->size() - QSize(2 * kEdge, 2 * kEdge);
    setFixedSize(kSize.boundedTo(room));
    move((parentWidget()->width() - width()) / 2,
         std::max(kEdge, std::min(kTop, parentWidget()->height() - height() - kEdge)));
    show();
    raise();
    m_search->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::filter(const QString& text) {
    m_model->setTyped(text, m_typed ? m_typed(text) : std::vector<PaletteEntry>());
    m_list->setCurrentIndex(m_model->index(0));
    m_list->scrollToTop();
    showReason();
}

void CommandPalette::showReason() {
    const PaletteEntry* entry = m_model->at(m_list->currentIndex().row());
    QString line;
    if (!entry)
        line = tr("Nothing of that name. Try fewer letters.");
    else if (!entry->whyNot.isEmpty())
        line = entry->whyNot.left(1).toUpper() + entry->whyNot.mid(1);
    m_line->setText(line);
    m_line->setVisible(!line.isEmpty());
    // What is read aloud while the focus stays in the field.
    m_search->setAccessibleDescription(
        entry ? m_model->data(m_list->currentIndex(), Qt::AccessibleTextRole).toString() : line);
}

void CommandPalette::trigger() {
    const PaletteEntry* entry = m_model->at(m_list->currentIndex().row());
    if (!entry || !entry->whyNot.isEmpty())
        return showReason(); // it stays open and says why
    if (!entry->id.isEmpty()) {
        QSettings stored;
        QStringList recent = stored.value(settings::kRecentCommands).toStringList();
        recent.removeAll(entry->id);
        recent.prepend(entry->id);
        stored.setValue(settings::kRecentCommands, recent.mid(0, kMostRemembered));
    }
    const std::function<void()> run = entry->run; // running it may change the model
    hide();
    if (run)
        run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut) {
        hide();
    } else if (event->type() == QEvent::ShortcutOverride &&
               static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept(); // it closes the palette, and does not stop what is being generated
        return true;
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
        case Qt::Key_Tab: // nowhere else to go
            return true;
        default:
            break;
        }
    }
    return Card::eventFilter(watched, event);
}

} // namespace steploom
