// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/window_layout.h"

#include "app/pages/window_settings.h"

#include <QGuiApplication>
#include <QMainWindow>
#include <QScreen>
#include <QSettings>

#include <algorithm>

namespace steploom {
namespace {

constexpr QSize kFirstSize(1440, 900);
constexpr QSize kFrameSize(0, 32);     ///< what a window manager may put around it
constexpr QSize kLeastSize(400, 300);  ///< what was kept as less is damaged
constexpr QSize kLeastInView(160, 40); ///< of the upper edge, to take hold of

void placeAtFirst(QMainWindow& window) {
    const QRect room = window.screen()->availableGeometry();
    window.setWindowState(window.windowState() &
                          ~(Qt::WindowMaximized | Qt::WindowFullScreen | Qt::WindowMinimized));
    window.resize(kFirstSize.boundedTo(room.size() - kFrameSize));
    const QRect placed(QPoint(), window.size());
    window.move(room.center() - placed.center());
}

/// Whether a person could find the window and take hold of it.
bool isInView(const QMainWindow& window) {
    const QRect place = window.normalGeometry().isValid() ? window.normalGeometry() : window.geometry();
    if (place.width() < kLeastSize.width() || place.height() < kLeastSize.height())
        return false;
    const QRect edge(place.topLeft(), QSize(place.width(), kLeastInView.height()));
    return std::ranges::any_of(QGuiApplication::screens(), [&](const QScreen* screen) {
        const QRect seen = screen->availableGeometry() & edge;
        return seen.width() >= kLeastInView.width() && seen.height() >= kLeastInView.height() / 2;
    });
}

} // namespace

void restoreLayout(QMainWindow& window) {
    const QSettings stored;
    if (!window.restoreGeometry(stored.value(settings::kGeometry).toByteArray()) || !isInView(window))
        placeAtFirst(window);
    window.restoreState(stored.value(settings::kState).toByteArray(), settings::kStateVersion);
}

void saveLayout(const QMainWindow& window) {
    QSettings stored;
    stored.setValue(settings::kGeometry, window.saveGeometry());
    stored.setValue(settings::kState, window.saveState(settings::kStateVersion));
}

void resetLayout(QMainWindow& window, const QByteArray& firstState) {
    QSettings stored;
    for (const char* key : {settings::kGeometry, settings::kState})
        stored.remove(key);
    window.restoreState(firstState, settings::kStateVersion);
    placeAtFirst(window);
}

} // namespace steploom
