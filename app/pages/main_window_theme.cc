// SPDX-License-Identifier: GPL-3.0-or-later
// The window's colours: as the system has them, light or dark.
#include "app/pages/main_window.h"

#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"

#include <QAction>
#include <QApplication>
#include <QSettings>

#include <array>

namespace steploom {
namespace {

Glyph glyphOf(Theme::Mode mode) {
    switch (mode) {
    case Theme::Mode::Light:
        return Glyph::Sun;
    case Theme::Mode::Dark:
        return Glyph::Moon;
    case Theme::Mode::FollowSystem:
        break;
    }
    return Glyph::Contrast;
}

} // namespace

std::optional<Theme::Mode> themeModeOf(const QString& name) {
    for (const auto mode : {Theme::Mode::FollowSystem, Theme::Mode::Light, Theme::Mode::Dark})
        if (themeModeName(mode) == name)
            return mode;
    return std::nullopt;
}

QString themeModeName(Theme::Mode mode) {
    switch (mode) {
    case Theme::Mode::Light:
        return "light";
    case Theme::Mode::Dark:
        return "dark";
    case Theme::Mode::FollowSystem:
        break;
    }
    return "system";
}

void MainWindow::makeThemeActions() {
    for (const auto mode : {Theme::Mode::FollowSystem, Theme::Mode::Light, Theme::Mode::Dark}) {
        auto* action = new QAction(tr("Theme: %1").arg(themeModeName(mode)), this);
        action->setObjectName("theme:" + themeModeName(mode));
        connect(action, &QAction::triggered, this, [this, mode] { applyTheme(mode); });
        addCommands(tr("Theme"), {action});
    }
}

void MainWindow::applyTheme(Theme::Mode mode) {
    Theme::instance().apply(*qApp, mode);
    QSettings().setValue(settings::kTheme, themeModeName(mode));
    showTheme();
}

void MainWindow::showTheme() {
    const Theme::Mode mode = Theme::instance().mode();
    m_themeButton->setIcon(glyphIcon(glyphOf(mode), GlyphInk::Dim));
    m_themeButton->setToolTip(tr("Colours: %1").arg(themeModeName(mode)));
}

void MainWindow::cycleTheme() {
    switch (Theme::instance().mode()) {
    case Theme::Mode::FollowSystem:
        return applyTheme(Theme::Mode::Light);
    case Theme::Mode::Light:
        return applyTheme(Theme::Mode::Dark);
    case Theme::Mode::Dark:
        return applyTheme(Theme::Mode::FollowSystem);
    }
}

} // namespace steploom
