// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QGlyphRun>
#include <QHash>
#include <QList>
#include <QPointF>
#include <QString>

class QPainter;

namespace steploom {

/// Texts of one font, shaped once each: a canvas of thousands of tokens shows few different ones, and shaping
/// them anew would take most of a frame. One thread.
class ShapedTexts {
public:
    explicit ShapedTexts(const QFont& font);

    /// Advance in px.
    double widthOf(const QString& text) { return shaped(text).width; }
    /// Draws with the pen's colour; `at`: left end of the line, top of the font's ascent.
    void draw(QPainter& painter, QPointF at, const QString& text);
    /// From ascent to descent, px.
    double height() const noexcept { return m_height; }
    /// How many texts had to be shaped so far.
    int misses() const noexcept { return m_misses; }

private:
    struct Shaped {
        QList<QGlyphRun> runs; ///< several where a font lacks a character
        double width = 0;
    };
    const Shaped& shaped(const QString& text);

    QFont m_font;
    double m_height = 0;
    QHash<QString, Shaped> m_texts;
    int m_misses = 0;
};

} // namespace steploom
