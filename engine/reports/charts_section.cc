// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/kinds.h"
#include "engine/analyses/perplexity_anchors.h"
#include "engine/reports/report_material.h"
#include "engine/reports/run_text.h"
#include "engine/reports/scatter_chart.h"
#include "engine/reports/value_text.h"
#include "engine/runs/run_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>
#include <tuple>

namespace steploom {

namespace {

using Mark = SvgDrawing::Mark;

/// With more points names would cover each other: numbers stand for them, as in the tables.
constexpr std::size_t kMostNames = 8;

constexpr std::array<std::string_view, 7> kUnits = {"FLOP",  "kFLOP", "MFLOP", "GFLOP",
                                                    "TFLOP", "PFLOP", "EFLOP"};

/// Who takes the steps decides colour and mark.
enum class Kind { First, Other, Mixed };

Kind kindOf(const GenerationRequest& request) {
    const char first = request.pool.empty() ? 'H' : request.pool.front().letter;
    const std::string& letters = request.schedule.letters();
    if (std::ranges::any_of(letters, [&](char letter) { return letter != letters.front(); }))
        return Kind::Mixed;
    return letters.empty() || letters.front() == first ? Kind::First : Kind::Other;
}

ScatterKey keyOf(Kind kind) {
    switch (kind) {
    case Kind::First:
        return {"first member alone", Mark::Disc, "member-0"};
    case Kind::Other:
        return {"another member alone", Mark::Square, "member-1"};
    case Kind::Mixed:
        return {"both in turn", Mark::Diamond, "member-2"};
    }
    return {"", Mark::Disc, "ink"};
}

std::vector<ScatterKey> keysOf(std::span<const Run> runs) {
    std::vector<ScatterKey> keys;
    for (const Kind kind : {Kind::First, Kind::Other, Kind::Mixed})
        if (std::ranges::any_of(runs, [&](const Run& run) { return kindOf(run.summary.request) == kind; }))
            keys.push_back(keyOf(kind));
    return keys;
}

double flopsPerSample(const RunSummary& run) {
    return run.finishedSamples > 0 ? run.executedFlops / run.finishedSamples : NAN;
}

Estimate exactly(double value) { return {value, value, value, 1}; }

/// A point a group: one run with its own intervals, or the mean over seeds with the runs behind it.
template <typename Values>
std::vector<ScatterPoint> pointsOf(const ReportMaterial& material, const Values& values) {
    std::vector<ScatterPoint> points;
    const bool named = material.groups.size() <= kMostNames;
    for (const std::vector<std::size_t>& group : material.groups) {
        const RunSummary& first = material.runs[group.front()].summary;
        const ScatterKey key = keyOf(kindOf(first.request));
        ScatterPoint point{.name = named ? runName(first, 24) : std::to_string(first.id),
                           .mark = key.mark,
                           .colour = key.colour};
        std::vector<double> xs, ys;
        for (const std::size_t i : group) {
            std::tie(point.x, point.y) = values(material.runs[i]);
            if (!std::isfinite(point.x.value) || !std::isfinite(point.y.value))
                continue;
            xs.push_back(point.x.value);
            ys.push_back(point.y.value);
            if (group.size() > 1)
                points.push_back(
                    {.x = point.x, .y = point.y, .mark = key.mark, .colour = key.colour, .background = true});
        }
        if (ys.empty())
            continue;
        if (ys.size() > 1) {
            point.x = meanWithInterval(xs);
            point.y = meanWithInterval(ys);
            point.name = named ? fmt::format("{} ({} seeds)", settingsName(first.request, 24), ys.size())
                               : fmt::format("{} ×{}", first.id, ys.size());
        }
        points.push_back(std::move(point));
    }
    return points;
}

std::string alternativeOf(std::string_view what, std::span<const ScatterPoint> points) {
    std::string text(what);
    for (const ScatterPoint& point : points)
        if (!point.background)
            text +=
                fmt::format("; {}: {} at {}", point.name, estimateText(point.y), numberText(point.x.value));
    return text;
}

/// What the runs' evaluator says of real text, where that was measured: the ends of the scale.
std::string anchorsText(const ReportMaterial& material) {
    std::set<std::string> evaluators;
    for (const Run& run : material.runs)
        evaluators.insert(evaluatorOf(run.summary));
    evaluators.erase("");
    for (const StoredAnalysis& analysis : material.store.listAnalyses(kAnchorsKind)) {
        try {
            if (!evaluators.contains(analysis.settings.at("evaluator_sha256").get<std::string>()))
                continue;
            const auto anchors = analysis.result.get<PerplexityAnchors>();
            return fmt::format(
                " To {}, real text ({}, {} tokens a piece) has perplexity {} and entropy {}; the same "
                "words in random order {} and {}.",
                anchors.evaluator, anchors.text, anchors.length, estimateText(anchors.real.perplexity),
                estimateText(anchors.real.entropy), estimateText(anchors.shuffled.perplexity),
                estimateText(anchors.shuffled.entropy));
        } catch (const nlohmann::json::exception&) { // of a version to come: the chart is no worse
        }
    }
    return {};
}

} // namespace

std::vector<ReportBlock> chartBlocks(const ReportMaterial& material) {
    double most = 0;
    for (const Run& run : material.runs)
        if (const double flops = flopsPerSample(run.summary); flops > most)
            most = flops;
    const double thousands =
        most > 0 ? std::clamp(std::floor(std::log10(most) / 3), 0.0, kUnits.size() - 1.0) : 0;
    const std::string_view unit = kUnits[static_cast<std::size_t>(thousands)];
    const double scale = std::pow(1000, thousands);
    const std::vector<ScatterKey> keys = keysOf(material.runs);
    const std::vector<ScatterPoint> quality = pointsOf(material, [&](const Run& run) {
        return std::pair(exactly(flopsPerSample(run.summary) / scale),
                         estimateOf(run, "generative_perplexity"));
    });
    if (quality.empty())
        return {
            ReportParagraph{"No run here was judged by an evaluator, so there is no quality to draw.", true}};

    ReportFigure first = drawScatter(
        {fmt::format("executed {} a sample", unit), "generative perplexity", quality, keys, true});
    first.caption = "Generative perplexity over executed FLOPs of a sample";
    first.alternative = alternativeOf("Generative perplexity over executed FLOPs", quality);

    const std::vector<ScatterPoint> variety = pointsOf(material, [](const Run& run) {
        return std::pair(estimateOf(run, "entropy"), estimateOf(run, "generative_perplexity"));
    });
    ReportFigure second =
        drawScatter({"entropy of a sample's tokens, nats", "generative perplexity", variety, keys});
    second.caption = "Entropy and generative perplexity";
    second.alternative = alternativeOf("Generative perplexity over entropy", variety);

    std::string reading =
        "Whiskers are 95% intervals over samples; dashed is the front: no run is both cheaper and "
        "better; a whisker without its bar leaves the chart. Below and to the right is better in the second "
        "chart: likely text that does not "
        "repeat itself.";
    if (material.repeated())
        reading += " Where runs differ in their seed alone, the mark is their mean with the interval over "
                   "runs, which "
                   "are the pale marks.";
    if (material.groups.size() > kMostNames)
        reading += " Numbers are runs, as in the tables; 4 ×3 is run 4 and two more seeds.";
    const auto judged = std::ranges::count_if(material.runs, [](const Run& run) {
        return run.summary.measure("generative_perplexity") != nullptr;
    });
    if (judged < static_cast<std::ptrdiff_t>(material.runs.size()))
        reading += fmt::format(" {} of {} runs were not judged and are left out.",
                               material.runs.size() - static_cast<std::size_t>(judged), material.runs.size());
    reading += anchorsText(material);
    return {std::move(first), std::move(second), ReportParagraph{std::move(reading), true}};
}

} // namespace steploom
