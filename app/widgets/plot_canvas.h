// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPolygonF>
#include <QRectF>
#include <QString>

#include <vector>

class QPainter;

namespace steploom {

/// What a chart is drawn on: the window, a picture or a document. All in px, y downwards.
class PlotCanvas {
public:
    struct Pen {
        QColor color;
        double width = 1;
        bool dashed = false;
    };
    enum class Align { Start, Middle, End };

    virtual ~PlotCanvas() = default;
    virtual void line(QPointF from, QPointF to, const Pen& pen) = 0;
    virtual void polyline(const QPolygonF& points, const Pen& pen) = 0;
    /// `title`: what a document says of the shape when it is pointed at; a picture leaves it out.
    virtual void polygon(const QPolygonF& points, const QColor& fill, const QString& title = {}) = 0;
    virtual void rectangle(const QRectF& rect, double radius, const QColor& fill,
                           const QString& title = {}) = 0;
    virtual void circle(QPointF center, double radius, const QColor& fill, const QString& title = {}) = 0;
    /// `at`: start, middle or end of the baseline. `upright`: read from bottom to top.
    virtual void text(QPointF at, const QString& text, const QColor& color, Align align = Align::Start,
                      bool upright = false) = 0;
    virtual void beginClip(const QRectF& rect) = 0;
    virtual void endClip() = 0;
};

/// The canvas of a painter, in the painter's font.
class PainterCanvas : public PlotCanvas {
public:
    explicit PainterCanvas(QPainter& painter);
    void line(QPointF from, QPointF to, const Pen& pen) override;
    void polyline(const QPolygonF& points, const Pen& pen) override;
    void polygon(const QPolygonF& points, const QColor& fill, const QString& title) override;
    void rectangle(const QRectF& rect, double radius, const QColor& fill, const QString& title) override;
    void circle(QPointF center, double radius, const QColor& fill, const QString& title) override;
    void text(QPointF at, const QString& text, const QColor& color, Align align, bool upright) override;
    void beginClip(const QRectF& rect) override;
    void endClip() override;

private:
    QPainter& m_painter;
};

/// Diagonal lines at that distance (px) within a rectangle, which say "not measured" or "another member".
std::vector<QLineF> hatching(const QRectF& rect, double distance);

} // namespace steploom
