// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QObject>
#include <QString>

#include <vector>

class QApplication;

namespace steploom {

/// The program's colours for one mode; the only place where colours come from.
struct ThemeColors {
    QColor background, card, line, ink, dim;
    QColor heavy, light, third, fourth; ///< pool members, colour-blind safe (Okabe–Ito beyond the first)
    QColor masked, heat, good;
    QColor onHeavy, onLight; ///< ink on a member's solid colour
};

/// Look of the window: colours by mode, fonts, metrics, and the style sheet made of them. One per
/// application; widgets that paint themselves repaint on changed().
class Theme : public QObject {
    Q_OBJECT
public:
    enum class Mode { FollowSystem, Light, Dark };

    static Theme& instance();

    /// Sets palette, font and style sheet of the application and emits changed().
    void apply(QApplication& application, Mode mode);
    Mode mode() const noexcept { return m_mode; }
    bool isDark() const noexcept { return m_dark; }
    const ThemeColors& colors() const noexcept { return m_colors; }

    /// Colour of the pool member at this index: the one chosen for it, else the one of its place; beyond the
    /// fourth the Okabe–Ito set goes on.
    QColor memberColor(int index) const;
    /// The colours there are to choose from: 0 heavy, 1 light, third, fourth, and so on.
    static constexpr int kMemberColors = 8;
    QColor paletteColor(int choice) const;
    /// Which of them each pool member has, by place; beyond the list the place decides. Emits changed().
    void setMemberColors(const std::vector<int>& choices);
    /// Ink that reads well on memberColor(index).
    QColor onMemberColor(int index) const;
    /// The colour at the token tint's alpha (16–22%).
    QColor tint(const QColor& color) const;

    /// Base size in px (13), scaled: −1 small, 0 base, 1 large, 2 headline figure.
    QFont font(int step = 0, bool bold = false) const;
    QFont monospaceFont(int step = 0) const;

    static constexpr int kGrid = 8;
    static constexpr int kRadius = 10;

signals:
    void changed();

private:
    Theme() = default;
    int choiceOf(int index) const;
    Mode m_mode = Mode::FollowSystem;
    bool m_dark = false;
    bool m_styled = false;                     ///< the application has its style
    [[maybe_unused]] bool m_listening = false; ///< to the system's colour scheme (Qt 6.5 and later)
    ThemeColors m_colors;
    std::vector<int> m_choices; ///< see setMemberColors()
};

} // namespace steploom
