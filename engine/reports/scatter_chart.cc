// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/scatter_chart.h"

#include "engine/reports/chart_frame.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace steploom {

namespace {

constexpr double kWidth = 720, kHeight = 380, kLeft = 74, kRight = 16, kTop = 14, kBottom = 48, kKey = 26;
constexpr double kRadius = 4.5, kWhisker = 4;

bool isDrawn(const ScatterPoint& point) {
    return std::isfinite(point.x.value) && std::isfinite(point.y.value);
}

bool hasInterval(const Estimate& estimate) {
    return std::isfinite(estimate.low) && std::isfinite(estimate.high) && estimate.high > estimate.low;
}

/// No other point is at most as far right and up, and less in one of them.
std::vector<DrawnPoint> frontOf(std::span<const ScatterPoint> points, const ChartAxis& x,
                                const ChartAxis& y) {
    std::vector<const ScatterPoint*> sorted;
    for (const ScatterPoint& point : points)
        if (!point.background && isDrawn(point))
            sorted.push_back(&point);
    std::ranges::stable_sort(sorted, {},
                             [](const ScatterPoint* p) { return std::pair(p->x.value, p->y.value); });
    std::vector<DrawnPoint> front;
    double best = INFINITY;
    for (const ScatterPoint* point : sorted) {
        if (point->y.value >= best)
            continue;
        best = point->y.value;
        front.push_back({x.at(point->x.value), y.at(best)});
    }
    return front;
}

class Scatter {
public:
    explicit Scatter(const ScatterChart& chart)
        : m_chart(chart), m_svg(kWidth, kHeight + (chart.key.empty() ? 0 : kKey)) {}

    ReportFigure draw() {
        ChartRange xs, ys;
        for (const ScatterPoint& point : m_chart.points)
            if (isDrawn(point)) {
                addTo(xs, point.x, point.background);
                addTo(ys, point.y, point.background);
            }
        m_x = axisOf(xs.withEnds(), m_chart.xTitle, 7);
        m_y = axisOf(ys.withEnds(), m_chart.yTitle, 6);
        const DrawnBox inside{kLeft, kTop, kWidth - kLeft - kRight, kHeight - kTop - kBottom};
        drawFrame(m_svg, inside, m_x, m_y);
        if (m_chart.front)
            drawFront();
        for (const ScatterPoint& point : m_chart.points)
            drawPoint(point);
        const std::vector<DrawnBox> places = placeNames(m_named, inside, m_strokes);
        for (std::size_t i = 0; i < places.size(); ++i)
            if (places[i].width > 0) {
                m_svg.box(places[i], "card", 0.7); // what runs below stays faint
                m_svg.text({places[i].left, places[i].bottom() - 3}, m_named[i].name, "ink");
            }
        drawKey();
        return {.svg = m_svg.take(), .width = m_svg.width(), .height = m_svg.height()};
    }

private:
    static void addTo(ChartRange& range, const Estimate& estimate, bool valueAlone) {
        if (valueAlone || !hasInterval(estimate))
            range.add(estimate.value);
        else
            range.add(estimate);
    }

    void stroke(DrawnPoint from, DrawnPoint to, std::string_view colour) {
        m_svg.line(from, to, colour, {.width = 1.25, .opacity = 0.7});
        m_strokes.push_back({from, to});
    }

    void drawFront() {
        const std::vector<DrawnPoint> front = frontOf(m_chart.points, m_x, m_y);
        if (front.size() < 2)
            return;
        m_svg.polyline(front, "dim", {.width = 1.25, .dashes = "5 4"});
        for (std::size_t i = 1; i < front.size(); ++i)
            m_strokes.push_back({front[i - 1], front[i]});
    }

    void drawPoint(const ScatterPoint& point) {
        if (!isDrawn(point))
            return;
        const DrawnPoint at{m_x.at(point.x.value), m_y.at(point.y.value)};
        if (point.background) {
            m_svg.mark(point.mark, at, 2.5, point.colour, 0.35);
            return;
        }
        // An end beyond the chart has no bar across.
        if (hasInterval(point.y)) {
            stroke({at.x, m_y.atMost(point.y.low)}, {at.x, m_y.atMost(point.y.high)}, point.colour);
            for (const double end : {point.y.low, point.y.high})
                if (m_y.holds(end))
                    stroke({at.x - kWhisker, m_y.at(end)}, {at.x + kWhisker, m_y.at(end)}, point.colour);
        }
        if (hasInterval(point.x)) {
            stroke({m_x.atMost(point.x.low), at.y}, {m_x.atMost(point.x.high), at.y}, point.colour);
            for (const double end : {point.x.low, point.x.high})
                if (m_x.holds(end))
                    stroke({m_x.at(end), at.y - kWhisker}, {m_x.at(end), at.y + kWhisker}, point.colour);
        }
        m_svg.mark(point.mark, at, kRadius, point.colour);
        m_named.push_back({at, point.name, {at.x - kRadius, at.y - kRadius, 2 * kRadius, 2 * kRadius}});
    }

    void drawKey() {
        double left = kLeft;
        for (const ScatterKey& each : m_chart.key) {
            m_svg.mark(each.mark, {left + kRadius, kHeight + 8}, kRadius, each.colour);
            m_svg.text({left + 16, kHeight + 12}, each.name, "ink");
            left += 16 + widthOfText(each.name, SvgDrawing::kTextSize) + 20;
        }
    }

    const ScatterChart& m_chart;
    SvgDrawing m_svg;
    ChartAxis m_x, m_y;
    std::vector<NamedPoint> m_named;
    std::vector<DrawnSegment> m_strokes;
};

} // namespace

ReportFigure drawScatter(const ScatterChart& chart) { return Scatter(chart).draw(); }

} // namespace steploom
