// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_document.h"

#include <string>
#include <string_view>

namespace steploom {

/// The report as a document for pdflatex with tables of booktabs, each of which can be taken into a paper as
/// it is; charts are told in words. Pure ASCII: what pdflatex has no letter for is shown as [U+4E2D].
std::string latexReport(const ReportDocument& document);

/// Text in which nothing is a command, on lines that TeX can read however long the text is.
std::string inertLatex(std::string_view text);

} // namespace steploom
