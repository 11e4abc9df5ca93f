// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace steploom {
namespace {

/// A share in [0, 1) that depends on the position alone, so that a hole keeps its width while text forms
/// around it.
double positionShare(int position) {
    const auto mixed = static_cast<std::uint32_t>(position) * 2654435761u; // Knuth's multiplicative hash
    return static_cast<double>(mixed >> 16 & 0xFFu) / 256.0;
}

bool startsWord(const CanvasPiece& piece, const CanvasPiece* previous) {
    return previous == nullptr || piece.masked || previous->masked || piece.leadingSpaces > 0;
}

} // namespace

double CanvasLayout::widthOf(const CanvasPiece& piece) {
    if (piece.masked)
        return std::round(m_metrics.averagePiece * (0.55 + 0.9 * positionShare(piece.position)));
    double text = 0;
    if (piece.text.isEmpty()) {
        // White space alone stays visible as a narrow box.
        text = piece.lineBreak ? 0 : std::max(1, piece.leadingSpaces) * m_metrics.space;
    } else {
        auto known = m_widths.find(piece.text);
        if (known == m_widths.end())
            known = m_widths.insert(piece.text, m_measure(piece.text));
        text = *known;
    }
    return std::ceil(text) + 2 * m_metrics.padding + (piece.lineBreak ? m_metrics.breakMark : 0);
}

int CanvasLayout::layOut(std::vector<CanvasPiece> pieces, double width) {
    int keptLines = 0;
    if (width == m_width) {
        const std::size_t common = std::min(pieces.size(), m_boxes.size());
        std::size_t same = 0;
        while (same < common && pieces[same] == m_boxes[same].piece)
            ++same;
        if (same == pieces.size() && same == m_boxes.size())
            return static_cast<int>(m_lines.size());
        // The line of the change may give its first word back to the line before: start one line earlier.
        while (keptLines < static_cast<int>(m_lines.size()) &&
               m_lines[static_cast<std::size_t>(keptLines)].end <= static_cast<int>(same))
            ++keptLines;
        keptLines = std::max(0, keptLines - 1);
    }
    m_width = width;
    m_lines.resize(static_cast<std::size_t>(keptLines));
    const std::size_t begin = keptLines > 0 ? static_cast<std::size_t>(m_lines.back().end) : 0;
    m_boxes.resize(begin);

    std::vector<double> widths(pieces.size() - begin);
    for (std::size_t i = begin; i < pieces.size(); ++i)
        widths[i - begin] = widthOf(pieces[i]);

    double x = 0;
    int lineStart = static_cast<int>(begin);
    const auto closeLine = [&] {
        m_lines.push_back({lineStart, static_cast<int>(m_boxes.size())});
        lineStart = static_cast<int>(m_boxes.size());
        x = 0;
    };
    for (std::size_t i = begin; i < pieces.size();) {
        // One word: pieces that follow without space, up to a line break.
        std::size_t end = i + 1;
        double word = widths[i - begin];
        while (end < pieces.size() && !pieces[end - 1].lineBreak &&
               !startsWord(pieces[end], &pieces[end - 1])) {
            word += m_metrics.joint + widths[end - begin];
            ++end;
        }
        if (x > 0 && x + m_metrics.space + word > width)
            closeLine();
        for (std::size_t k = i; k < end; ++k) {
            const CanvasPiece& piece = pieces[k];
            const double boxWidth = widths[k - begin];
            double gap = 0;
            if (x > 0) {
                const bool onlySpaces = piece.text.isEmpty() && !piece.masked;
                const bool apart = startsWord(piece, &pieces[k - 1]);
                gap = apart && !onlySpaces ? m_metrics.space * std::max(1, piece.leadingSpaces)
                                           : m_metrics.joint;
                if (x + gap + boxWidth > width) { // a word longer than the line
                    closeLine();
                    gap = 0;
                }
            } else if (piece.leadingSpaces > 1 && !piece.text.isEmpty()) {
                gap = std::min(m_metrics.space * (piece.leadingSpaces - 1),
                               width / 2); // indentation of a new line
            }
            const double height = piece.masked ? m_metrics.holeHeight : m_metrics.boxHeight;
            const double top = static_cast<double>(m_lines.size()) * m_metrics.lineHeight;
            m_boxes.push_back(
                {piece, QRectF(x + gap, top + (m_metrics.lineHeight - height) / 2, boxWidth, height)});
            x += gap + boxWidth;
            if (piece.lineBreak)
                closeLine();
        }
        i = end;
    }
    if (lineStart < static_cast<int>(m_boxes.size()))
        closeLine();
    return keptLines;
}

std::span<const CanvasLayout::Box> CanvasLayout::boxesBetween(double top, double bottom) const {
    if (m_lines.empty() || bottom <= 0 || top >= height() || top >= bottom)
        return {};
    const auto last = static_cast<std::ptrdiff_t>(m_lines.size()) - 1;
    const auto from =
        std::clamp<std::ptrdiff_t>(std::ptrdiff_t(std::floor(top / m_metrics.lineHeight)), 0, last);
    const auto to =
        std::clamp<std::ptrdiff_t>(std::ptrdiff_t(std::ceil(bottom / m_metrics.lineHeight)) - 1, 0, last);
    const int first = m_lines[static_cast<std::size_t>(from)].first;
    const int end = m_lines[static_cast<std::size_t>(to)].end;
    return std::span(m_boxes).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first));
}

QRectF CanvasLayout::partOf(const Box& box, int position) {
    const double part = box.rect.width() / box.piece.count;
    const int index = std::clamp(position - box.piece.position, 0, box.piece.count - 1);
    return {box.rect.x() + part * index, box.rect.y(), part, box.rect.height()};
}

int CanvasLayout::positionAt(QPointF point) const {
    for (const Box& box :
         boxesBetween(point.y(), std::nextafter(point.y(), std::numeric_limits<double>::max()))) {
        if (point.x() < box.rect.left() || point.x() > box.rect.right())
            continue;
        const double share = (point.x() - box.rect.left()) / box.rect.width();
        return box.piece.position + std::min(box.piece.count - 1, static_cast<int>(share * box.piece.count));
    }
    return -1;
}

int CanvasLayout::nearestPosition(QPointF point) const {
    if (m_boxes.empty())
        return -1;
    if (point.y() < 0)
        return m_boxes.front().piece.position;
    if (point.y() >= height())
        return m_boxes.back().piece.position + m_boxes.back().piece.count - 1;
    int nearest = -1;
    for (const Box& box :
         boxesBetween(point.y(), std::nextafter(point.y(), std::numeric_limits<double>::max()))) {
        if (nearest >= 0 && point.x() < box.rect.left())
            break;
        const double share = std::clamp((point.x() - box.rect.left()) / box.rect.width(), 0.0, 1.0);
        nearest =
            box.piece.position + std::min(box.piece.count - 1, static_cast<int>(share * box.piece.count));
    }
    return nearest;
}

std::vector<int> CanvasLayout::boxesOf(int position) const {
    // Boxes are in the order of their positions.
    auto box = std::partition_point(m_boxes.begin(), m_boxes.end(), [&](const Box& candidate) {
        return candidate.piece.position + candidate.piece.count <= position;
    });
    std::vector<int> found;
    for (; box != m_boxes.end() && box->piece.position <= position; ++box)
        found.push_back(static_cast<int>(box - m_boxes.begin()));
    return found;
}

} // namespace steploom
