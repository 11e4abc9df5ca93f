// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <QAction>
#include <QKeySequence>
#include <QObject>
#include <QPointer>

#include <optional>
#include <vector>

namespace steploom {

/// Something that the window can do by its name.
struct Command {
    QString id; ///< never changes: what the settings know it by
    QString group;
    QPointer<QAction> action;
    QList<QKeySequence> usual; ///< shortcuts it comes with

    /// Its name without mnemonic.
    QString text() const;
    QList<QKeySequence> shortcuts() const;
    bool isChanged() const { return shortcuts() != usual; }
    /// Why it cannot be done now, from the action's property "whyNot"; empty when it can.
    QString whyNot() const;
};

/// Keys that a widget understands while it has the focus. They are no actions and do not change.
struct FixedKeys {
    QString group;
    QString text;
    QString keys; ///< as people read them
    /// The plain ones among them, which a plain shortcut would be hidden by.
    QList<QKeySequence> plain;
};
/// Of timeline, canvas and table of runs.
const std::vector<FixedKeys>& fixedKeys();
/// One key without Ctrl, Alt or Meta.
bool isPlainKey(const QKeySequence& keys);

/// All commands of the window with their shortcuts: what palette, shortcut editor and tool tips are made of.
/// Changed shortcuts are kept in the settings.
class Commands : public QObject {
    Q_OBJECT
public:
    explicit Commands(QObject* parent = nullptr) : QObject(parent) {}

    /// The action's object name is the id, which must be its own; its shortcuts are the usual ones.
    void add(const QString& group, QAction* action);
    /// After the last add(): gives the commands the shortcuts that were kept. A usual one that was given away
    /// is taken from its command.
    void restore();

    /// By group, in the order of adding.
    const std::vector<Command>& all() const noexcept { return m_commands; }
    const Command* find(const QString& id) const;
    /// What could not be read in restore(): such commands have their usual shortcuts.
    const std::vector<Error::Parts>& problems() const noexcept { return m_problems; }

    /// Another command that has these keys, or keys that begin alike; null when nobody has.
    const Command* userOf(const QKeySequence& keys, const QString& except) const;
    /// A widget's own keys that would hide a plain shortcut; null when there are none.
    static const FixedKeys* hiddenBy(const QKeySequence& keys);

    // Kept at once; changed() is emitted.
    void setShortcuts(const QString& id, const QList<QKeySequence>& shortcuts);
    /// Gives a command one more, taking it from whoever has it.
    void assign(const QString& id, const QKeySequence& keys);
    void reset(const QString& id);
    void resetAll();

signals:
    void changed();

private:
    Command* own(const QString& id);
    void keep(const Command& command);
    void take(const QKeySequence& keys, const QString& except);

    std::vector<Command> m_commands;
    std::vector<Error::Parts> m_problems;
};

} // namespace steploom
