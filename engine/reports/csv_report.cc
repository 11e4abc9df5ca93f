// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/csv_report.h"

#include "engine/core/utf8.h"
#include "engine/reports/report_material.h"
#include "engine/reports/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <set>

namespace steploom {

namespace {

/// Shortest text that reads as the same number; nothing for what is not finite.
std::string number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : std::string(); }

class CsvWriter {
public:
    void add(std::string_view text) { put(csvCell(text)); }
    void add(double value) { put(number(value)); }
    template <std::integral Integer>
    void add(Integer value) {
        put(std::to_string(value));
    }
    void endRow() {
        m_out += "\r\n";
        m_first = true;
    }
    std::string take() { return std::move(m_out); }

private:
    void put(std::string_view cell) {
        if (!m_first)
            m_out += ',';
        m_first = false;
        m_out += cell;
    }

    std::string m_out;
    bool m_first = true;
};

struct CostColumn {
    const char* name;
    const char* unit;
    double (*value)(const RunSummary&);
};

double perSample(double total, const RunSummary& run) {
    return run.finishedSamples > 0 ? total / run.finishedSamples : NAN;
}

constexpr std::array kCosts = {
    CostColumn{"light_share", "share", [](const RunSummary& run) { return run.cost.lightShare; }},
    CostColumn{"saved_blocks_only", "share", [](const RunSummary& run) { return run.cost.blocksOnlySaving; }},
    CostColumn{"saved_nominal", "share", [](const RunSummary& run) { return run.cost.nominalSaving; }},
    CostColumn{"saved_executed", "share", [](const RunSummary& run) { return run.cost.executedSaving; }},
    CostColumn{"flops_per_sample", "FLOP",
               [](const RunSummary& run) { return perSample(run.executedFlops, run); }},
    CostColumn{"seconds_per_sample", "s", [](const RunSummary& run) { return perSample(run.seconds, run); }},
    CostColumn{"seconds", "s", [](const RunSummary& run) { return run.seconds; }},
};

std::string poolOf(const GenerationRequest& request) {
    std::string text;
    for (const PoolMemberSpec& member : request.pool)
        text += fmt::format("{}{}={}:{}", text.empty() ? "" : " ", member.letter, member.name,
                            precisionName(member.precision));
    return text;
}

void addHeadings(CsvWriter& csv, std::span<const char* const> headings) {
    for (const char* heading : headings)
        csv.add(heading);
}

void addIdentity(CsvWriter& csv, const RunSummary& run) {
    csv.add(run.id);
    csv.add(run.started);
    csv.add(runStateName(run.state));
    csv.add(settingsName(run.request));
    csv.add(printSchedule(run.request.schedule));
    csv.add(poolOf(run.request));
    csv.add(run.request.seed);
}

constexpr std::array kIdentity = {"run", "started", "state", "label", "schedule", "pool", "seed"};

} // namespace

std::string csvCell(std::string_view text) {
    std::string cell = replaceInvalidUtf8(text);
    std::erase(cell, '\0'); // ends a text for many readers, and what follows would be lost
    if (!cell.empty() && std::string_view("=+-@\t\r\n").find(cell.front()) != std::string_view::npos)
        cell.insert(cell.begin(), '\'');
    if (cell.find_first_of("\",\r\n") == std::string::npos && !cell.starts_with(' ') && !cell.ends_with(' '))
        return cell;
    std::string quoted = "\"";
    for (const char c : cell)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string longCsv(std::span<const Run> runs) {
    CsvWriter csv;
    addHeadings(csv, kIdentity);
    addHeadings(csv, std::array{"measure", "unit", "value", "low", "high", "n", "estimator"});
    csv.endRow();
    for (const Run& run : runs) {
        const RunSummary& summary = run.summary;
        for (const CostColumn& cost : kCosts) {
            addIdentity(csv, summary);
            csv.add(cost.name);
            csv.add(cost.unit);
            csv.add(cost.value(summary));
            csv.add("");
            csv.add("");
            csv.add(summary.finishedSamples);
            csv.add("");
            csv.endRow();
        }
        for (const Measure& measure : summary.measures) {
            addIdentity(csv, summary);
            csv.add(measure.name);
            csv.add(measure.unit);
            csv.add(measure.estimate.value);
            csv.add(measure.estimate.low);
            csv.add(measure.estimate.high);
            csv.add(measure.estimate.n);
            csv.add(measure.estimator);
            csv.endRow();
        }
    }
    return csv.take();
}

std::string wideCsv(std::span<const Run> runs, const ReportChoice& choice) {
    std::vector<std::string> measures = measureNames(runs);
    measures.insert(measures.begin() +
                        (measures.empty() || measures.front() != "generative_perplexity" ? 0 : 1),
                    "entropy");
    std::set<int> indices;
    if (std::ranges::find(choice.parts, ReportPart::Samples) != choice.parts.end())
        for (const Run& run : runs)
            for (const RunSample& sample : run.samples)
                indices.insert(sample.trace.index);
    while (static_cast<int>(indices.size()) > std::max(0, choice.samples))
        indices.erase(std::prev(indices.end()));

    CsvWriter csv;
    addHeadings(csv, kIdentity);
    addHeadings(csv, std::array{"steps", "length", "samples", "sampler", "temperature", "top_p"});
    for (const CostColumn& cost : kCosts)
        csv.add(cost.name);
    for (const std::string& name : measures)
        for (const char* part : {"", "_low", "_high", "_n"})
            csv.add(name + part);
    addHeadings(csv, std::array{"prompt", "note"});
    for (const int index : indices)
        csv.add(fmt::format("text_{}", index));
    csv.endRow();
    for (const Run& run : runs) {
        const RunSummary& summary = run.summary;
        const GenerationRequest& request = summary.request;
        addIdentity(csv, summary);
        csv.add(request.schedule.steps());
        csv.add(request.length);
        csv.add(summary.finishedSamples);
        csv.add(orderText(request));
        csv.add(request.temperature);
        csv.add(request.topP);
        for (const CostColumn& cost : kCosts)
            csv.add(cost.value(summary));
        for (const std::string& name : measures) {
            const Estimate estimate = estimateOf(run, name);
            csv.add(estimate.value);
            csv.add(estimate.low);
            csv.add(estimate.high);
            csv.add(estimate.n);
        }
        csv.add(request.prompt.empty() ? request.templateText : request.prompt);
        csv.add(summary.note);
        for (const int index : indices) {
            const auto found = std::ranges::find(run.samples, index,
                                                 [](const RunSample& sample) { return sample.trace.index; });
            csv.add(found == run.samples.end() ? std::string_view() : std::string_view(found->text));
        }
        csv.endRow();
    }
    return csv.take();
}

} // namespace steploom
