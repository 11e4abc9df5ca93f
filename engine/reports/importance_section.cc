// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/chart_frame.h"
#include "engine/reports/pool_analyses.h"
#include "engine/reports/value_text.h"
#include "engine/runs/known_importance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

constexpr std::size_t kMostProfiles = 4; ///< newest; a store may hold hundreds
constexpr double kWidth = 720, kHeight = 300, kLeft = 74, kRight = 34, kTop = 14, kBottom = 48;

/// The members but the first, which diverges from itself by nothing.
ReportFigure importanceFigure(const ImportanceProfile& profile) {
    SvgDrawing svg(kWidth, kHeight);
    ChartRange times, divergences;
    for (const double t : profile.times)
        times.add(t);
    for (std::size_t m = 1; m < profile.members.size(); ++m)
        for (const Estimate& estimate : profile.members[m].divergence) {
            divergences.add(estimate);
            divergences.add(estimate.low);
            divergences.add(estimate.high);
        }
    divergences.add(0);
    ChartAxis x = axisOf(times, "masked share, from the start of a run to its end", 8);
    ChartAxis y = axisOf(divergences, "KL from the first member, nats a token", 5);
    x.logarithmic = y.logarithmic = false;
    x.ticks = linearTicks(0, 1, 8);
    y.ticks = linearTicks(std::min(0.0, divergences.low()), divergences.high(), 5);
    std::swap(x.ticks.low, x.ticks.high); // a run goes from all masked to none
    std::ranges::reverse(x.ticks.marks);
    drawFrame(svg, {kLeft, kTop, kWidth - kLeft - kRight, kHeight - kTop - kBottom}, x, y);
    for (std::size_t m = 1; m < profile.members.size(); ++m) {
        const ImportanceProfile::Member& member = profile.members[m];
        std::vector<DrawnPoint> line, band;
        const std::size_t count = std::min(profile.times.size(), member.divergence.size());
        for (std::size_t i = 0; i < count; ++i) {
            line.push_back({x.at(profile.times[i]), y.at(member.divergence[i].value)});
            if (std::isfinite(member.divergence[i].high))
                band.push_back({line.back().x, y.at(member.divergence[i].high)});
        }
        for (std::size_t i = count; i-- > 0;)
            if (std::isfinite(member.divergence[i].low))
                band.push_back({x.at(profile.times[i]), y.at(member.divergence[i].low)});
        if (line.empty())
            continue;
        svg.polygon(band, memberClass(m), 0.2);
        svg.polyline(line, memberClass(m), {.width = 2, .dashes = m == 1 ? "" : m == 2 ? "7 4" : "2 3"});
        svg.text({line.back().x + 6, line.back().y + 4}, std::string(1, member.letter), "ink",
                 {.bold = true});
    }
    return {.svg = svg.take(), .width = kWidth, .height = kHeight};
}

std::string alternativeOf(const ImportanceProfile& profile) {
    std::string text = "Step importance over the masked share";
    for (std::size_t m = 1; m < profile.members.size(); ++m) {
        const auto& values = profile.members[m].divergence;
        const auto most = std::ranges::max_element(values, {}, &Estimate::value);
        if (most != values.end())
            text += fmt::format("; {} differs most, by {}, at {} masked", profile.members[m].letter,
                                estimateText(*most),
                                shareText(profile.times.at(static_cast<std::size_t>(most - values.begin()))));
    }
    return text;
}

bool isWhole(const ImportanceProfile& profile) {
    return !profile.times.empty() && profile.members.size() > 1 &&
           std::ranges::all_of(profile.members, [&](const ImportanceProfile::Member& member) {
               return member.divergence.size() == profile.times.size() &&
                      std::ranges::all_of(member.divergence,
                                          [](const Estimate& each) { return std::isfinite(each.value); });
           });
}

} // namespace

std::vector<ReportBlock> importanceBlocks(const ReportMaterial& material) {
    std::vector<ReportBlock> blocks;
    for (const StoredAnalysis& analysis : analysesOfPools(material, kImportanceKind, "members")) {
        if (blocks.size() >= kMostProfiles)
            break;
        try {
            const auto profile = analysis.result.get<ImportanceProfile>();
            if (!isWhole(profile))
                continue;
            ReportFigure figure = importanceFigure(profile);
            figure.caption =
                fmt::format("How much it matters who takes a step: {}; {} windows of {} tokens{}",
                            poolText(material, analysis.settings.at("members")), profile.windows,
                            analysis.settings.value("length", 0),
                            analysis.result.value("stopped", false) ? ", broken off" : "");
            figure.alternative = alternativeOf(profile);
            blocks.emplace_back(std::move(figure));
        } catch (
            const nlohmann::json::exception&) { // of a version to come: the rest of the report is no worse
        }
    }
    if (blocks.empty())
        return {ReportParagraph{"The importance of these models' steps was not measured.", true}};
    blocks.emplace_back(
        ReportParagraph{"Mean Kullback-Leibler divergence of a member's predictions from the first "
                        "member's on the same partly masked text, with its 95% interval over windows: "
                        "where it is low, the cheaper member takes a step at little loss.",
                        true});
    return blocks;
}

} // namespace steploom
