// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_table_parts.h"

#include "engine/reports/page_columns.h"
#include "engine/reports/page_style.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace steploom {
namespace {

constexpr double kSizes[] = {8.5, 7.75, 7, 6.25}; ///< of the type, the usual first
constexpr double kSizeOfParts = kSizes[1];
constexpr double kUnbroken = 7;      ///< type is not made smaller than this only to keep cells on one line
constexpr double kLongestWord = 150; ///< points; a longer one may be broken
constexpr std::size_t kMeasuredRows = 2000;
constexpr double kWidth = page::kTextWidth + kTableGap; ///< the last column needs no gap behind it

/// Widths in the usual size. They grow with the size of the type, since metrics are not rounded.
struct Measured {
    double heading = 0, headingWord = 0; ///< whole; its longest word
    double cell = 0, cellLeast = 0;      ///< the widest; what must not be broken
};

std::vector<Measured> measure(const PageText& text, const ReportTable& table) {
    std::vector<Measured> all;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const ReportTable::Column& column = table.columns[c];
        Measured each{.heading = text.widthOf(column.heading, tableHeadingStyle(kSizes[0])),
                      .headingWord = text.wordWidthOf(column.heading, tableHeadingStyle(kSizes[0]))};
        for (std::size_t row = 0; row < std::min(table.rows.size(), kMeasuredRows); ++row) {
            const std::string& cell = tableCell(table, row, c);
            const double width = text.widthOf(cell, tableCellStyle(kSizes[0]));
            each.cell = std::max(each.cell, width);
            // A number with its interval and unit stays on one line.
            each.cellLeast = std::max(
                each.cellLeast, column.number ? width : text.wordWidthOf(cell, tableCellStyle(kSizes[0])));
        }
        all.push_back(each);
    }
    return all;
}

/// How headings may be written: on one line, or on about two.
enum class Headings { Whole, Folded };

std::vector<ColumnNeed> needsOf(const std::vector<Measured>& measured, double size, Headings headings) {
    std::vector<ColumnNeed> needs;
    for (const Measured& each : measured) {
        const double folded = std::max(each.headingWord, 0.62 * each.heading);
        const double natural =
            std::max(each.cell, headings == Headings::Whole ? each.heading : std::min(folded, each.heading));
        const double least = std::min({natural, std::max(each.cellLeast, each.headingWord), kLongestWord});
        // A hair more than measured: lines are broken at whole Pango units.
        const double scale = size / kSizes[0];
        needs.push_back({natural * scale + kTableGap + 0.2, least * scale + kTableGap + 0.2});
    }
    return needs;
}

double naturalWidth(const std::vector<ColumnNeed>& needs) {
    return std::accumulate(needs.begin(), needs.end(), 0.0,
                           [](double sum, const ColumnNeed& need) { return sum + need.natural; });
}

std::vector<ColumnNeed> chosen(const std::vector<ColumnNeed>& needs,
                               const std::vector<std::size_t>& columns) {
    std::vector<ColumnNeed> result;
    for (const std::size_t column : columns)
        result.push_back(needs[column]);
    return result;
}

/// As many columns as fit, from `next` on, which is moved behind them; at least one.
TablePart takePart(const std::vector<ColumnNeed>& needs, std::size_t& next) {
    TablePart part{.columns = {}, .widths = {}, .size = kSizeOfParts};
    if (next > 0)
        part.columns.push_back(0); // says what the rows are of
    const std::size_t first = next;
    for (; next < needs.size(); ++next) {
        part.columns.push_back(next);
        if (next > first && !columnWidths(chosen(needs, part.columns), kWidth)) {
            part.columns.pop_back();
            break;
        }
    }
    const auto widths = columnWidths(chosen(needs, part.columns), kWidth);
    part.widths = widths.value_or(std::vector<double>(part.columns.size(), kWidth / part.columns.size()));
    return part;
}

} // namespace

PageTextStyle tableCellStyle(double size) { return {.size = size, .tabular = true, .leading = 1.35}; }
PageTextStyle tableHeadingStyle(double size) { return {.size = size, .bold = true, .leading = 1.3}; }

const std::string& tableCell(const ReportTable& table, std::size_t row, std::size_t column) {
    static const std::string kNothing;
    const std::vector<std::string>& cells = table.rows[row];
    return column < cells.size() ? cells[column] : kNothing;
}

std::vector<TablePart> tablePartsOf(const PageText& text, const ReportTable& table) {
    const std::vector<Measured> measured = measure(text, table);
    std::vector<std::size_t> all(measured.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    for (const double size : kSizes)
        for (const Headings headings : {Headings::Whole, Headings::Folded}) {
            const std::vector<ColumnNeed> needs = needsOf(measured, size, headings);
            if (size >= kUnbroken && naturalWidth(needs) <= kWidth)
                return {{all, *columnWidths(needs, kWidth), size}};
        }
    for (const double size : kSizes)
        if (auto widths = columnWidths(needsOf(measured, size, Headings::Folded), kWidth))
            return {{all, std::move(*widths), size}};

    const std::vector<ColumnNeed> needs = needsOf(measured, kSizeOfParts, Headings::Folded);
    std::vector<TablePart> parts;
    for (std::size_t next = 0; next < needs.size();)
        parts.push_back(takePart(needs, next));
    return parts;
}

} // namespace steploom
