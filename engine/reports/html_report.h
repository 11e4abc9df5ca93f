// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_document.h"

#include <string>
#include <string_view>

namespace steploom {

/// The report as one file that loads nothing: light or dark as the reader's system is, black on white in
/// print, tables that sort on a click and need no script otherwise. HTML5 that is well-formed XML too.
/// `runsJson` (json_report.h; empty: none) goes with it, for importReport().
std::string htmlReport(const ReportDocument& document, std::string_view runsJson = {});

/// What stands before and after the runs in such a file.
inline constexpr std::string_view kRunsInHtmlBegin =
    "<script type=\"application/json\" id=\"steploom-runs\">";
inline constexpr std::string_view kRunsInHtmlEnd = "</script>";

} // namespace steploom
