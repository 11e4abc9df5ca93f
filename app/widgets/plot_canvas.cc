// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_canvas.h"

#include <QFontMetricsF>
#include <QLineF>
#include <QPainter>

#include <algorithm>

namespace steploom {

namespace {

QPen penOf(const PlotCanvas::Pen& pen) {
    QPen made(pen.color, pen.width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    if (pen.dashed) {
        made.setCapStyle(Qt::FlatCap);
        made.setDashPattern({6 / pen.width, 4 / pen.width});
    }
    return made;
}

} // namespace

PainterCanvas::PainterCanvas(QPainter& painter) : m_painter(painter) {
    painter.setRenderHint(QPainter::Antialiasing);
}

void PainterCanvas::line(QPointF from, QPointF to, const Pen& pen) {
    m_painter.setPen(penOf(pen));
    m_painter.drawLine(from, to);
}

void PainterCanvas::polyline(const QPolygonF& points, const Pen& pen) {
    m_painter.setPen(penOf(pen));
    m_painter.setBrush(Qt::NoBrush);
    m_painter.drawPolyline(points);
}

void PainterCanvas::polygon(const QPolygonF& points, const QColor& fill, const QString&) {
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(fill);
    m_painter.drawPolygon(points);
}

void PainterCanvas::rectangle(const QRectF& rect, double radius, const QColor& fill, const QString&) {
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(fill);
    m_painter.drawRoundedRect(rect, radius, radius);
}

void PainterCanvas::circle(QPointF center, double radius, const QColor& fill, const QString&) {
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(fill);
    m_painter.drawEllipse(center, radius, radius);
}

void PainterCanvas::text(QPointF at, const QString& text, const QColor& color, Align align, bool upright) {
    const double width = QFontMetricsF(m_painter.font()).horizontalAdvance(text);
    const double back = align == Align::Start ? 0 : align == Align::Middle ? width / 2 : width;
    m_painter.setPen(color);
    m_painter.save();
    m_painter.translate(at);
    if (upright)
        m_painter.rotate(-90);
    m_painter.drawText(QPointF(-back, 0), text);
    m_painter.restore();
}

void PainterCanvas::beginClip(const QRectF& rect) {
    m_painter.save();
    m_painter.setClipRect(rect, Qt::IntersectClip);
}

void PainterCanvas::endClip() { m_painter.restore(); }

std::vector<QLineF> hatching(const QRectF& rect, double distance) {
    std::vector<QLineF> lines;
    if (rect.isEmpty())
        return lines;
    // y = x − offset, counted from the lower left corner upwards; each line is cut to the rectangle.
    for (double offset = distance - rect.height(); offset < rect.width(); offset += distance) {
        const double begin = std::max(0.0, offset), end = std::min(rect.width(), offset + rect.height());
        lines.emplace_back(rect.left() + begin, rect.bottom() - (begin - offset), rect.left() + end,
                           rect.bottom() - (end - offset));
    }
    return lines;
}

} // namespace steploom
