// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/commands.h"

#include "app/pages/window_settings.h"

#include <QCoreApplication>
#include <QSettings>

#include <algorithm>

namespace steploom {
namespace {

QString translated(const char* text) { return QCoreApplication::translate("steploom::Commands", text); }

bool collide(const QKeySequence& a, const QKeySequence& b) {
    return a.matches(b) != QKeySequence::NoMatch || b.matches(a) != QKeySequence::NoMatch;
}

QList<QKeySequence> letters() {
    QList<QKeySequence> keys;
    for (int key = Qt::Key_A; key <= Qt::Key_Z; ++key)
        keys << QKeySequence(key);
    return keys;
}

QList<QKeySequence> plain(std::initializer_list<Qt::Key> list) {
    QList<QKeySequence> keys;
    for (const Qt::Key key : list)
        keys << QKeySequence(key);
    return keys;
}

/// Nothing when a text is no shortcut.
std::optional<QList<QKeySequence>> read(const QStringList& texts) {
    QList<QKeySequence> shortcuts;
    for (const QString& text : texts) {
        const QKeySequence keys = QKeySequence::fromString(text, QKeySequence::PortableText);
        if (keys.isEmpty() || keys[0].key() == Qt::Key_unknown || keys[0].key() == 0)
            return std::nullopt;
        shortcuts << keys;
    }
    return shortcuts;
}

QString settingsKey(const QString& id) {
    return QStringLiteral("%1/%2").arg(QLatin1String(settings::kShortcuts), id);
}

} // namespace

const std::vector<FixedKeys>& fixedKeys() {
    using K = Qt::Key;
    const auto make = [] {
        const QString timeline = translated("Timeline keys"), canvas = translated("Text keys"),
                      runs = translated("Keys of the table of runs"), report = translated("Report keys");
        return std::vector<FixedKeys>{
            {timeline, translated("Give the step or range to a model"), translated("its letter"), letters()},
            {timeline, translated("Move the caret; with Shift select, with Ctrl by edges"), "← →",
             plain({K::Key_Left, K::Key_Right})},
            {timeline, translated("First and last step; by ticks of the ruler"), "Home  End  PgUp  PgDown",
             plain({K::Key_Home, K::Key_End, K::Key_PageUp, K::Key_PageDown})},
            {timeline, translated("Choose the marked model"), "↑ ↓", plain({K::Key_Up, K::Key_Down})},
            {timeline, translated("Use the tool at the caret"), "Return  Space",
             plain({K::Key_Return, K::Key_Enter, K::Key_Space})},
            {timeline, translated("Choose a tool"), "1 … 6",
             plain({K::Key_1, K::Key_2, K::Key_3, K::Key_4, K::Key_5, K::Key_6})},
            {timeline, translated("Give back to the first model"), "Del",
             plain({K::Key_Delete, K::Key_Backspace})},
            {timeline, translated("Zoom in, out, show all"), "+  −  0",
             plain({K::Key_Plus, K::Key_Equal, K::Key_Minus, K::Key_0})},
            {timeline, translated("Select all, mirror"), "Ctrl+A  Ctrl+M", {}},
            {timeline, translated("Copy, paste the schedule"), "Ctrl+C  Ctrl+V", {}},
            {canvas, translated("Next and previous step in which something happened"), "← →", {}},
            {canvas, translated("First, last step; play and pause"), "Home  End  Space", {}},
            {canvas, translated("In a branch: mask again, fix, undo, leave"), "Del  F  Ctrl+Z  Esc", {}},
            {runs, translated("Open, delete, copy, search"), "Return  Del  Ctrl+C  Ctrl+F", {}},
            {runs, translated("Star, tag, compare, report"), "S  T  C  R",
             plain({K::Key_S, K::Key_T, K::Key_C, K::Key_R})},
            {report, translated("Turn the pages, zoom in, out, fit"), "PgUp  PgDown  +  −  0", {}},
            {report, translated("Move a run, take it out"), "Ctrl+↑  Ctrl+↓  Del", {}},
        };
    };
    static const std::vector<FixedKeys> keys = make();
    return keys;
}

bool isPlainKey(const QKeySequence& keys) {
    return keys.count() == 1 &&
           !(keys[0].keyboardModifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
}

QString Command::text() const {
    QString text = action ? action->text() : QString();
    return text.remove(u'&');
}

QList<QKeySequence> Command::shortcuts() const {
    return action ? action->shortcuts() : QList<QKeySequence>();
}

QString Command::whyNot() const {
    if (!action || action->isEnabled())
        return {};
    const QString why = action->property("whyNot").toString();
    return why.isEmpty() ? translated("not possible now") : why;
}

void Commands::add(const QString& group, QAction* action) {
    Q_ASSERT(!action->objectName().isEmpty() && !find(action->objectName()));
    const auto after = std::find_if(m_commands.rbegin(), m_commands.rend(), [&](const Command& each) {
                           return each.group == group;
                       }).base();
    m_commands.insert(after == m_commands.begin() ? m_commands.end() : after,
                      {action->objectName(), group, action, action->shortcuts()});
}

void Commands::restore() {
    const QSettings stored;
    std::vector<QString> kept;
    for (Command& command : m_commands) {
        const QString key = settingsKey(command.id);
        if (!stored.contains(key))
            continue;
        const QStringList texts = stored.value(key).toStringList();
        if (const auto shortcuts = read(texts)) {
            command.action->setShortcuts(*shortcuts);
            kept.push_back(command.id);
        } else {
            m_problems.push_back(
                {tr("The shortcut of “%1” cannot be read").arg(command.text()).toStdString(), "",
                 tr("“%1” names no keys").arg(texts.join(QStringLiteral(", "))).toStdString(),
                 tr("it has its usual one; choose another under Keyboard shortcuts").toStdString()});
        }
    }
    // What was kept goes before what is usual: a later version may have given the keys to another command.
    for (const QString& id : kept)
        for (const QKeySequence& keys : find(id)->shortcuts())
            for (Command& other : m_commands)
                if (std::ranges::find(kept, other.id) == kept.end()) {
                    QList<QKeySequence> left = other.shortcuts();
                    if (left.removeIf([&](const QKeySequence& each) { return collide(each, keys); }) > 0)
                        other.action->setShortcuts(left);
                }
    emit changed();
}

const Command* Commands::find(const QString& id) const {
    const auto found = std::ranges::find(m_commands, id, &Command::id);
    return found == m_commands.end() ? nullptr : &*found;
}

Command* Commands::own(const QString& id) {
    const auto found = std::ranges::find(m_commands, id, &Command::id);
    return found == m_commands.end() || !found->action ? nullptr : &*found;
}

const Command* Commands::userOf(const QKeySequence& keys, const QString& except) const {
    for (const Command& command : m_commands)
        if (command.id != except)
            for (const QKeySequence& each : command.shortcuts())
                if (collide(each, keys))
                    return &command;
    return nullptr;
}

const FixedKeys* Commands::hiddenBy(const QKeySequence& keys) {
    if (!isPlainKey(keys))
        return nullptr;
    for (const FixedKeys& fixed : fixedKeys())
        if (fixed.plain.contains(QKeySequence(keys[0].key())))
            return &fixed;
    return nullptr;
}

void Commands::keep(const Command& command) {
    QSettings stored;
    if (!command.isChanged()) {
        stored.remove(settingsKey(command.id));
        return;
    }
    QStringList texts;
    for (const QKeySequence& keys : command.shortcuts())
        texts << keys.toString(QKeySequence::PortableText);
    stored.setValue(settingsKey(command.id), texts);
}

void Commands::take(const QKeySequence& keys, const QString& except) {
    for (Command& other : m_commands) {
        if (other.id == except || !other.action)
            continue;
        QList<QKeySequence> left = other.shortcuts();
        if (left.removeIf([&](const QKeySequence& each) { return collide(each, keys); }) > 0) {
            other.action->setShortcuts(left);
            keep(other);
        }
    }
}

void Commands::setShortcuts(const QString& id, const QList<QKeySequence>& shortcuts) {
    Command* command = own(id);
    if (!command)
        return;
    command->action->setShortcuts(shortcuts);
    keep(*command);
    emit changed();
}

void Commands::assign(const QString& id, const QKeySequence& keys) {
    Command* command = own(id);
    if (!command)
        return;
    take(keys, id);
    QList<QKeySequence> shortcuts = command->shortcuts();
    if (!shortcuts.contains(keys))
        shortcuts << keys;
    setShortcuts(id, shortcuts);
}

void Commands::reset(const QString& id) {
    Command* command = own(id);
    if (!command)
        return;
    for (const QKeySequence& keys : command->usual)
        take(keys, id);
    setShortcuts(id, command->usual);
}

void Commands::resetAll() {
    for (Command& command : m_commands)
        if (command.action)
            command.action->setShortcuts(command.usual);
    QSettings().remove(settings::kShortcuts);
    emit changed();
}

} // namespace steploom
