// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/write_report.h"

#include "engine/core/error.h"
#include "engine/core/near_names.h"
#include "engine/reports/csv_report.h"
#include "engine/reports/html_report.h"
#include "engine/reports/json_report.h"
#include "engine/reports/latex_report.h"
#include "engine/reports/make_report.h"
#include "engine/reports/markdown_report.h"
#include "engine/reports/pdf_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace steploom {

namespace {

struct FormatName {
    ReportFormat format;
    std::string_view name, ending;
};

constexpr std::array kFormats = {
    FormatName{ReportFormat::Html, "html", "html"},
    FormatName{ReportFormat::Pdf, "pdf", "pdf"},
    FormatName{ReportFormat::CsvLong, "csv", "csv"},
    FormatName{ReportFormat::CsvWide, "csv-wide", "csv"},
    FormatName{ReportFormat::Latex, "latex", "tex"},
    FormatName{ReportFormat::Json, "json", "json"},
    FormatName{ReportFormat::Markdown, "markdown", "md"},
};

constexpr std::array kAll = {ReportFormat::Html,    ReportFormat::Pdf,   ReportFormat::CsvLong,
                             ReportFormat::CsvWide, ReportFormat::Latex, ReportFormat::Json,
                             ReportFormat::Markdown};

const FormatName& nameOf(ReportFormat format) noexcept {
    return *std::ranges::find(kFormats, format, &FormatName::format);
}

} // namespace

std::span<const ReportFormat> allReportFormats() noexcept { return kAll; }
std::string_view reportFormatName(ReportFormat format) noexcept { return nameOf(format).name; }
std::string_view reportFileEnding(ReportFormat format) noexcept { return nameOf(format).ending; }

ReportFormat parseReportFormat(std::string_view name) {
    const auto found = std::ranges::find(kFormats, name, &FormatName::name);
    if (found != kFormats.end())
        return found->format;
    std::vector<std::string_view> names;
    for (const FormatName& each : kFormats)
        names.push_back(each.name);
    throw Error(ErrorKind::Request,
                {"cannot write the report", fmt::format("format \"{}\"", name), "there is none of that name",
                 fmt::format("Choose {}", fmt::join(names, ", "))});
}

std::optional<ReportFormat> reportFormatOf(const std::filesystem::path& file) {
    const std::string ending = lowerCase(file.extension().string());
    if (ending == ".htm")
        return ReportFormat::Html;
    if (ending == ".markdown")
        return ReportFormat::Markdown;
    const auto found = std::ranges::find_if(
        kFormats, [&](const FormatName& each) { return ending == fmt::format(".{}", each.ending); });
    return found == kFormats.end() ? std::nullopt : std::optional(found->format);
}

std::string reportBytes(const RunStore& store, const ReportChoice& choice, ReportFormat format) {
    const std::vector<Run> runs = runsOfReport(store, choice);
    switch (format) {
    case ReportFormat::Html: {
        const ReportDocument document = makeReport(store, choice, runs);
        return htmlReport(document, jsonReport(document, store, runs, -1));
    }
    case ReportFormat::Pdf:
        return pdfReport(makeReport(store, choice, runs));
    case ReportFormat::CsvLong:
        return longCsv(runs);
    case ReportFormat::CsvWide:
        return wideCsv(runs, choice);
    case ReportFormat::Latex:
        return latexReport(makeReport(store, choice, runs));
    case ReportFormat::Json: {
        ReportChoice nothing = choice; // the runs say it all
        nothing.parts.clear();
        return jsonReport(makeReport(store, nothing, runs), store, runs, 1) + "\n";
    }
    case ReportFormat::Markdown:
        return markdownReport(makeReport(store, choice, runs));
    }
    throw Error(ErrorKind::Request, {"cannot write the report", std::string(reportFormatName(format)),
                                     "there is no such format", "Choose another one"});
}

} // namespace steploom
