// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/schedule_strips.h"

#include "engine/reports/svg_drawing.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

constexpr double kWidth = 720, kRight = 52; ///< px; right of the strip stands the number of steps
constexpr double kStrip = 22, kRow = 62, kLabelBaseline = 12, kLetterBaseline = 27, kStripTop = 31;
constexpr double kSmall = 10;

std::size_t memberIndex(const GenerationRequest& request, char letter) {
    const auto found = std::ranges::find(request.pool, letter, &PoolMemberSpec::letter);
    return static_cast<std::size_t>(found - request.pool.begin());
}

/// Height is the second cue beside colour.
double heightOf(std::size_t member) {
    return kStrip * (member == 0 ? 1 : std::max(0.2, 0.75 - 0.2 * static_cast<double>(member)));
}

void drawStrip(SvgDrawing& svg, const GenerationRequest& request, double top) {
    const double width = kWidth - kRight, step = width / std::max(1, request.schedule.steps());
    const double bottom = top + kStripTop + kStrip;
    for (const StepSchedule::Segment& segment : request.schedule.segments()) {
        const std::size_t member = memberIndex(request, segment.letter);
        const DrawnBox box{segment.begin * step, bottom - heightOf(member), segment.steps * step,
                           heightOf(member)};
        svg.box(box, memberClass(member));
        const std::string full = fmt::format("{}{}", segment.letter, segment.steps);
        const std::string letter(1, segment.letter);
        const DrawnPoint at{box.left + box.width / 2, top + kLetterBaseline};
        for (const std::string& words : {full, letter})
            if (widthOfText(words, kSmall) < box.width) {
                svg.text(at, words, "dim", {.anchor = "middle", .size = kSmall});
                break;
            }
    }
    svg.line({0, bottom + 0.5}, {width, bottom + 0.5}, "dim");
    svg.text({width + 8, bottom - 6}, fmt::format("{}", request.schedule.steps()), "dim");
}

} // namespace

ReportFigure scheduleStrips(std::span<const DrawnSchedule> schedules) {
    SvgDrawing svg(kWidth, kRow * static_cast<double>(schedules.size()) + 2);
    std::string alternative;
    for (std::size_t i = 0; i < schedules.size(); ++i) {
        const double top = kRow * static_cast<double>(i);
        svg.text({0, top + kLabelBaseline}, schedules[i].label, "ink", {.bold = true});
        drawStrip(svg, *schedules[i].request, top);
        alternative += fmt::format("{}{}: {}", alternative.empty() ? "" : "; ", schedules[i].label,
                                   printSchedule(schedules[i].request->schedule));
    }
    return {.alternative = std::move(alternative),
            .svg = svg.take(),
            .width = svg.width(),
            .height = svg.height()};
}

} // namespace steploom
