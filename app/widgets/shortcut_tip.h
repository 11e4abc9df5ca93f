// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QAction;
class QWidget;

namespace steploom {

/// "Ctrl+L" as the platform writes it; empty when the action has no shortcut.
QString shortcutText(const QAction& action);

/// Gives the widget the tool tip `tip` (empty: the action's text), followed by the action's shortcut in
/// brackets, whatever that is from time to time.
void setTipWithShortcut(QWidget* widget, QAction* action, const QString& tip);

} // namespace steploom
