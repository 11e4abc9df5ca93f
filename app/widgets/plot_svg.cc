// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_drawing.h"

#include <QFont>
#include <QFontMetricsF>

namespace steploom {
namespace {

QString number(double value) { return QString::number(value, 'f', 2); }

QString pathOf(const QPolygonF& points) {
    QString path;
    for (const QPointF& point : points)
        path += QStringLiteral("%1,%2 ").arg(number(point.x()), number(point.y()));
    return path.trimmed();
}

/// fill="#2b5fb3" fill-opacity="0.85"
QString paint(const char* what, const QColor& color) {
    QString text = QStringLiteral("%1=\"%2\"").arg(QLatin1String(what), color.name());
    if (color.alphaF() < 1)
        text += QStringLiteral(" %1-opacity=\"%2\"").arg(QLatin1String(what), number(color.alphaF()));
    return text;
}

QString stroke(const PlotCanvas::Pen& pen) {
    return QStringLiteral("%1 stroke-width=\"%2\"%3")
        .arg(paint("stroke", pen.color), number(pen.width),
             pen.dashed ? QStringLiteral(" stroke-dasharray=\"6 4\"") : QString());
}

/// Appends elements to an SVG document.
class SvgCanvas : public PlotCanvas {
public:
    SvgCanvas(QSize size, const PlotStyle& style) {
        m_text = QStringLiteral(
                     "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%1\" height=\"%2\" viewBox=\"0 0 %1 "
                     "%2\" font-family=\"%3\" font-size=\"%4\">\n")
                     .arg(size.width())
                     .arg(size.height())
                     .arg((style.fontFamily + QStringLiteral(", sans-serif")).toHtmlEscaped())
                     .arg(style.fontSize);
        m_text += QStringLiteral("<rect width=\"100%\" height=\"100%\" fill=\"%1\"/>\n")
                      .arg(style.background.name());
    }
    void line(QPointF from, QPointF to, const Pen& pen) override {
        m_text += QStringLiteral("<line x1=\"%1\" y1=\"%2\" x2=\"%3\" y2=\"%4\" %5/>\n")
                      .arg(number(from.x()), number(from.y()), number(to.x()), number(to.y()), stroke(pen));
    }
    void polyline(const QPolygonF& points, const Pen& pen) override {
        m_text += QStringLiteral("<polyline points=\"%1\" fill=\"none\" %2 stroke-linejoin=\"round\"/>\n")
                      .arg(pathOf(points), stroke(pen));
    }
    void polygon(const QPolygonF& points, const QColor& fill, const QString& title) override {
        shape(QStringLiteral("polygon"), QStringLiteral("points=\"%1\"").arg(pathOf(points)), fill, title);
    }
    void rectangle(const QRectF& rect, double radius, const QColor& fill, const QString& title) override {
        QString geometry =
            QStringLiteral("x=\"%1\" y=\"%2\" width=\"%3\" height=\"%4\"")
                .arg(number(rect.x()), number(rect.y()), number(rect.width()), number(rect.height()));
        if (radius > 0)
            geometry += QStringLiteral(" rx=\"%1\"").arg(number(radius));
        shape(QStringLiteral("rect"), geometry, fill, title);
    }
    void circle(QPointF center, double radius, const QColor& fill, const QString& title) override {
        shape(QStringLiteral("circle"),
              QStringLiteral("cx=\"%1\" cy=\"%2\" r=\"%3\"")
                  .arg(number(center.x()), number(center.y()), number(radius)),
              fill, title);
    }
    void text(QPointF at, const QString& text, const QColor& color, Align align, bool upright) override {
        static const char* const kAnchors[] = {"start", "middle", "end"};
        const QString turn =
            upright ? QStringLiteral(" transform=\"rotate(-90 %1 %2)\"").arg(number(at.x()), number(at.y()))
                    : QString();
        m_text += QStringLiteral("<text x=\"%1\" y=\"%2\" fill=\"%3\" text-anchor=\"%4\"%5>%6</text>\n")
                      .arg(number(at.x()), number(at.y()), color.name(),
                           QLatin1String(kAnchors[static_cast<int>(align)]), turn, text.toHtmlEscaped());
    }
    void beginClip(const QRectF& rect) override {
        m_text +=
            QStringLiteral("<clipPath id=\"clip%1\"><rect x=\"%2\" y=\"%3\" width=\"%4\" height=\"%5\"/>"
                           "</clipPath>\n<g clip-path=\"url(#clip%1)\">\n")
                .arg(++m_clips)
                .arg(number(rect.x()), number(rect.y()), number(rect.width()), number(rect.height()));
    }
    void endClip() override { m_text += QStringLiteral("</g>\n"); }
    QByteArray finish() { return (m_text + QStringLiteral("</svg>\n")).toUtf8(); }

private:
    void shape(const QString& element, const QString& geometry, const QColor& fill, const QString& title) {
        m_text += QStringLiteral("<%1 %2 %3").arg(element, geometry, paint("fill", fill));
        m_text += title.isEmpty()
                      ? QStringLiteral("/>\n")
                      : QStringLiteral("><title>%1</title></%2>\n").arg(title.toHtmlEscaped(), element);
    }

    QString m_text;
    int m_clips = 0;
};

} // namespace

QByteArray plotSvg(const Plot& plot, QSize size, const PlotStyle& style) {
    QFont font(style.fontFamily);
    font.setPixelSize(style.fontSize);
    const QFontMetricsF metrics(font);
    size.setHeight(static_cast<int>(heightOf(plot, size.height(), metrics)));
    const PlotLayout layout = layOut(plot, size, metrics);
    SvgCanvas canvas(size, style);
    drawPlot(canvas, plot, layout, style, metrics);
    const std::vector<PlotSeries> series = seriesOf(plot);
    drawLegend(canvas, legendOf(series, layout.area, metrics, placesOf(plot, layout)), series, style,
               metrics);
    return canvas.finish();
}

} // namespace steploom
