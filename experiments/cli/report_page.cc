// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/report_page.h"

#include "engine/core/version.h"
#include "engine/models/precision_text.h"
#include "experiments/cli/html.h"
#include "experiments/cli/order_options.h"
#include "engine/reports/repeat_command.h"
#include "experiments/cli/report_chart.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace steploom::cli {

namespace {

constexpr int kSamplesShown = 4;

std::string section(std::string_view title, std::string_view content) {
    return fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", escaped(title), content);
}

/// "3 · sandwich 25%", with the order of reveal where it is not the ancestral one: "…, threshold 0.9"
std::string nameOf(const RunSummary& run) {
    const std::string order = orderText(run.request);
    return fmt::format("{} · {}{}", run.id, scheduleLabel(run.request),
                       order == samplerName(Sampler::Ancestral) ? "" : ", " + order);
}

double flopsPerSample(const RunSummary& run) {
    return run.finishedSamples > 0 ? run.executedFlops / run.finishedSamples : 0;
}

std::string tableRow(std::string_view cell, const std::vector<std::string>& cells) {
    std::string row = "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i)
        row += fmt::format("<{0}{1}>{2}</{0}>", cell, i == 0 ? " class=\"left\"" : "", escaped(cells[i]));
    return row + "</tr>\n";
}

std::string measuresSection(std::span<const Run> runs) {
    std::string table =
        "<table>\n" +
        tableRow("th", {"run", "state", "n", "light steps", "saved: blocks only", "nominal", "executed",
                        "executed a sample", "generative perplexity", "entropy, nats", "time a sample"});
    for (const Run& run : runs) {
        const RunSummary& s = run.summary;
        table += tableRow("td", {nameOf(s), std::string(runStateName(s.state)),
                                 fmt::format("{} of {}", s.finishedSamples, s.request.samples),
                                 shareText(s.cost.lightShare), shareText(s.cost.blocksOnlySaving),
                                 shareText(s.cost.nominalSaving), shareText(s.cost.executedSaving),
                                 s.finishedSamples > 0 ? flopsText(flopsPerSample(s)) : "–",
                                 measureText(s, "generative_perplexity"), measureText(s, "entropy"),
                                 s.finishedSamples > 0 ? durationText(s.seconds / s.finishedSamples) : "–"});
    }
    table +=
        "</table>\n<p class=\"dim\">± is half of the 95% interval over samples; where that is not symmetric, "
        "its ends stand in brackets. Perplexity falls when text "
        "repeats "
        "itself; entropy (unigram, per sample) shows that, so the two belong together. Savings are shares of "
        "what the first pool member alone would cost: <em>blocks only</em> counts every step and the "
        "transformer blocks, <em>nominal</em> adds the output layer for all rows, <em>executed</em> counts "
        "the "
        "calls that reveal something and the rows they ask for; for the threshold order, where the network "
        "decides, it compares "
        "upper bounds.</p>\n";
    return section("Measures", table);
}

/// What every member did, a line each.
std::string workSection(std::span<const Run> runs) {
    std::string table = "<table>\n" + tableRow("th", {"run", "member", "calls", "network calls",
                                                      "rows a call", "FLOPs executed", "time in calls",
                                                      "time, all", "batch", "peak memory"});
    bool any = false;
    for (const Run& run : runs) {
        const RunWork& done = run.summary.work;
        for (const auto& [letter, member] : done.members) {
            any = true;
            table += tableRow("td", {nameOf(run.summary), std::string(1, letter),
                                     std::to_string(member.sampleCalls), std::to_string(member.networkCalls),
                                     member.sampleCalls > 0 ? numberText(member.rowsPerCall()) : "–",
                                     flopsText(member.flops), durationText(member.seconds),
                                     durationText(run.summary.seconds), std::to_string(done.batch),
                                     memoryText(static_cast<double>(done.peakMemory))});
        }
    }
    table += "</table>\n<p class=\"dim\">Of the whole run, unfinished samples included. <em>Calls</em> count "
             "every sample in a call of the network; <em>rows</em> are the positions of a sample that passed "
             "its last block and output layer. Peak memory is the most that the process had held.</p>\n";
    return any ? section("Work done", table)
               : section("Work done",
                         "<p class=\"dim\">These runs are of a version that did not count it.</p>\n");
}

std::string chartSection(std::span<const Run> runs) {
    std::vector<ChartPoint> points;
    for (const Run& run : runs) {
        const Measure* measure = run.summary.measure("generative_perplexity");
        if (measure && std::isfinite(measure->estimate.value) && run.summary.finishedSamples > 0)
            points.push_back({nameOf(run.summary), flopsPerSample(run.summary) / 1e9, measure->estimate});
    }
    if (points.empty())
        return section("Quality against compute",
                       "<p class=\"dim\">No run here was scored: generate with --evaluator.</p>\n");
    std::string content = qualityChart(points);
    if (points.size() < runs.size()) {
        content += fmt::format("<p class=\"dim\">{} of {} runs were not scored and are left out.</p>\n",
                               runs.size() - points.size(), runs.size());
    }
    return section("Quality against compute", content);
}

std::string schedulesSection(std::span<const Run> runs) {
    std::string content;
    for (const Run& run : runs) {
        content += fmt::format(
            "<p>{} <span class=\"dim\">{}</span></p>\n{}<br>\n", escaped(nameOf(run.summary)),
            escaped(printSchedule(run.summary.request.schedule)), scheduleBar(run.summary.request));
    }
    content +=
        "<p class=\"dim\">Left: step 0, everything masked. Full height is the first pool member.</p>\n";
    return section("Step schedules", content);
}

std::string samplesSection(std::span<const Run> runs) {
    std::string grid = fmt::format(
        "<div class=\"samples\" style=\"grid-template-columns: repeat({}, 1fr)\">\n", runs.size());
    for (const Run& run : runs)
        grid += fmt::format("<div class=\"head\">{} <span class=\"dim\">seed {}</span></div>\n",
                            escaped(nameOf(run.summary)), run.summary.request.seed);
    for (int index = 0; index < kSamplesShown; ++index) {
        std::string row;
        bool any = false;
        for (const Run& run : runs) {
            const auto found = std::ranges::find(run.samples, index,
                                                 [](const RunSample& sample) { return sample.trace.index; });
            const bool present = found != run.samples.end();
            any |= present;
            row += fmt::format("<div>{}</div>\n",
                               present ? escaped(found->text) : "<span class=\"dim\">not finished</span>");
        }
        if (any)
            grid += row;
    }
    return section("Texts side by side", "<p class=\"dim\">A row holds one sample index; with one seed, its "
                                         "reveal plan and noise are the same "
                                         "in every column.</p>\n" +
                                             grid + "</div>\n");
}

std::string provenanceSection(std::span<const Run> runs) {
    std::string table = "<table>\n" + tableRow("th", {"run", "member", "checkpoint", "stored", "asked for",
                                                      "computed in", "parameters", "SHA-256"});
    for (const Run& run : runs) {
        const auto& pool = run.summary.request.pool;
        for (std::size_t i = 0; i < pool.size(); ++i) {
            const ModelFacts facts =
                i < run.provenance.members.size() ? run.provenance.members[i] : ModelFacts{};
            table += tableRow("td", {std::to_string(run.summary.id), std::string(1, pool[i].letter),
                                     pool[i].name, storedPrecision(facts),
                                     std::string(precisionName(pool[i].precision)), computedPrecision(facts),
                                     countText(static_cast<double>(facts.parameters)), pool[i].sha256});
        }
    }
    table += "</table>\n";
    for (const Run& run : runs) {
        const Provenance& made = run.provenance;
        std::string scored;
        if (const Measure* measure = run.summary.measure("generative_perplexity"))
            scored = "; perplexity: " + measure->estimator + ", " +
                     measure->settings.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        table += fmt::format(
            "<p class=\"dim wrap\">Run {}: started {}, Steploom {}, oneDNN {}, {}, {} threads{}.</p>\n",
            run.summary.id, escaped(run.summary.started), escaped(made.version), escaped(made.onednn),
            escaped(made.processor), made.threads, escaped(scored));
    }
    return section("Where it comes from", table);
}

std::string commandsSection(std::span<const Run> runs) {
    std::string content;
    for (const Run& run : runs)
        content += fmt::format("<pre>{}</pre>\n", escaped(commandOf(run.summary)));
    return section("To make it again", content);
}

} // namespace

std::string reportPage(std::span<const Run> runs) {
    std::string body =
        fmt::format("<h1>Steploom report</h1>\n<p class=\"dim\">{} {}, written by Steploom {}</p>\n",
                    runs.size(), runs.size() == 1 ? "run" : "runs", kVersion);
    body += measuresSection(runs) + workSection(runs) + chartSection(runs) + schedulesSection(runs) +
            samplesSection(runs) + provenanceSection(runs) + commandsSection(runs);
    return htmlDocument("Steploom report", body);
}

} // namespace steploom::cli
