// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/kinds.h"
#include "engine/analyses/search_result.h"
#include "engine/core/error.h"
#include "engine/reports/chart_frame.h"
#include "engine/reports/pool_analyses.h"
#include "engine/reports/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

constexpr std::size_t kMostSearches = 3; ///< newest
constexpr std::size_t kMostBars = 24;    ///< cheapest in quality first; more would not fit on a page
constexpr std::size_t kMostRows = 50;
constexpr double kWidth = 720, kLabels = 210, kRight = 20, kTop = 8, kBottom = 48, kRow = 20, kBar = 11;

/// Entries with a value, the best first, as the search sorted them.
std::vector<const SearchEntry*> measured(const SearchResult& result) {
    std::vector<const SearchEntry*> entries;
    for (const SearchEntry& entry : result.entries)
        if (std::isfinite(entry.natsPerToken.value))
            entries.push_back(&entry);
    return entries;
}

ReportFigure searchFigure(std::span<const SearchEntry* const> entries) {
    const double height = kTop + kRow * static_cast<double>(entries.size()) + kBottom;
    SvgDrawing svg(kWidth, height);
    ChartRange range;
    range.add(0);
    for (const SearchEntry* entry : entries)
        range.add(entry->natsPerToken);
    range = range.withEnds();
    ChartAxis x = axisOf(range, "nats a token more than the first member alone", 6), y;
    y.ticks = {0, 1, {}};
    x.logarithmic = false;
    x.ticks = linearTicks(range.low(), range.high(), 6);
    drawFrame(svg, {kLabels, kTop, kWidth - kLabels - kRight, height - kTop - kBottom}, x, y);
    const double zero = x.at(0);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const SearchEntry& entry = *entries[i];
        const double middle = kTop + kRow * (static_cast<double>(i) + 0.5),
                     end = x.at(entry.natsPerToken.value);
        const double opacity = entry.dropped ? 0.35 : 0.85; // pale: not all of its samples were made
        svg.box({std::min(zero, end), middle - kBar / 2, std::abs(end - zero), kBar}, "member-1", opacity);
        if (std::isfinite(entry.natsPerToken.margin())) {
            const double low = x.atMost(entry.natsPerToken.low), high = x.atMost(entry.natsPerToken.high);
            svg.line({low, middle}, {high, middle}, "ink");
            for (const double each : {entry.natsPerToken.low, entry.natsPerToken.high})
                if (x.holds(each))
                    svg.line({x.at(each), middle - 3}, {x.at(each), middle + 3}, "ink");
        }
        const std::string star = entry.adjustedP < 0.05 ? "* " : "";
        svg.text({kLabels - 8, middle + 4}, star + shortened(printSchedule(entry.schedule), 30), "ink",
                 {.anchor = "end", .size = 11});
    }
    svg.line({zero, kTop}, {zero, height - kBottom}, "ink");
    return {.svg = svg.take(), .width = kWidth, .height = height};
}

ReportTable searchTable(std::span<const SearchEntry* const> entries) {
    ReportTable table{.caption = "The schedules of the search",
                      .columns = {{"schedule"},
                                  {"run", true},
                                  {"saved, executed", true},
                                  {"nats a token", true},
                                  {"perplexity ratio", true},
                                  {"entropy, nats", true},
                                  {"adjusted p", true},
                                  {"pairs", true}}};
    for (const SearchEntry* entry : entries.first(std::min(entries.size(), kMostRows)))
        table.rows.push_back({printSchedule(entry->schedule) + (entry->dropped ? " (dropped)" : ""),
                              std::to_string(entry->run), shareText(entry->saved),
                              estimateText(entry->natsPerToken), numberText(entry->perplexityRatio.value),
                              estimateText(entry->entropy), numberText(entry->adjustedP),
                              std::to_string(entry->natsPerToken.n)});
    return table;
}

} // namespace

std::vector<ReportBlock> searchBlocks(const ReportMaterial& material) {
    std::vector<ReportBlock> blocks;
    std::size_t searches = 0;
    for (const StoredAnalysis& analysis : analysesOfPools(material, kSearchKind, "models")) {
        if (searches == kMostSearches)
            break;
        try {
            const auto result = analysis.result.get<SearchResult>();
            const std::vector<const SearchEntry*> entries = measured(result);
            if (entries.empty())
                continue;
            ++searches;
            const std::size_t bars = std::min(entries.size(), kMostBars);
            ReportFigure figure = searchFigure(std::span(entries).first(bars));
            figure.caption = fmt::format(
                "{} of {} segments light: {}; evaluator {}{}{}", analysis.settings.value("light", 0),
                analysis.settings.value("segments", 0), poolText(material, analysis.settings.at("models")),
                analysis.settings.value("evaluator", std::string("not named")),
                bars < entries.size() ? fmt::format("; the best {} of {}", bars, entries.size()) : "",
                result.stopped ? "; not finished" : "");
            figure.alternative = fmt::format(
                "Loss of each schedule against the first member alone. Best: {}, {}",
                printSchedule(entries.front()->schedule), estimateText(entries.front()->natsPerToken));
            blocks.emplace_back(std::move(figure));
            blocks.emplace_back(searchTable(entries));
        } catch (
            const nlohmann::json::exception&) { // of a version to come: the rest of the report is no worse
        } catch (const Error&) {
        }
    }
    if (blocks.empty())
        return {ReportParagraph{"No segment search was made with these models.", true}};
    blocks.emplace_back(
        ReportParagraph{"Each schedule against the first member alone on the samples of the same "
                        "random numbers: paired differences with 95% intervals. A star marks those "
                        "that differ at a false discovery rate of 5%; pale: surely worse than another "
                        "one, so that not all of its samples were made.",
                        true});
    return blocks;
}

} // namespace steploom
