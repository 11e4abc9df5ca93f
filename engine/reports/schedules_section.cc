// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/report_material.h"
#include "engine/reports/run_text.h"
#include "engine/reports/schedule_strips.h"
#include "engine/reports/value_text.h"
#include "engine/runs/run_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace steploom {

namespace {

constexpr std::size_t kInFigure = 10; ///< more would not fit on a page

struct SharedSchedule {
    const GenerationRequest* request;
    std::vector<std::int64_t> runs;
};

/// Runs that only differ in something else share a drawing.
std::vector<SharedSchedule> distinctSchedules(const ReportMaterial& material) {
    std::vector<SharedSchedule> schedules;
    for (const Run& run : material.runs) {
        const GenerationRequest& request = run.summary.request;
        const auto found = std::ranges::find_if(schedules, [&](const SharedSchedule& each) {
            return each.request->schedule == request.schedule && each.request->pool == request.pool;
        });
        if (found == schedules.end())
            schedules.push_back({&request, {run.summary.id}});
        else
            found->runs.push_back(run.summary.id);
    }
    return schedules;
}

} // namespace

std::vector<ReportBlock> scheduleBlocks(const ReportMaterial& material) {
    const std::vector<SharedSchedule> distinct = distinctSchedules(material);
    std::vector<DrawnSchedule> drawn;
    for (const SharedSchedule& each : distinct)
        drawn.push_back(
            {shortened(fmt::format("{} · {}", fmt::join(each.runs, ", "), scheduleTitle(*each.request)), 84),
             each.request});
    const bool diffusion = std::ranges::all_of(
        material.runs, [](const Run& run) { return run.summary.kind == GenerationKind::MaskedDiffusion; });
    std::vector<ReportBlock> blocks = {ReportParagraph{
        fmt::format("From the first step{} on the left to the last one{}. Full height is the first pool "
                    "member; letters name the members, with their steps.",
                    diffusion ? ", everything masked," : "",
                    diffusion ? "" : "; CALM's steps are vectors, those of an autoregressive model tokens"),
        true}};
    for (std::size_t begin = 0; begin < drawn.size(); begin += kInFigure) {
        const std::size_t count = std::min(kInFigure, drawn.size() - begin);
        ReportFigure figure = scheduleStrips(std::span(drawn).subspan(begin, count));
        figure.caption = begin == 0 ? "Step schedules" : "Step schedules, continued";
        blocks.emplace_back(std::move(figure));
    }
    return blocks;
}

} // namespace steploom
