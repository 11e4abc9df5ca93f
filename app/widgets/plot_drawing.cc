// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_drawing.h"

#include "app/widgets/plot_curves.h"
#include "app/widgets/plot_labels.h"

#include <QFontMetricsF>

#include <cmath>

namespace steploom {
namespace {

constexpr double kMarker = 5, kCurveMarker = 2.6; ///< px, radius
constexpr double kCap = 4;                        ///< half the width of a whisker's cap, px
constexpr double kWhisker = 1.5;
constexpr float kBandAlpha = 0.16f;

void drawMarker(PlotCanvas& canvas, QPointF at, PlotMarker marker, double radius, const QColor& color,
                const QString& title) {
    const double r = radius;
    switch (marker) {
    case PlotMarker::Disc:
        return canvas.circle(at, r, color, title);
    case PlotMarker::Square:
        return canvas.rectangle(QRectF(at.x() - 0.9 * r, at.y() - 0.9 * r, 1.8 * r, 1.8 * r), 1, color,
                                title);
    case PlotMarker::Triangle:
        return canvas.polygon(
            {at + QPointF(0, -1.15 * r), at + QPointF(1.1 * r, 0.85 * r), at + QPointF(-1.1 * r, 0.85 * r)},
            color, title);
    case PlotMarker::Diamond:
        return canvas.polygon({at + QPointF(0, -1.25 * r), at + QPointF(1.25 * r, 0),
                               at + QPointF(0, 1.25 * r), at + QPointF(-1.25 * r, 0)},
                              color, title);
    }
}

void drawYAxis(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
               const QFontMetricsF& metrics) {
    const QRectF& area = layout.area;
    for (const double mark : layout.frame.yMarks) {
        const double y = std::round(layout.at(0, mark).y()) + 0.5;
        canvas.line({area.left(), y}, {area.right(), y}, {style.grid});
        canvas.text({area.left() - 10, y + 0.35 * metrics.ascent()},
                    markText(mark, layout.frame.yMarks, layout.frame.yUnit), style.dim,
                    PlotCanvas::Align::End);
    }
    canvas.text({metrics.ascent() + 4, area.center().y()}, axisTitle(plot.y, layout.frame.yUnit), style.dim,
                PlotCanvas::Align::Middle, true);
}

void drawBand(PlotCanvas& canvas, const PlotCurve& curve, const PlotLayout& layout) {
    QColor fill = curve.color;
    fill.setAlphaF(kBandAlpha * fill.alphaF());
    QPolygonF upper, lower;
    const auto finish = [&] {
        for (auto each = lower.crbegin(); each != lower.crend(); ++each)
            upper += *each;
        if (upper.size() > 3)
            canvas.polygon(upper, fill);
        upper.clear();
        lower.clear();
    };
    for (std::size_t i = 0; i < curve.values.size() && i < curve.band.size(); ++i) {
        if (!curve.band[i].isFinite() || !std::isfinite(curve.values[i].x())) {
            finish(); // where the interval is not known the band has a gap
            continue;
        }
        upper += layout.at(curve.values[i].x(), curve.band[i].high);
        lower += layout.at(curve.values[i].x(), curve.band[i].low);
    }
    finish();
}

void drawCurve(PlotCanvas& canvas, const PlotCurve& curve, const PlotLayout& layout) {
    QPolygonF stroke;
    for (const QPointF& value : curve.values)
        if (std::isfinite(value.x()) && std::isfinite(value.y()))
            stroke += layout.at(value.x(), value.y());
    if (stroke.size() > 1)
        canvas.polyline(visibleStroke(stroke), {curve.color, curve.width, curve.dashed});
    if (curve.marked || stroke.size() == 1) // a stroke of one value could not be seen
        for (const QPointF& each : stroke)
            canvas.circle(each, kCurveMarker, curve.color, curve.name);
}

/// Points with their intervals and, where there is room, labels; off the line through them.
void drawPoints(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
                const QFontMetricsF& metrics) {
    std::vector<QLineF> strokes;
    const auto addStrokes = [&](const std::vector<QPointF>& values) {
        for (std::size_t i = 1; i < values.size(); ++i)
            strokes.emplace_back(layout.at(values[i - 1].x(), values[i - 1].y()),
                                 layout.at(values[i].x(), values[i].y()));
    };
    addStrokes(plot.line);
    if (!plot.points.empty())
        for (const PlotCurve& curve : plot.curves)
            addStrokes(curve.values);
    std::vector<LabelledPoint> labels;
    labels.reserve(plot.points.size());
    for (const PlotPoint& point : plot.points) {
        const QPointF center = layout.at(point.x, point.y);
        const PlotCanvas::Pen pen{point.color, kWhisker};
        const auto whisker = [&](QPointF low, QPointF high, QPointF cap) {
            canvas.line(low, high, pen);
            strokes.emplace_back(low, high);
            for (const QPointF& end : {low, high})
                canvas.line(end - cap, end + cap, pen);
        };
        if (point.hasInterval())
            whisker(layout.at(point.x, point.low), layout.at(point.x, point.high), {kCap, 0});
        if (point.across.isFinite())
            whisker(layout.at(point.across.low, point.y), layout.at(point.across.high, point.y), {0, kCap});
        labels.push_back(
            {center,
             {metrics.horizontalAdvance(point.label), point.label.isEmpty() ? 0 : metrics.height()},
             QRectF(center.x() - kMarker, center.y() - kMarker, 2 * kMarker, 2 * kMarker)});
    }
    for (std::size_t i = 0; i < plot.points.size(); ++i) {
        const PlotPoint& point = plot.points[i];
        drawMarker(canvas, labels[i].at, point.marker, kMarker, point.color, point.tooltip);
    }
    const std::vector<QRectF> places = placeLabels(labels, layout.area.adjusted(2, 2, -2, -2), strokes);
    for (std::size_t i = 0; i < places.size(); ++i)
        if (!places[i].isEmpty())
            canvas.text({places[i].left(), places[i].top() + metrics.ascent()}, plot.points[i].label,
                        style.ink);
}

} // namespace

void drawXAxis(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
               const QFontMetricsF& metrics) {
    const QRectF& area = layout.area;
    for (const double mark : layout.frame.xMarks) {
        const double x = std::round(layout.at(mark, 0).x()) + 0.5;
        canvas.line({x, area.top()}, {x, area.bottom()}, {style.grid});
        canvas.text({x, area.bottom() + 6 + metrics.ascent()},
                    markText(mark, layout.frame.xMarks, layout.frame.xUnit), style.dim,
                    PlotCanvas::Align::Middle);
    }
    canvas.text({area.center().x(), area.bottom() + metrics.height() + 14 + metrics.ascent()},
                axisTitle(plot.x, layout.frame.xUnit), style.dim, PlotCanvas::Align::Middle);
}

void drawPlot(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
              const QFontMetricsF& metrics) {
    if (!plot.bars.empty())
        return drawBars(canvas, plot, layout, style, metrics);
    if (plot.heatMap.size > 0)
        return drawHeatMap(canvas, plot, layout, style, metrics);
    drawXAxis(canvas, plot, layout, style, metrics);
    drawYAxis(canvas, plot, layout, style, metrics);
    for (const PlotAnchor& anchor : plot.anchors) {
        const double y = layout.at(0, anchor.y).y();
        canvas.line({layout.area.left(), y}, {layout.area.right(), y}, {anchor.color, 1.2, true});
        canvas.text({layout.area.right() - 4, y - 5}, anchor.label, anchor.color, PlotCanvas::Align::End);
    }
    QPolygonF path;
    for (const QPointF& value : plot.line)
        path += layout.at(value.x(), value.y());
    if (path.size() > 1)
        canvas.polyline(path, {style.line, 1.3});
    for (const PlotCurve& curve : plot.curves)
        drawBand(canvas, curve, layout);
    for (const PlotCurve& curve : plot.curves)
        drawCurve(canvas, curve, layout);
    drawPoints(canvas, plot, layout, style, metrics);
}

void drawSample(PlotCanvas& canvas, const PlotSeries& series, const QLineF& sample) {
    if (series.width > 0)
        canvas.line(sample.p1(), sample.p2(), {series.color, series.width, series.dashed});
    if (series.marked)
        drawMarker(canvas, sample.center(), series.marker, series.markerRadius, series.color, {});
}

void drawLegend(PlotCanvas& canvas, const PlotLegend& legend, const std::vector<PlotSeries>& series,
                const PlotStyle& style, const QFontMetricsF& metrics) {
    if (legend.entries.empty())
        return;
    QColor ground = style.background;
    ground.setAlphaF(0.85f);
    canvas.rectangle(legend.box, 6, ground);
    for (const PlotLegendEntry& entry : legend.entries) {
        drawSample(canvas, series[entry.series], entry.sample);
        canvas.text({entry.text.left(), entry.text.center().y() + 0.36 * metrics.ascent()}, entry.name,
                    style.ink);
    }
}

std::vector<QPointF> placesOf(const Plot& plot, const PlotLayout& layout) {
    std::vector<QPointF> places;
    for (const PlotPoint& point : plot.points) {
        places.push_back(layout.at(point.x, point.y));
        if (point.hasInterval())
            for (const double end : {point.low, point.high})
                places.push_back(layout.at(point.x, end));
        if (point.across.isFinite())
            for (const double end : {point.across.low, point.across.high})
                places.push_back(layout.at(end, point.y));
    }
    for (const PlotCurve& curve : plot.curves)
        for (const QPointF& value : curve.values)
            places.push_back(layout.at(value.x(), value.y()));
    for (const PlotAnchor& anchor : plot.anchors)
        for (const double inset : {20.0, 60.0}) // its label
            places.push_back({layout.area.right() - inset, layout.at(0, anchor.y).y() - 8});
    return places;
}

} // namespace steploom
