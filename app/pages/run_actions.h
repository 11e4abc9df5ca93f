// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QObject>

class QMenu;

namespace steploom {

class PillButton;

/// What can be done with runs, as actions: buttons, menus and keys of the Runs page are made of them.
class RunActions : public QObject {
    Q_OBJECT
public:
    explicit RunActions(QObject* parent = nullptr);

    /// What the actions are possible for.
    struct State {
        int selected = 0;
        bool bin = false;       ///< the bin is looked at
        int binned = 0;         ///< runs in the bin
        bool grouped = false;   ///< groups are listed, not runs
        bool evaluator = false; ///< there is one
        bool busy = false;      ///< a bundle is on its way
    };
    void review(const State& state);
    /// With a separator before each group; those that are not visible are left out.
    void fillMenu(QMenu& menu) const;
    /// Those that are beside the table's most used ones.
    void fillMore(QMenu& menu) const;
    /// A button that follows the action: text, tool tip, enabled, visible.
    static PillButton* button(QAction* action, const QString& name, const QString& text);

    QAction *open, *compare, *report, *rerun, *judge, *star, *tags, *copy, *exportRuns, *importRuns, *remove,
        *restore, *emptyBin;

private:
    QAction* make(const char* name, const QString& text, const QString& tip, const QKeySequence& keys = {});
};

} // namespace steploom
