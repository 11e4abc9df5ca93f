// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QByteArray;
class QMainWindow;

namespace steploom {

/// Place, size, maximised state and docks of the window as they were when it was last closed. What is
/// damaged, or lies where no screen is any more, gives way to a size that fits the screen.
void restoreLayout(QMainWindow& window);
void saveLayout(const QMainWindow& window);
/// As at the first start; docks to where `firstState` (saveState(kStateVersion)) has them.
void resetLayout(QMainWindow& window, const QByteArray& firstState);

} // namespace steploom
