// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_choice.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace steploom {

class RunStore;

enum class ReportFormat { Html, Pdf, CsvLong, CsvWide, Latex, Json, Markdown };
std::span<const ReportFormat> allReportFormats() noexcept;
/// "html", "pdf", "csv", "csv-wide", "latex", "json", "markdown"
std::string_view reportFormatName(ReportFormat format) noexcept;
/// Throws Error(Request) for an unknown one, naming those that there are.
ReportFormat parseReportFormat(std::string_view name);
/// What a file's ending says: .html, .htm, .pdf, .csv (long), .tex, .json, .md, .markdown; nothing for
/// others.
std::optional<ReportFormat> reportFormatOf(const std::filesystem::path& file);
/// "html", "tex", "md": the ending that a file of the format has, without the dot.
std::string_view reportFileEnding(ReportFormat format) noexcept;

/// The whole file. The same store and choice give the same bytes, whoever asks, wherever and whenever. Throws
/// as makeReport() does.
std::string reportBytes(const RunStore& store, const ReportChoice& choice, ReportFormat format);

} // namespace steploom
