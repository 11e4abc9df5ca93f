// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/chart_frame.h"

#include "engine/reports/value_text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace steploom {

namespace {

constexpr double kMarkHeight = 14; ///< px that a line of text takes

/// Whether a segment passes through a box (Liang and Barsky 1984).
bool crosses(const DrawnSegment& segment, const DrawnBox& box) {
    double enter = 0, leave = 1;
    const double dx = segment.to.x - segment.from.x, dy = segment.to.y - segment.from.y;
    const auto clip = [&](double direction, double distance) {
        if (direction == 0)
            return distance >= 0;
        const double at = distance / direction;
        if (direction < 0)
            enter = std::max(enter, at);
        else
            leave = std::min(leave, at);
        return true;
    };
    return clip(-dx, segment.from.x - box.left) && clip(dx, box.right() - segment.from.x) &&
           clip(-dy, segment.from.y - box.top) && clip(dy, box.bottom() - segment.from.y) && enter < leave;
}

std::array<DrawnBox, 14> candidates(const NamedPoint& point) {
    const double w = widthOfText(point.name, SvgDrawing::kTextSize), h = kMarkHeight;
    const double right = point.mark.right() + 4, left = point.mark.left - 4 - w;
    const double above = point.at.y - h - 3, below = point.at.y + 3, middle = point.at.y - h / 2;
    return {{{right, middle, w, h},
             {right, above, w, h},
             {right, below, w, h},
             {left, middle, w, h},
             {left, above, w, h},
             {left, below, w, h},
             {point.at.x - w / 2, point.mark.top - h - 2, w, h},
             {point.at.x - w / 2, point.mark.bottom() + 2, w, h},
             {right, above - h, w, h}, // farther off, where whiskers cross next to the point
             {right, below + h, w, h},
             {left, above - h, w, h},
             {left, below + h, w, h},
             {right, above - 2 * h, w, h},
             {right, below + 2 * h, w, h}}};
}

std::string tickText(double value) { return std::abs(value) < 1e4 ? numberText(value) : countText(value); }

} // namespace

void ChartRange::add(double value) {
    if (!std::isfinite(value))
        return;
    m_low = empty() ? value : std::min(m_low, value);
    m_high = m_low > m_high ? value : std::max(m_high, value);
}

void ChartRange::add(const Estimate& estimate) {
    add(estimate.value);
    m_ends.push_back(estimate.low);
    m_ends.push_back(estimate.high);
}

ChartRange ChartRange::withEnds() const {
    ChartRange range = *this;
    // Two samples can have intervals of any width: the values have to stay apart.
    const double most = 2 * std::max(m_high - m_low, 0.5 * std::max(std::abs(m_low), std::abs(m_high)));
    const double lowest = m_low >= 0 ? std::max(m_low / 4, m_low - most) : m_low - most;
    for (const double end : m_ends)
        if (std::isfinite(end) && !empty())
            range.add(std::clamp(end, lowest, m_high + most));
    return range;
}

double ChartAxis::at(double value) const {
    const double share = logarithmic ? std::log(value / ticks.low) / std::log(ticks.high / ticks.low)
                                     : (value - ticks.low) / (ticks.high - ticks.low);
    return begin + share * (end - begin);
}

double ChartAxis::atMost(double value) const {
    return at(std::clamp(value, std::min(ticks.low, ticks.high), std::max(ticks.low, ticks.high)));
}

ChartAxis axisOf(const ChartRange& range, std::string title, int wanted) {
    ChartAxis axis{.title = std::move(title)};
    const double low = range.empty() ? 0 : range.low(), high = range.empty() ? 1 : range.high();
    axis.logarithmic = low > 0 && high / low > 10;
    // Some air, so that no point sits on the frame.
    const double air = axis.logarithmic ? 0 : 0.04 * (high - low);
    axis.ticks = axis.logarithmic
                     ? logTicks(low, high, wanted)
                     : linearTicks(low >= 0 ? std::max(0.0, low - air) : low - air, high + air, wanted);
    return axis;
}

void drawFrame(SvgDrawing& svg, const DrawnBox& inside, ChartAxis& x, ChartAxis& y) {
    x.begin = inside.left;
    x.end = inside.right();
    y.begin = inside.bottom();
    y.end = inside.top;
    double widest = 0, lastRight = -1e9;
    for (const double tick : y.ticks.marks) {
        svg.line({inside.left, y.at(tick)}, {inside.right(), y.at(tick)}, "line");
        const std::string words = tickText(tick);
        widest = std::max(widest, widthOfText(words, SvgDrawing::kTextSize));
        svg.text({inside.left - 8, y.at(tick) + 4}, words, "dim", {.anchor = "end"});
    }
    for (const double tick : x.ticks.marks) {
        svg.line({x.at(tick), inside.top}, {x.at(tick), inside.bottom()}, "line");
        const std::string words = tickText(tick);
        const double half = widthOfText(words, SvgDrawing::kTextSize) / 2;
        if (x.at(tick) - half < lastRight + 6)
            continue; // logarithmic marks may be close
        lastRight = x.at(tick) + half;
        svg.text({x.at(tick), inside.bottom() + 17}, words, "dim", {.anchor = "middle"});
    }
    svg.line({inside.left, inside.bottom()}, {inside.right(), inside.bottom()}, "dim");
    svg.line({inside.left, inside.top}, {inside.left, inside.bottom()}, "dim");
    svg.text({inside.left + inside.width / 2, inside.bottom() + 38}, x.title, "dim", {.anchor = "middle"});
    svg.text({std::max(12.0, inside.left - 16 - widest), inside.top + inside.height / 2}, y.title, "dim",
             {.anchor = "middle", .upwards = true});
}

std::vector<DrawnBox> placeNames(std::span<const NamedPoint> points, const DrawnBox& bounds,
                                 std::span<const DrawnSegment> strokes) {
    std::vector<DrawnBox> placed(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        DrawnBox struck; // the best place that some stroke crosses
        for (const DrawnBox& candidate : candidates(points[i])) {
            const auto meets = [&](const DrawnBox& other) {
                return other.width > 0 && other.meets(candidate);
            };
            if (!bounds.holds(candidate) || std::ranges::any_of(placed, meets) ||
                std::ranges::any_of(points, [&](const NamedPoint& other) { return meets(other.mark); }))
                continue;
            if (std::ranges::none_of(
                    strokes, [&](const DrawnSegment& stroke) { return crosses(stroke, candidate); })) {
                placed[i] = candidate;
                break;
            }
            if (struck.width == 0)
                struck = candidate;
        }
        if (placed[i].width == 0)
            placed[i] = struck;
    }
    return placed;
}

} // namespace steploom
