// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/icons.h"

#include "app/widgets/theme.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>

#include <cmath>
#include <numbers>

namespace steploom {

namespace {

/// A drawing on the 24 × 24 grid: what is stroked and what is filled.
struct Drawing {
    QPainterPath stroke, fill;

    void line(qreal x1, qreal y1, qreal x2, qreal y2) {
        stroke.moveTo(x1, y1);
        stroke.lineTo(x2, y2);
    }
    void poly(std::initializer_list<QPointF> points, bool closed = false, bool filled = false) {
        QPainterPath& path = filled ? fill : stroke;
        path.addPolygon(QPolygonF(QList<QPointF>(points)));
        if (closed) {
            path.closeSubpath();
        }
    }
};

QPainterPath starPath() {
    QPainterPath path;
    for (int i = 0; i < 10; ++i) {
        const double angle = -std::numbers::pi / 2 + i * std::numbers::pi / 5;
        const double radius = i % 2 == 0 ? 9.2 : 3.9;
        const QPointF point(12 + radius * std::cos(angle), 12.6 + radius * std::sin(angle));
        i == 0 ? path.moveTo(point) : path.lineTo(point);
    }
    path.closeSubpath();
    return path;
}

/// An arrow that turns back, pointing left; redo is its mirror image.
QPainterPath turnPath() {
    QPainterPath path(QPointF(5, 9));
    path.lineTo(14, 9);
    path.cubicTo(21, 9, 21, 18.5, 14, 18.5);
    path.lineTo(9, 18.5);
    path.moveTo(9, 5);
    path.lineTo(5, 9);
    path.lineTo(9, 13);
    return path;
}

void padlock(Drawing& d, bool open) {
    d.stroke.addRoundedRect(QRectF(5.5, 11, 13, 9), 2, 2);
    d.stroke.moveTo(8.5, 11);
    d.stroke.lineTo(8.5, 7.5);
    d.stroke.cubicTo(8.5, 2.9, 15.5, 2.9, 15.5, 7.5);
    if (!open) {
        d.stroke.lineTo(15.5, 11);
    }
}

Drawing drawingOf(Glyph glyph) {
    Drawing d;
    switch (glyph) {
    case Glyph::Logo:
        break; // has colours of its own: drawLogo
    case Glyph::Design:
        d.line(4, 6.5, 10, 6.5);
        d.line(14, 6.5, 20, 6.5);
        d.line(4, 12, 7, 12);
        d.line(11, 12, 20, 12);
        d.line(4, 17.5, 13, 17.5);
        d.line(17, 17.5, 20, 17.5);
        break;
    case Glyph::Compare:
        for (const qreal x : {4.0, 13.5})
            d.stroke.addRoundedRect(QRectF(x, 4.5, 6.5, 15), 1.5, 1.5);
        break;
    case Glyph::Analyse:
        d.poly({{4, 4}, {4, 20}, {20, 20}});
        d.poly({{7, 15.5}, {11, 10.5}, {14, 13}, {19, 6}});
        break;
    case Glyph::Runs:
        d.line(4, 6, 20, 6);
        d.line(4, 12, 20, 12);
        d.line(4, 18, 20, 18);
        break;
    case Glyph::Report:
        d.poly({{6, 3.5}, {14, 3.5}, {18.5, 8}, {18.5, 20.5}, {6, 20.5}}, true);
        d.poly({{13.5, 4}, {13.5, 8.5}, {18, 8.5}});
        d.line(9, 12.5, 15.5, 12.5);
        d.line(9, 16.5, 13.5, 16.5);
        break;
    case Glyph::Play:
        d.poly({{7, 4.5}, {19.5, 12}, {7, 19.5}}, true, true);
        break;
    case Glyph::Pause:
        d.fill.addRoundedRect(QRectF(6, 5, 4.2, 14), 1, 1);
        d.fill.addRoundedRect(QRectF(13.8, 5, 4.2, 14), 1, 1);
        break;
    case Glyph::Stop:
        d.fill.addRoundedRect(QRectF(6, 6, 12, 12), 2, 2);
        break;
    case Glyph::First:
    case Glyph::Last:
        d.fill.addRoundedRect(QRectF(5, 6, 2.2, 12), 1, 1);
        d.poly({{19, 6}, {19, 18}, {9, 12}}, true, true);
        break;
    case Glyph::Previous:
    case Glyph::Next:
        d.poly({{14.5, 5.5}, {8, 12}, {14.5, 18.5}});
        break;
    case Glyph::Undo:
    case Glyph::Redo:
        d.stroke = turnPath();
        break;
    case Glyph::Lock:
        padlock(d, false);
        break;
    case Glyph::Unlock:
        padlock(d, true);
        break;
    case Glyph::Sun:
        d.stroke.addEllipse(QPointF(12, 12), 4, 4);
        for (int i = 0; i < 8; ++i) {
            const double a = i * std::numbers::pi / 4;
            d.line(12 + 7 * std::cos(a), 12 + 7 * std::sin(a), 12 + 9.3 * std::cos(a),
                   12 + 9.3 * std::sin(a));
        }
        break;
    case Glyph::Moon: {
        QPainterPath whole, bite;
        whole.addEllipse(QPointF(11.5, 12.5), 8, 8);
        bite.addEllipse(QPointF(16, 8.5), 7, 7);
        d.stroke = whole.subtracted(bite);
        break;
    }
    case Glyph::Dice:
        d.stroke.addRoundedRect(QRectF(4.5, 4.5, 15, 15), 3.5, 3.5);
        for (const QPointF eye : {QPointF(8.7, 8.7), QPointF(12, 12), QPointF(15.3, 15.3)})
            d.fill.addEllipse(eye, 1.5, 1.5);
        break;
    case Glyph::Contrast:
        d.stroke.addEllipse(QPointF(12, 12), 8, 8);
        d.fill.moveTo(12, 4);
        d.fill.arcTo(QRectF(4, 4, 16, 16), 90, -180);
        d.fill.closeSubpath();
        break;
    case Glyph::Plus:
        d.line(12, 5, 12, 19);
        d.line(5, 12, 19, 12);
        break;
    case Glyph::Minus:
        d.line(5, 12, 19, 12);
        break;
    case Glyph::Close:
        d.line(6.5, 6.5, 17.5, 17.5);
        d.line(17.5, 6.5, 6.5, 17.5);
        break;
    case Glyph::Folder:
        d.poly({{3.5, 18.5}, {3.5, 5.5}, {9.5, 5.5}, {12, 8.5}, {20.5, 8.5}, {20.5, 18.5}}, true);
        break;
    case Glyph::Copy:
        d.stroke.addRoundedRect(QRectF(8.5, 8.5, 11, 11), 2, 2);
        d.poly({{15.5, 5}, {15.5, 4.5}, {4.5, 4.5}, {4.5, 15.5}, {5, 15.5}});
        break;
    case Glyph::Trash:
        d.line(4.5, 7, 19.5, 7);
        d.poly({{9, 7}, {9, 4}, {15, 4}, {15, 7}});
        d.poly({{6.5, 7}, {7.5, 20}, {16.5, 20}, {17.5, 7}});
        d.line(10.5, 11, 10.5, 16);
        d.line(13.5, 11, 13.5, 16);
        break;
    case Glyph::Star:
        d.stroke = starPath();
        break;
    case Glyph::StarFilled:
        d.fill = starPath();
        break;
    case Glyph::ChevronRight:
        d.poly({{9.5, 6}, {15.5, 12}, {9.5, 18}});
        break;
    case Glyph::Reset:
        d.stroke.moveTo(5.2, 9.5);
        d.stroke.arcTo(QRectF(4.5, 4.5, 15, 15), 160, -300);
        d.poly({{4.5, 4.5}, {4.8, 9.8}, {10, 9.4}});
        break;
    case Glyph::ChevronDown:
        d.poly({{6.5, 9.5}, {12, 15}, {17.5, 9.5}});
        break;
    case Glyph::Warning:
        d.poly({{12, 4}, {21, 19.5}, {3, 19.5}}, true);
        d.line(12, 10, 12, 14);
        d.fill.addEllipse(QPointF(12, 16.8), 1.1, 1.1);
        break;
    case Glyph::Info:
        d.stroke.addEllipse(QPointF(12, 12), 8.5, 8.5);
        d.line(12, 11.5, 12, 16);
        d.fill.addEllipse(QPointF(12, 8.2), 1.1, 1.1);
        break;
    case Glyph::Search:
        d.stroke.addEllipse(QPointF(10.5, 10.5), 6, 6);
        d.line(15, 15, 20, 20);
        break;
    case Glyph::Select: // an arrow pointer
        d.poly({{6, 4}, {6, 18}, {9.8, 14.6}, {12.4, 20}, {15, 18.8}, {12.5, 13.6}, {17.5, 13.2}}, true);
        break;
    case Glyph::Paint: // a brush and its stroke
        d.poly({{19.5, 4.5}, {11.5, 12.5}});
        d.stroke.moveTo(11.8, 12.2);
        d.stroke.cubicTo(8, 11.5, 6.5, 14, 6.5, 16.2);
        d.stroke.cubicTo(6.5, 17.8, 5.5, 19, 4.5, 19.5);
        d.stroke.cubicTo(8.5, 20.5, 13.5, 18.5, 11.8, 12.2);
        break;
    case Glyph::Fill: // a range between two marks
        d.line(4.5, 5, 4.5, 19);
        d.line(19.5, 5, 19.5, 19);
        d.fill.addRoundedRect(QRectF(7.5, 8, 9, 8), 1.5, 1.5);
        break;
    case Glyph::Edge: // an edge that gives to both sides
        d.line(12, 4.5, 12, 19.5);
        d.poly({{7, 9}, {4, 12}, {7, 15}});
        d.poly({{17, 9}, {20, 12}, {17, 15}});
        d.line(4, 12, 9, 12);
        d.line(15, 12, 20, 12);
        break;
    case Glyph::Split: // a cut through a block
        d.poly({{9, 8}, {4, 8}, {4, 16}, {9, 16}});
        d.poly({{15, 8}, {20, 8}, {20, 16}, {15, 16}});
        d.line(12, 4, 12, 8);
        d.line(12, 10.5, 12, 13.5);
        d.line(12, 16, 12, 20);
        break;
    case Glyph::Erase:
        d.poly({{10, 19.5}, {4.5, 14}, {13.5, 5}, {20, 11.5}, {12, 19.5}}, true);
        d.line(9, 9.5, 15.5, 16);
        break;
    case Glyph::Table:
        d.stroke.addRoundedRect(QRectF(4, 5, 16, 14), 2, 2);
        d.line(4, 9.8, 20, 9.8);
        d.line(4, 14.4, 20, 14.4);
        d.line(10.5, 9.8, 10.5, 19);
        break;
    case Glyph::Calculator:
        d.stroke.addRoundedRect(QRectF(5.5, 4, 13, 16), 2, 2);
        d.stroke.addRect(QRectF(8.5, 7, 7, 3));
        for (const double y : {13.2, 16.6})
            for (const double x : {9.0, 12.0, 15.0})
                d.line(x - 0.3, y, x + 0.3, y);
        break;
    case Glyph::Library: // books on a shelf
        d.line(4.5, 5, 4.5, 19);
        d.line(8.5, 5, 8.5, 19);
        d.line(12.5, 5, 12.5, 19);
        d.line(15.6, 5.6, 19.6, 18.6);
        break;
    case Glyph::Queue: // lines, and one that is at work
        d.poly({{4.5, 4.5}, {10, 7.75}, {4.5, 11}}, true, true);
        d.line(13, 7.75, 20, 7.75);
        d.line(4.5, 14.5, 20, 14.5);
        d.line(4.5, 19, 20, 19);
        break;
    case Glyph::Up:
    case Glyph::Down: {
        const qreal way = glyph == Glyph::Up ? 1 : -1;
        d.line(12, 12 - 7 * way, 12, 12 + 7 * way);
        d.poly({{6.5, 12 - 1.5 * way}, {12, 12 - 7 * way}, {17.5, 12 - 1.5 * way}});
        break;
    }
    case Glyph::Mirror:
        for (qreal y = 4; y < 20; y += 4.4) {
            d.line(12, y, 12, y + 2.2);
        }
        d.poly({{9, 7}, {9, 17}, {3.5, 17}}, true);
        d.poly({{15, 7}, {15, 17}, {20.5, 17}}, true, true);
        break;
    case Glyph::Loop:
        d.poly({{17, 6.5}, {5, 6.5}, {5, 13}});
        d.poly({{14.5, 3.5}, {17.5, 6.5}, {14.5, 9.5}});
        d.poly({{7, 17.5}, {19, 17.5}, {19, 11}});
        d.poly({{9.5, 14.5}, {6.5, 17.5}, {9.5, 20.5}});
        break;
    case Glyph::Branch:
        d.line(4, 7, 20, 7);
        d.poly({{9, 7}, {12.5, 16.5}, {20, 16.5}});
        d.poly({{17, 13.5}, {20, 16.5}, {17, 19.5}});
        break;
    case Glyph::Export:
        d.poly({{12, 14.5}, {12, 4}});
        d.poly({{8, 8}, {12, 4}, {16, 8}});
        d.poly({{4.5, 14}, {4.5, 19.5}, {19.5, 19.5}, {19.5, 14}});
        break;
    case Glyph::Grid:
        for (const qreal x : {4.5, 13.5})
            for (const qreal y : {4.5, 13.5})
                d.stroke.addRoundedRect(QRectF(x, y, 6, 6), 1.5, 1.5);
        break;
    }
    return d;
}

/// Three woven threads: heavy's blue ground, white warp, amber weft.
void drawLogo(QPainter& painter, const QRectF& rect) {
    const ThemeColors& colors = Theme::instance().colors();
    const qreal u = rect.width() / 24;
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.heavy);
    painter.drawRoundedRect(rect, 6 * u, 6 * u);
    const struct {
        qreal y, amberFrom, amberTo;
    } threads[] = {{7.5, 12.5, 16.5}, {12, 6.5, 10.5}, {16.5, 13.5, 17.5}};
    for (const auto& thread : threads) {
        const qreal y = rect.top() + thread.y * u;
        painter.setBrush(QColor(0xFFFFFF));
        painter.drawRoundedRect(QRectF(rect.left() + 4 * u, y - 1.1 * u, 16 * u, 2.2 * u), 1.1 * u, 1.1 * u);
        painter.setBrush(colors.light);
        painter.drawRoundedRect(QRectF(rect.left() + thread.amberFrom * u, y - 1.7 * u,
                                       (thread.amberTo - thread.amberFrom) * u, 3.4 * u),
                                1.4 * u, 1.4 * u);
    }
}

class GlyphEngine : public QIconEngine {
public:
    GlyphEngine(Glyph glyph, GlyphInk ink) : m_glyph(glyph), m_ink(ink) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
        const ThemeColors& colors = Theme::instance().colors();
        QColor color = colors.ink;
        switch (m_ink) {
        case GlyphInk::Ink:
            break;
        case GlyphInk::Dim:
            color = colors.dim;
            break;
        case GlyphInk::Accent:
            color = colors.heavy;
            break;
        case GlyphInk::OnAccent:
            color = colors.onHeavy;
            break;
        case GlyphInk::Heat:
            color = colors.heat;
            break;
        }
        if (state == QIcon::On && m_ink != GlyphInk::OnAccent) {
            color = colors.heavy;
        }
        if (mode == QIcon::Disabled) {
            color.setAlphaF(0.4f);
        }
        drawGlyph(*painter, m_glyph, rect, color);
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return pixmap;
    }

    QString iconName() override { return {}; }
    QString key() const override { return QStringLiteral("steploom-glyph"); }
    QIconEngine* clone() const override { return new GlyphEngine(*this); }

private:
    Glyph m_glyph;
    GlyphInk m_ink;
};

} // namespace

void drawGlyph(QPainter& painter, Glyph glyph, const QRectF& rect, const QColor& color) {
    const qreal side = std::min(rect.width(), rect.height());
    const QRectF square(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    if (glyph == Glyph::Logo) {
        drawLogo(painter, square);
        painter.restore();
        return;
    }
    painter.translate(square.topLeft());
    painter.scale(side / 24, side / 24);
    if (glyph == Glyph::Redo || glyph == Glyph::Last || glyph == Glyph::Next) {
        painter.translate(24, 0);
        painter.scale(-1, 1);
    }
    const Drawing drawing = drawingOf(glyph);
    painter.fillPath(drawing.fill, color);
    painter.setPen(QPen(color, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(drawing.stroke);
    painter.restore();
}

QIcon glyphIcon(Glyph glyph, GlyphInk ink) { return QIcon(new GlyphEngine(glyph, ink)); }

} // namespace steploom
