// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/shortcut_tip.h"

#include <QAction>
#include <QWidget>

namespace steploom {

QString shortcutText(const QAction& action) { return action.shortcut().toString(QKeySequence::NativeText); }

void setTipWithShortcut(QWidget* widget, QAction* action, const QString& tip) {
    const auto refresh = [widget, action, tip] {
        const QString keys = shortcutText(*action), text = tip.isEmpty() ? action->text() : tip;
        widget->setToolTip(keys.isEmpty() ? text : QStringLiteral("%1 (%2)").arg(text, keys));
    };
    QObject::connect(action, &QAction::changed, widget, refresh);
    refresh();
}

} // namespace steploom
