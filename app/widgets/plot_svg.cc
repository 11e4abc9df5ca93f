// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot.h"
#include "app/widgets/plot_curves.h"
#include "app/widgets/plot_labels.h"

#include <QFont>
#include <QFontMetricsF>
#include <QRectF>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

constexpr double kFontSize = 12;
constexpr double kLeft = 74, kRight = 24, kTop = 20, kBottom = 60; ///< px around the plot area
constexpr double kMarker = 4.5, kCap = 4, kCurveMarker = 2.5;

QString number(double value) { return QString::number(value, 'f', 2); }

/// Appends elements to an SVG document.
class SvgWriter {
public:
    SvgWriter(QSize size, const PlotStyle& style) {
        m_text = QStringLiteral(
                     "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%1\" height=\"%2\" viewBox=\"0 0 %1 "
                     "%2\" font-family=\"%3\" font-size=\"%4\">\n")
                     .arg(size.width())
                     .arg(size.height())
                     .arg((style.fontFamily + QStringLiteral(", sans-serif")).toHtmlEscaped())
                     .arg(kFontSize);
        m_text += QStringLiteral("<rect width=\"100%\" height=\"100%\" fill=\"%1\"/>\n")
                      .arg(style.background.name());
    }
    void line(QPointF a, QPointF b, const QColor& color, double width, const QString& dash = {}) {
        m_text +=
            QStringLiteral(
                "<line x1=\"%1\" y1=\"%2\" x2=\"%3\" y2=\"%4\" stroke=\"%5\" stroke-width=\"%6\"%7/>\n")
                .arg(number(a.x()), number(a.y()), number(b.x()), number(b.y()), color.name(), number(width),
                     dash.isEmpty() ? QString() : QStringLiteral(" stroke-dasharray=\"%1\"").arg(dash));
    }
    void circle(QPointF at, double radius, const QColor& color, const QString& title) {
        m_text +=
            QStringLiteral("<circle cx=\"%1\" cy=\"%2\" r=\"%3\" fill=\"%4\"><title>%5</title></circle>\n")
                .arg(number(at.x()), number(at.y()), number(radius), color.name(), title.toHtmlEscaped());
    }
    void polyline(const QPolygonF& points, const QColor& color, double width) {
        QString path;
        for (const QPointF& point : points)
            path += QStringLiteral("%1,%2 ").arg(number(point.x()), number(point.y()));
        m_text += QStringLiteral("<polyline points=\"%1\" fill=\"none\" stroke=\"%2\" stroke-opacity=\"%3\" "
                                 "stroke-width=\"%4\" stroke-linejoin=\"round\"/>\n")
                      .arg(path.trimmed(), color.name(), number(color.alphaF()), number(width));
    }
    void box(const QRectF& rect, const QColor& fill) {
        m_text += QStringLiteral("<rect x=\"%1\" y=\"%2\" width=\"%3\" height=\"%4\" fill=\"%5\" "
                                 "fill-opacity=\"0.85\"/>\n")
                      .arg(number(rect.x()), number(rect.y()), number(rect.width()), number(rect.height()),
                           fill.name());
    }
    void text(QPointF at, const QString& text, const QColor& color, const char* anchor,
              const QString& more = {}) {
        m_text += QStringLiteral("<text x=\"%1\" y=\"%2\" fill=\"%3\" text-anchor=\"%4\"%5>%6</text>\n")
                      .arg(number(at.x()), number(at.y()), color.name(), QLatin1String(anchor), more,
                           text.toHtmlEscaped());
    }
    QByteArray finish() { return (m_text + QStringLiteral("</svg>\n")).toUtf8(); }

private:
    QString m_text;
};

} // namespace

QByteArray plotSvg(const Plot& plot, QSize size, const PlotStyle& style) {
    const QRectF area(kLeft, kTop, std::max(1.0, size.width() - kLeft - kRight),
                      std::max(1.0, size.height() - kTop - kBottom));
    const PlotFrame frame = frameOf(plot, std::max(2, static_cast<int>(area.width() / 90)),
                                    std::max(2, static_cast<int>(area.height() / 60)));
    const auto at = [&](double x, double y) {
        return QPointF(area.left() + frame.xShare(x) * area.width(),
                       area.bottom() - frame.yShare(y) * area.height());
    };
    SvgWriter svg(size, style);
    for (const double mark : frame.xMarks) {
        const QPointF foot = at(mark, frame.yLow);
        svg.line(foot, {foot.x(), area.top()}, style.grid, 1);
        svg.text(foot + QPointF(0, 18), markText(mark, frame.xMarks, frame.xUnit), style.dim, "middle");
    }
    for (const double mark : frame.yMarks) {
        const QPointF foot = at(frame.xLow, mark);
        svg.line(foot, {area.right(), foot.y()}, style.grid, 1);
        svg.text(foot + QPointF(-10, 4), markText(mark, frame.yMarks, frame.yUnit), style.dim, "end");
    }
    svg.text({area.center().x(), area.bottom() + 44}, axisTitle(plot.x, frame.xUnit), style.dim, "middle");
    const QString upright = QStringLiteral(" transform=\"rotate(-90 18 %1)\"").arg(number(area.center().y()));
    svg.text({18, area.center().y()}, axisTitle(plot.y, frame.yUnit), style.dim, "middle", upright);

    for (const PlotAnchor& anchor : plot.anchors) {
        const QPointF right = at(frame.xHigh, anchor.y);
        svg.line({area.left(), right.y()}, right, anchor.color, 1.2, QStringLiteral("6 4"));
        svg.text(right + QPointF(-4, -5), anchor.label, anchor.color, "end");
    }
    QPolygonF path;
    for (const QPointF& value : plot.line)
        path += at(value.x(), value.y());
    if (!path.isEmpty())
        svg.polyline(path, style.line, 1.2);
    for (const PlotCurve& curve : plot.curves) {
        QPolygonF stroke;
        for (const QPointF& value : curve.values)
            if (std::isfinite(value.x()) && std::isfinite(value.y()))
                stroke += at(value.x(), value.y());
        if (stroke.size() > 1)
            svg.polyline(visibleStroke(stroke), curve.color, curve.width);
        if (curve.marked || stroke.size() == 1)
            for (const QPointF& each : stroke)
                svg.circle(each, kCurveMarker, curve.color, curve.name);
    }

    QFont font(style.fontFamily);
    font.setPixelSize(static_cast<int>(kFontSize));
    const QFontMetricsF metrics(font);
    std::vector<QLineF> strokes;
    for (std::size_t i = 1; i < plot.line.size(); ++i)
        strokes.emplace_back(at(plot.line[i - 1].x(), plot.line[i - 1].y()),
                             at(plot.line[i].x(), plot.line[i].y()));
    std::vector<LabelledPoint> labels;
    for (const PlotPoint& point : plot.points) {
        const QPointF center = at(point.x, point.y);
        QRectF taken(center.x() - kMarker, center.y() - kMarker, 2 * kMarker, 2 * kMarker);
        if (point.hasInterval()) {
            const QPointF low = at(point.x, point.low), high = at(point.x, point.high);
            svg.line(low, high, point.color, 1.5);
            strokes.emplace_back(low, high);
            for (const QPointF& end : {low, high})
                svg.line(end - QPointF(kCap, 0), end + QPointF(kCap, 0), point.color, 1.5);
        }
        svg.circle(center, kMarker, point.color, point.tooltip);
        labels.push_back({center,
                          {metrics.horizontalAdvance(point.label), point.label.isEmpty() ? 0 : kFontSize + 2},
                          taken});
    }
    const std::vector<QRectF> places = placeLabels(labels, area, strokes);
    for (std::size_t i = 0; i < places.size(); ++i)
        if (!places[i].isEmpty())
            svg.text(places[i].bottomLeft() - QPointF(0, 3), plot.points[i].label, style.ink, "start");
    const PlotLegend legend = legendOf(plot, area, metrics);
    if (!legend.entries.empty())
        svg.box(legend.box, style.background);
    for (const PlotLegendEntry& entry : legend.entries) {
        const PlotCurve& curve = plot.curves[entry.curve];
        svg.polyline({entry.sample.p1(), entry.sample.p2()}, curve.color, curve.width);
        if (curve.marked)
            svg.circle(entry.sample.center(), kCurveMarker, curve.color, {});
        svg.text({entry.text.left(), entry.text.center().y() + 4}, entry.name, style.ink, "start");
    }
    return svg.finish();
}

} // namespace steploom
