// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/canvas_pieces.h"

#include <QHash>
#include <QPointF>
#include <QRectF>

#include <functional>
#include <span>
#include <vector>

namespace steploom {

/// Measures of the token canvas, in px.
struct CanvasMetrics {
    double lineHeight = 33;
    double boxHeight = 26;
    double holeHeight = 14;   ///< of the quiet block at a masked position
    double padding = 2;       ///< inside a box, left and right of its text
    double space = 6;         ///< gap that a leading space becomes
    double joint = 1;         ///< gap between boxes of one word
    double breakMark = 14;    ///< room for ↵
    double averagePiece = 38; ///< expected width of a token, for masked positions

    friend bool operator==(const CanvasMetrics&, const CanvasMetrics&) = default;
};

/// Where each piece of a text lies when it flows into lines of a given width: geometry only, no painting.
/// Words keep together; a masked position counts as a word of its own.
class CanvasLayout {
public:
    /// Width in px of a printable text in the canvas font; asked once for each text.
    using Measure = std::function<double(const QString& text)>;

    struct Box {
        CanvasPiece piece;
        QRectF rect; ///< of the tinted box or quiet block; x from 0, y from 0
    };
    struct Line {
        int first = 0; ///< index of its first box
        int end = 0;
    };

    CanvasLayout() = default;
    CanvasLayout(const CanvasMetrics& metrics, Measure measure)
        : m_metrics(metrics), m_measure(std::move(measure)) {}

    /// Lays out again; the lines before the first change are kept. Returns the first line that was made anew.
    int layOut(std::vector<CanvasPiece> pieces, double width);

    const CanvasMetrics& metrics() const noexcept { return m_metrics; }
    const std::vector<Box>& boxes() const noexcept { return m_boxes; }
    const std::vector<Line>& lines() const noexcept { return m_lines; }
    double height() const noexcept { return static_cast<double>(m_lines.size()) * m_metrics.lineHeight; }
    /// Boxes of the lines that meet the band [top, bottom).
    std::span<const Box> boxesBetween(double top, double bottom) const;

    /// Token position under a point, −1 where there is none. Tokens that share a box own equal parts of it.
    int positionAt(QPointF point) const;
    /// As above, but the nearest position in reading order: what a dragged selection reaches. −1 only when
    /// empty.
    int nearestPosition(QPointF point) const;
    /// Boxes that show a position (several when its token holds line breaks), by index.
    std::vector<int> boxesOf(int position) const;
    /// The part of a box that belongs to one of its tokens.
    static QRectF partOf(const Box& box, int position);

private:
    double widthOf(const CanvasPiece& piece);

    CanvasMetrics m_metrics;
    Measure m_measure;
    QHash<QString, double> m_widths;
    double m_width = -1;
    std::vector<Box> m_boxes;
    std::vector<Line> m_lines;
};

} // namespace steploom
