// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_drawing.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

constexpr double kThickestBar = 16, kHatch = 5; ///< px
constexpr float kQuiet = 0.35f;

/// What the bar is of, as a small picture.
void drawStripes(PlotCanvas& canvas, const PlotBar& bar, const QRectF& strip, const PlotStyle& style) {
    QColor hatch = style.background;
    hatch.setAlphaF(0.4f);
    double x = strip.left();
    for (const PlotStripe& stripe : bar.stripes) {
        const QRectF part(x, strip.top(), stripe.share * strip.width(), strip.height());
        QColor color = stripe.color;
        if (bar.quiet)
            color.setAlphaF(kQuiet + 0.15f);
        canvas.rectangle(part, 0, color);
        if (stripe.hatched)
            for (const QLineF& line : hatching(part, kHatch))
                canvas.line(line.p1(), line.p2(), {hatch, 1});
        x = part.right();
    }
}

void drawBar(PlotCanvas& canvas, const PlotBar& bar, const QRectF& row, const PlotLayout& layout,
             const PlotStyle& style, const QFontMetricsF& metrics) {
    const double middle = row.center().y(), base = middle + 0.36 * metrics.ascent();
    const double height = std::min(kThickestBar, 0.62 * row.height());
    const QColor& ink = bar.quiet ? style.dim : style.ink;
    canvas.text({10, base}, metrics.elidedText(bar.label, Qt::ElideMiddle, layout.labelsWidth + 1), ink);
    drawStripes(canvas, bar, {layout.stripesLeft, middle - height / 2, layout.stripesWidth, height}, style);
    if (!std::isfinite(bar.value))
        return;
    QColor fill = bar.color;
    fill.setAlphaF(bar.quiet ? kQuiet : 1.0f);
    const double zero = layout.at(0, 0).x(), end = layout.at(bar.value, 0).x();
    canvas.rectangle(QRectF(std::min(zero, end), middle - height / 2, std::abs(end - zero), height), 2, fill,
                     bar.tooltip);
    if (bar.interval.isFinite()) {
        const double low = layout.at(bar.interval.low, 0).x(), high = layout.at(bar.interval.high, 0).x();
        const double cap = std::min(3.5, height / 2);
        canvas.line({low, middle}, {high, middle}, {ink, 1.2});
        for (const double x : {low, high})
            canvas.line({x, middle - cap}, {x, middle + cap}, {ink, 1.2});
    }
    const double room = layout.size.width() - layout.area.right() - 16;
    canvas.text({layout.area.right() + 12, base}, metrics.elidedText(bar.remark, Qt::ElideRight, room),
                style.dim);
}

/// In as many decimals as the largest value of the map needs for three digits.
QString cellText(double value, double most) {
    const int decimals = most > 0 ? std::clamp(2 - static_cast<int>(std::floor(std::log10(most))), 0, 6) : 0;
    const QString text = QString::number(std::abs(value), 'f', decimals);
    return value < 0 && text.toDouble() != 0 ? QChar(0x2212) + text : text;
}

double mostOf(const PlotHeatMap& map) {
    double most = 0;
    for (const PlotCell& cell : map.cells)
        if (std::isfinite(cell.value))
            most = std::max(most, std::abs(cell.value));
    return most;
}

/// The scale of colours at the map's right, over the values that there are.
void drawScale(PlotCanvas& canvas, const PlotHeatMap& map, const PlotLayout& layout, const PlotStyle& style,
               const QFontMetricsF& metrics) {
    double low = 0, high = 0;
    for (const PlotCell& cell : map.cells) {
        if (std::isfinite(cell.value)) {
            low = std::min(low, cell.value);
            high = std::max(high, cell.value);
        }
    }
    if (!(high > low))
        return;
    constexpr int kBands = 48;
    const QRectF bar(layout.area.right() + 22, layout.area.top(), 14, layout.area.height());
    for (int i = 0; i < kBands; ++i) {
        const double share = (i + 0.5) / kBands;
        canvas.rectangle({bar.left(), bar.bottom() - bar.height() * (i + 1) / kBands, bar.width(),
                          bar.height() / kBands + 0.5},
                         0, colorOf(map, low + share * (high - low)));
    }
    for (const double value : {low, 0.0, high}) {
        const double y = bar.bottom() - (value - low) / (high - low) * bar.height();
        if (value != 0 && std::abs(y - (bar.bottom() + low / (high - low) * bar.height())) < metrics.height())
            continue; // too near to the mark of 0
        canvas.text({bar.right() + 6, std::clamp(y + 0.36 * metrics.ascent(),
                                                 bar.top() + 0.8 * metrics.ascent(), bar.bottom())},
                    cellText(value, mostOf(map)), style.dim);
    }
    canvas.text({bar.center().x() + 6, bar.bottom() + 6 + metrics.ascent()}, map.valueTitle, style.dim,
                PlotCanvas::Align::Middle);
}

} // namespace

QColor colorOf(const PlotHeatMap& map, double value) {
    const double most = mostOf(map);
    const float share = most > 0 ? static_cast<float>(std::clamp(std::abs(value) / most, 0.0, 1.0)) : 0;
    const QColor& end = value < 0 ? map.below : map.above;
    const auto mix = [share](float from, float to) { return from + share * (to - from); };
    return QColor::fromRgbF(mix(map.zero.redF(), end.redF()), mix(map.zero.greenF(), end.greenF()),
                            mix(map.zero.blueF(), end.blueF()));
}

void drawBars(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
              const QFontMetricsF& metrics) {
    drawXAxis(canvas, plot, layout, style, metrics);
    canvas.beginClip(QRectF(0, layout.area.top(), layout.size.width(), layout.area.height()));
    for (std::size_t i = 0; i < plot.bars.size(); ++i)
        if (const QRectF row = layout.row(i); row.intersects(layout.area))
            drawBar(canvas, plot.bars[i], row, layout, style, metrics);
    canvas.endClip();
    const double zero = layout.at(0, 0).x();
    canvas.line({zero, layout.area.top()}, {zero, layout.area.bottom()}, {style.ink, 1.2});
}

void drawHeatMap(PlotCanvas& canvas, const Plot& plot, const PlotLayout& layout, const PlotStyle& style,
                 const QFontMetricsF& metrics) {
    const PlotHeatMap& map = plot.heatMap;
    const QRectF& area = layout.area;
    for (const PlotCell& cell : map.cells) {
        const QRectF rect = layout.cellAt(cell.column, cell.row).adjusted(1, 1, -1, -1);
        if (!std::isfinite(cell.value)) {
            for (const QLineF& line : hatching(rect, 6))
                canvas.line(line.p1(), line.p2(), {style.grid, 1});
            continue;
        }
        const QColor color = colorOf(map, cell.value);
        canvas.rectangle(rect, 3, color, cell.tooltip);
        const QString text = cellText(cell.value, mostOf(map));
        if (metrics.horizontalAdvance(text) < rect.width() - 6) {
            const double luminance = 0.2126 * color.redF() + 0.7152 * color.greenF() + 0.0722 * color.blueF();
            canvas.text({rect.center().x(), rect.center().y() + 0.36 * metrics.ascent()}, text,
                        luminance > 0.42 ? QColor(0x13161B) : QColor(Qt::white), PlotCanvas::Align::Middle);
        }
    }
    for (int i = 0; i < map.size; ++i) {
        const QString number = QString::number(i + 1);
        canvas.text({layout.cellAt(i, 0).center().x(), area.bottom() + 6 + metrics.ascent()}, number,
                    style.dim, PlotCanvas::Align::Middle);
        canvas.text({area.left() - 8, layout.cellAt(0, i).center().y() + 0.36 * metrics.ascent()}, number,
                    style.dim, PlotCanvas::Align::End);
    }
    canvas.text({area.center().x(), area.bottom() + metrics.height() + 14 + metrics.ascent()}, plot.x.title,
                style.dim, PlotCanvas::Align::Middle);
    canvas.text({area.left() - metrics.height() - 16, area.center().y()}, plot.y.title, style.dim,
                PlotCanvas::Align::Middle, true);
    drawScale(canvas, map, layout, style, metrics);
}

} // namespace steploom
