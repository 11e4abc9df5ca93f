// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace steploom {

// The look of a printed report: A4, light, all lengths in points (1/72 inch).

namespace page {
inline constexpr double kWidth = 595.276, kHeight = 841.89;
inline constexpr double kLeft = 56, kRight = kWidth - 56; ///< of what is written
inline constexpr double kTop = 64, kBottom = kHeight - 64;
inline constexpr double kTextWidth = kRight - kLeft;
inline constexpr double kTextHeight = kBottom - kTop;
inline constexpr double kRunningTitle = 34;   ///< top of the line above the text
inline constexpr double kFoot = kHeight - 44; ///< top of the line below it
inline constexpr double kHairline = 0.5;
} // namespace page

/// The program's colours in their light mode, as app/widgets/theme.cc has them.
enum class PageInk { Ink, Dim, Line, Ground, Accent };

struct PageColor {
    double red, green, blue;
};

constexpr PageColor pageColor(PageInk ink) {
    constexpr auto of = [](unsigned rgb) {
        return PageColor{(rgb >> 16) / 255.0, (rgb >> 8 & 0xFFu) / 255.0, (rgb & 0xFFu) / 255.0};
    };
    switch (ink) {
    case PageInk::Dim:
        return of(0x667085);
    case PageInk::Line:
        return of(0xE2E6EC);
    case PageInk::Ground:
        return of(0xF4F6F8);
    case PageInk::Accent:
        return of(0x2B5FB3);
    case PageInk::Ink:
        break;
    }
    return of(0x1B2430);
}

} // namespace steploom
