// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QRectF>

class QPainter;

namespace steploom {

/// Every drawing of the window, by what it means.
enum class Glyph {
    Logo,
    Design,
    Compare,
    Analyse,
    Runs,
    Report, ///< a sheet with lines
    Play,
    Pause,
    Stop,
    First,
    Last,
    Previous,
    Next,
    Undo,
    Redo,
    Lock,
    Unlock,
    Sun,
    Moon,
    Plus,
    Minus,
    Close,
    Folder,
    Copy,
    Trash,
    Star,
    StarFilled,
    ChevronDown,
    ChevronRight,
    Warning,
    Info,
    Search,
    Mirror,
    Select, ///< the timeline's tools
    Paint,
    Fill,
    Edge,
    Split,
    Erase,
    Table,
    Library,
    Queue,
    Up,
    Down,
    Dice,
    Contrast, ///< light or dark as the system says
    Loop,
    Branch,
    Export,
    Grid,
    Reset, ///< back to the defaults
    Calculator,
};

/// Which of the theme's colours an icon is drawn in; looked up at paint time, so icons follow the theme by
/// themselves.
enum class GlyphInk { Ink, Dim, Accent, OnAccent, Heat };

/// Strokes on a 24 × 24 grid scaled into `rect`; crisp at every device pixel ratio.
void drawGlyph(QPainter& painter, Glyph glyph, const QRectF& rect, const QColor& color);

/// As an icon for buttons and actions. Checked (On) it is drawn in the accent colour, disabled at half
/// strength.
QIcon glyphIcon(Glyph glyph, GlyphInk ink = GlyphInk::Ink);

} // namespace steploom
