// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/report_chart.h"

#include "experiments/cli/html.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace steploom::cli {

namespace {

/// A linear axis: values to SVG coordinates.
struct Axis {
    std::vector<double> ticks;
    double begin; ///< coordinate of the first tick
    double end;

    double at(double value) const {
        return begin + (value - ticks.front()) / (ticks.back() - ticks.front()) * (end - begin);
    }
};

/// What the whiskers reach; an interval of one sample is infinite and has none.
double lowOf(const Estimate& estimate) { return std::isfinite(estimate.low) ? estimate.low : estimate.value; }
double highOf(const Estimate& estimate) {
    return std::isfinite(estimate.high) ? estimate.high : estimate.value;
}

/// A range with some air, so that no point sits on the frame.
std::vector<double> paddedTicks(double low, double high) {
    const double air = std::max((high - low) * 0.08, std::abs(high) * 0.01 + 1e-12);
    return axisTicks(std::max(0.0, low - air), high + air, 5);
}

int memberIndex(const GenerationRequest& request, char letter) {
    const auto found = std::ranges::find(request.pool, letter, &PoolMemberSpec::letter);
    return static_cast<int>(found - request.pool.begin());
}

} // namespace

std::vector<double> axisTicks(double low, double high, int count) {
    if (!(high > low))
        high = low + 1;
    const double raw = (high - low) / count;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    const double step = power * (raw / power <= 1 ? 1 : raw / power <= 2 ? 2 : raw / power <= 5 ? 5 : 10);
    std::vector<double> ticks;
    const auto first = static_cast<long>(std::floor(low / step + 1e-9));
    const auto last = static_cast<long>(std::ceil(high / step - 1e-9));
    for (long i = first; i <= last; ++i)
        ticks.push_back(static_cast<double>(i) * step);
    return ticks;
}

std::string qualityChart(std::span<const ChartPoint> points) {
    constexpr double kWidth = 720, kHeight = 340, kLeft = 64, kRight = 24, kTop = 16, kBottom = 48;
    double xLow = points[0].gigaflops, xHigh = xLow;
    double yLow = lowOf(points[0].perplexity), yHigh = highOf(points[0].perplexity);
    for (const ChartPoint& point : points) {
        xLow = std::min(xLow, point.gigaflops);
        xHigh = std::max(xHigh, point.gigaflops);
        yLow = std::min(yLow, lowOf(point.perplexity));
        yHigh = std::max(yHigh, highOf(point.perplexity));
    }
    const Axis x{paddedTicks(xLow, xHigh), kLeft, kWidth - kRight};
    const Axis y{paddedTicks(yLow, yHigh), kHeight - kBottom, kTop};

    std::string svg =
        fmt::format("<svg viewBox=\"0 0 {} {}\" width=\"{}\" role=\"img\" aria-label=\"Generative "
                    "perplexity over executed FLOPs per sample\">\n",
                    kWidth, kHeight, kWidth);
    const auto line = [&svg](double x1, double y1, double x2, double y2, std::string_view stroke) {
        svg += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n",
                           x1, y1, x2, y2, stroke);
    };
    const auto text = [&svg](double at, double down, std::string_view anchor, std::string_view kind,
                             std::string_view content) {
        svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n", at,
                           down, anchor, kind, escaped(content));
    };
    for (const double tick : x.ticks) {
        line(x.at(tick), kTop, x.at(tick), kHeight - kBottom, "var(--line)");
        text(x.at(tick), kHeight - kBottom + 18, "middle", "dim", numberText(tick));
    }
    for (const double tick : y.ticks) {
        line(kLeft, y.at(tick), kWidth - kRight, y.at(tick), "var(--line)");
        text(kLeft - 8, y.at(tick) + 4, "end", "dim", numberText(tick));
    }
    text((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", "dim", "executed GFLOP per sample");
    svg +=
        fmt::format("<text transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\" class=\"dim\">"
                    "generative perplexity</text>\n",
                    (kTop + kHeight - kBottom) / 2);
    for (const ChartPoint& point : points) {
        const double px = x.at(point.gigaflops), py = y.at(point.perplexity.value);
        if (std::isfinite(point.perplexity.margin())) {
            const double top = y.at(point.perplexity.high), bottom = y.at(point.perplexity.low);
            line(px, top, px, bottom, memberColour(0));
            line(px - 4, top, px + 4, top, memberColour(0));
            line(px - 4, bottom, px + 4, bottom, memberColour(0));
        }
        svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" fill=\"{}\"/>\n", px, py,
                           memberColour(0));
        const bool nearEdge = px > kWidth - 180;
        text(nearEdge ? px - 10 : px + 10, py - 6, nearEdge ? "end" : "start", "", point.label);
    }
    return svg + "</svg>\n";
}

std::string scheduleBar(const GenerationRequest& request) {
    constexpr double kWidth = 640, kHeight = 24;
    const double perStep = kWidth / std::max(1, request.schedule.steps());
    std::string svg = fmt::format("<svg viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
                                  "aria-label=\"{2}\">\n",
                                  kWidth, kHeight, escaped(printSchedule(request.schedule)));
    for (const StepSchedule::Segment& segment : request.schedule.segments()) {
        const double at = segment.begin * perStep, width = segment.steps * perStep;
        const int member = memberIndex(request, segment.letter);
        // Height is the second cue beside colour: later members of the pool are drawn lower.
        const double height = member == 0 ? kHeight : kHeight * 0.6;
        svg +=
            fmt::format("<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"/>\n",
                        at, kHeight - height, width, height, memberColour(member));
        if (width >= 18) {
            svg += fmt::format(
                "<text x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"middle\" style=\"fill:{}\">{}</text>\n",
                at + width / 2, kHeight - height / 2 + 4, member == 1 ? "#1B2430" : "#FFFFFF",
                segment.letter);
        }
    }
    return svg + "</svg>\n";
}

} // namespace steploom::cli
