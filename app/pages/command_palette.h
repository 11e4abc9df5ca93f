// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"

#include <QAction>
#include <QPointer>

#include <vector>

class QLineEdit;
class QListWidget;

namespace steploom {

/// Everything the window can do, found by typing a part of its name. Lies over its parent, goes away with
/// Escape or when something else gets the focus.
class CommandPalette : public Card {
    Q_OBJECT
public:
    explicit CommandPalette(QWidget* parent);
    /// Shows the enabled ones of these actions.
    void open(const QList<QAction*>& actions);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& text);
    void trigger();

    QLineEdit* m_search;
    QListWidget* m_list;
    std::vector<QPointer<QAction>> m_actions;
};

} // namespace steploom
