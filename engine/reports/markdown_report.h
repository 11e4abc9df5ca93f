// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_document.h"

#include <string>
#include <string_view>

namespace steploom {

/// The report in CommonMark with the tables of GitHub. Texts and code stand in fences longer than any within
/// them; charts are told in words.
std::string markdownReport(const ReportDocument& document);

/// Text in which nothing is markup: for a line of its own or a cell of a table.
std::string inertMarkdown(std::string_view text);

} // namespace steploom
