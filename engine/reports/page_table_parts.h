// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/page_text.h"
#include "engine/reports/report_document.h"

#include <vector>

namespace steploom {

inline constexpr double kTableGap = 10; ///< between columns, points

PageTextStyle tableCellStyle(double size);
PageTextStyle tableHeadingStyle(double size);
/// Empty where the row is too short.
const std::string& tableCell(const ReportTable& table, std::size_t row, std::size_t column);

/// Some of a table's columns, which fit beside each other on a page.
struct TablePart {
    std::vector<std::size_t> columns; ///< in their order
    std::vector<double> widths;       ///< each with the gap behind it
    double size = 0;                  ///< of the type, points
};

/// The whole table where it fits, in the largest type in which no cell has to be broken; failing that in the
/// largest in which no word has to be; failing that in parts, of which each begins with the first column.
std::vector<TablePart> tablePartsOf(const PageText& text, const ReportTable& table);

} // namespace steploom
