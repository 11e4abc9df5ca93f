// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/shortcuts_dialog.h"

#include "app/pages/shortcuts_model.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeView>
#include <QVBoxLayout>

#include <utility>

namespace steploom {
namespace {

constexpr QSize kSize(680, 620);
constexpr int kKeysWidth = 200;
constexpr int kPillHeight = 28;

QPushButton* button(const char* name, const QString& text, const QString& tip) {
    auto* made = new QPushButton(text);
    made->setObjectName(QLatin1String(name));
    made->setToolTip(tip);
    made->setAutoDefault(false); // Return belongs to the key fields
    return made;
}

/// Empties it and says again what it is for: Qt's own words come back each time.
void clear(QKeySequenceEdit* field) {
    field->clear();
    if (auto* line = field->findChild<QLineEdit*>())
        line->setPlaceholderText(field->accessibleName());
}

QKeySequenceEdit* keyField(const char* name, const QString& label, QWidget* parent) {
    auto* field = new QKeySequenceEdit(parent);
    field->setObjectName(QLatin1String(name));
    field->setAccessibleName(label);
    if (auto* line = field->findChild<QLineEdit*>())
        line->setAccessibleName(label);
    clear(field);
    return field;
}

} // namespace

ShortcutsDialog::ShortcutsDialog(Commands& commands, QWidget* parent)
    : QDialog(parent), m_commands(commands), m_model(new ShortcutsModel(commands, this)),
      m_filter(new ShortcutsFilter(this)) {
    setObjectName("shortcutsDialog");
    setWindowTitle(tr("Keyboard shortcuts"));
    resize(kSize);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 14, 14, 14);
    column->setSpacing(10);
    auto* message = new InlineMessage;
    message->setObjectName("shortcutsMessage");
    column->addWidget(message);
    if (!m_commands.problems().empty())
        message->showError(m_commands.problems().front());
    column->addWidget(makeSearch());

    m_filter->setSourceModel(m_model);
    m_tree = new QTreeView;
    m_tree->setObjectName("shortcutsTree");
    m_tree->setAccessibleName(tr("Commands and their shortcuts"));
    m_tree->setModel(m_filter);
    m_tree->setRootIsDecorated(false);
    m_tree->setItemsExpandable(false);
    m_tree->setUniformRowHeights(true);
    m_tree->setIndentation(14);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(ShortcutsModel::Name, QHeaderView::Stretch);
    m_tree->header()->setSectionResizeMode(ShortcutsModel::Keys, QHeaderView::Fixed);
    m_tree->header()->resizeSection(ShortcutsModel::Keys, kKeysWidth);
    m_tree->setStyleSheet("QTreeView::item { min-height: 26px; }");
    m_tree->expandAll();
    column->addWidget(m_tree, 1);
    column->addWidget(makeEditor());

    auto* foot = new QHBoxLayout;
    QPushButton* resetAll =
        button("shortcutsResetAll", tr("Reset all"), tr("Every command gets its usual shortcuts back"));
    QPushButton* close = button("shortcutsClose", tr("Close"), tr("Changes count already"));
    foot->addWidget(resetAll);
    foot->addStretch(1);
    foot->addWidget(close);
    column->addLayout(foot);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(resetAll, &QPushButton::clicked, &m_commands, &Commands::resetAll);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] { settle(false); });
    connect(&m_commands, &Commands::changed, this, &ShortcutsDialog::showCommand);
    showCommand();
    m_search->setFocus();
}

QWidget* ShortcutsDialog::makeSearch() {
    auto* holder = new QWidget;
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins({});
    row->setSpacing(Theme::kGrid);
    m_search = new QLineEdit;
    m_search->setObjectName("shortcutsSearch");
    m_search->setAccessibleName(tr("Search by name"));
    m_search->setPlaceholderText(tr("Search by name"));
    m_search->setClearButtonEnabled(true);
    m_searchKeys = keyField("shortcutsSearchKeys", tr("or press its keys"), holder);
    m_searchKeys->setFixedWidth(kKeysWidth);
    auto* all = new FlatButton(Glyph::Close, tr("Show all keys again"));
    all->setIconSize(QSize(14, 14));
    row->addWidget(m_search, 1);
    row->addWidget(m_searchKeys);
    row->addWidget(all);
    connect(m_search, &QLineEdit::textChanged, this, &ShortcutsDialog::refilter);
    connect(m_searchKeys, &QKeySequenceEdit::keySequenceChanged, this, &ShortcutsDialog::refilter);
    connect(all, &QToolButton::clicked, this, [this] { clear(m_searchKeys); });
    return holder;
}

QWidget* ShortcutsDialog::makeEditor() {
    auto* card = new Card;
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(12, 10, 12, 10);
    column->setSpacing(Theme::kGrid);
    auto* top = new QHBoxLayout;
    m_name = makeLabel({}, "title");
    m_name->setObjectName("shortcutsCommand");
    top->addWidget(m_name, 1);
    m_reset = button("shortcutsReset", tr("Reset"), {});
    top->addWidget(m_reset);
    column->addLayout(top);
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    m_pills = new QWidget;
    m_pillRow = new QHBoxLayout(m_pills);
    m_pillRow->setContentsMargins({});
    m_pillRow->setSpacing(6);
    row->addWidget(m_pills);
    row->addStretch(1);
    m_keys = keyField("shortcutsKeys", tr("Press the keys to add"), card);
    m_keys->setFixedWidth(kKeysWidth);
    row->addWidget(m_keys);
    column->addLayout(row);

    auto* conflict = new QFrame;
    conflict->setObjectName("shortcutsConflict");
    setLook(conflict, "message");
    auto* asked = new QHBoxLayout(conflict);
    asked->setContentsMargins(10, 4, 4, 4);
    m_conflictText = makeLabel({});
    m_conflictText->setObjectName("shortcutsConflictText");
    m_conflictText->setWordWrap(true);
    m_reassign = button("shortcutsReassign", tr("Reassign"), tr("Take the keys from the other command"));
    m_keep = button("shortcutsKeep", tr("Keep"), tr("Leave everything as it is"));
    asked->addWidget(m_conflictText, 1);
    asked->addWidget(m_reassign);
    asked->addWidget(m_keep);
    m_conflict = conflict;
    m_conflict->hide();
    column->addWidget(m_conflict);

    connect(m_reset, &QPushButton::clicked, this, [this] { m_commands.reset(current()); });
    connect(m_keys, &QKeySequenceEdit::editingFinished, this, &ShortcutsDialog::propose);
    connect(m_reassign, &QPushButton::clicked, this, [this] { settle(true); });
    connect(m_keep, &QPushButton::clicked, this, [this] { settle(false); });
    return card;
}

QString ShortcutsDialog::current() const {
    return m_tree->currentIndex().siblingAtColumn(0).data(ShortcutsModel::IdRole).toString();
}

void ShortcutsDialog::select(const QString& id) {
    const QModelIndex index = m_filter->mapFromSource(m_model->indexOf(id));
    m_tree->setCurrentIndex(index);
    m_tree->scrollTo(index);
}

void ShortcutsDialog::refilter() {
    m_filter->setText(m_search->text());
    m_filter->setKeys(m_searchKeys->keySequence());
    m_tree->expandAll();
    // What was looked for is what is meant: the first command found.
    for (int i = 0; i < m_filter->rowCount(); ++i) {
        const QModelIndex first = m_filter->index(0, 0, m_filter->index(i, 0));
        if (!first.data(ShortcutsModel::IdRole).toString().isEmpty()) {
            m_tree->setCurrentIndex(first);
            return;
        }
    }
}

void ShortcutsDialog::showCommand() {
    while (QLayoutItem* item = m_pillRow->takeAt(0)) {
        if (item->widget())
            item->widget()->deleteLater();
        delete item;
    }
    const Command* command = m_commands.find(current());
    const bool isFixed = !command && m_tree->currentIndex().parent().isValid();
    m_name->setText(command   ? command->text()
                    : isFixed ? tr("These keys belong to the part of the window that has the focus")
                              : tr("Choose a command to change its shortcuts"));
    m_keys->setEnabled(command != nullptr);
    m_reset->setEnabled(command && command->isChanged());
    m_reset->setToolTip(
        !command ? QString()
        : command->usual.isEmpty()
            ? tr("Reset to none")
            : tr("Reset to %1").arg(QKeySequence::listToString(command->usual, QKeySequence::NativeText)));
    if (!command)
        return;
    const QList<QKeySequence> shortcuts = command->shortcuts();
    if (shortcuts.isEmpty())
        m_pillRow->addWidget(makeLabel(tr("no shortcut"), "dim"));
    for (const QKeySequence& keys : shortcuts) {
        const QString text = keys.toString(QKeySequence::NativeText);
        auto* pill = new PillButton(text);
        pill->setObjectName("shortcut:" + keys.toString(QKeySequence::PortableText));
        pill->setIcon(glyphIcon(Glyph::Close, GlyphInk::Dim));
        pill->setIconSize(QSize(11, 11));
        pill->setFixedHeight(kPillHeight);
        pill->setToolTip(tr("Take %1 away").arg(text));
        pill->setAccessibleName(pill->toolTip());
        connect(pill, &QToolButton::clicked, this, [this, keys, id = command->id] {
            if (const Command* now = m_commands.find(id)) {
                QList<QKeySequence> left = now->shortcuts();
                left.removeAll(keys);
                m_commands.setShortcuts(id, left);
            }
        });
        m_pillRow->addWidget(pill);
    }
}

/// The keys that were pressed: given at once, unless they mean something already.
void ShortcutsDialog::propose() {
    const QKeySequence keys = m_keys->keySequence();
    const QString id = current();
    if (keys.isEmpty() || id.isEmpty())
        return;
    const Command* other = m_commands.userOf(keys, id);
    const FixedKeys* hiding = Commands::hiddenBy(keys);
    if (!other && !hiding) {
        clear(m_keys);
        m_commands.assign(id, keys);
        return;
    }
    m_wanted = keys;
    const QString shown = keys.toString(QKeySequence::NativeText);
    m_conflictText->setText(
        other ? tr("%1 is the shortcut of “%2” (%3).").arg(shown, other->text(), other->group)
              : tr("%1 means “%2” while the focus is there (%3).").arg(shown, hiding->text, hiding->group));
    m_reassign->setText(other ? tr("Reassign") : tr("Use it elsewhere"));
    m_reassign->setToolTip(other ? tr("Take the keys from the other command")
                                 : tr("Wherever else the focus is, they are this command's"));
    m_conflict->setAccessibleName(m_conflictText->text());
    m_conflict->show();
    m_keep->setFocus();
}

void ShortcutsDialog::settle(bool reassign) {
    m_conflict->hide();
    const QKeySequence keys = std::exchange(m_wanted, {});
    clear(m_keys);
    if (reassign && !keys.isEmpty())
        m_commands.assign(current(), keys);
    showCommand();
}

} // namespace steploom
