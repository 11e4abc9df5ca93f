// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/make_report.h"

#include "engine/core/error.h"
#include "engine/core/version.h"
#include "engine/reports/report_material.h"
#include "engine/runs/run_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

std::vector<ReportBlock> blocksOf(ReportPart part, const ReportMaterial& material) {
    switch (part) {
    case ReportPart::Summary:
        return summaryBlocks(material);
    case ReportPart::Schedules:
        return scheduleBlocks(material);
    case ReportPart::Charts:
        return chartBlocks(material);
    case ReportPart::Importance:
        return importanceBlocks(material);
    case ReportPart::Search:
        return searchBlocks(material);
    case ReportPart::Samples:
        return sampleBlocks(material);
    case ReportPart::Configuration:
        return configurationBlocks(material);
    case ReportPart::Provenance:
        return provenanceBlocks(material);
    }
    return {};
}

} // namespace

std::vector<Run> runsOfReport(const RunStore& store, const ReportChoice& choice) {
    if (choice.runs.empty())
        throw Error(ErrorKind::Request, {"cannot make the report", store.file().string(),
                                         "no run is chosen for it", "Choose one"});
    std::vector<Run> runs;
    runs.reserve(choice.runs.size());
    for (const std::int64_t id : choice.runs)
        runs.push_back(store.load(id));
    return runs;
}

ReportDocument makeReport(const RunStore& store, const ReportChoice& choice) {
    return makeReport(store, choice, runsOfReport(store, choice));
}

ReportDocument makeReport(const RunStore& store, const ReportChoice& choice, std::span<const Run> runs) {
    ReportDocument document{.title = choice.title.empty() ? "Steploom report" : choice.title,
                            .author = choice.author,
                            .remarks = choice.remarks,
                            .program = fmt::format("Steploom {}", kVersion)};
    for (const Run& run : runs)
        document.date = std::max(document.date, run.summary.started); // ISO 8601 sorts as text
    const ReportMaterial material{store, runs, choice.samples, groupsBySettings(runs)};
    for (const ReportPart part : allReportParts()) {
        if (std::ranges::find(choice.parts, part) == choice.parts.end())
            continue;
        if (std::vector<ReportBlock> blocks = blocksOf(part, material); !blocks.empty())
            document.sections.push_back(
                {std::string(reportPartName(part)), std::string(reportPartTitle(part)), std::move(blocks)});
    }
    return document;
}

} // namespace steploom
