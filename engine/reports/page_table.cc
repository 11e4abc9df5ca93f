// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_blocks.h"
#include "engine/reports/page_columns.h"

#include <algorithm>
#include <utility>

namespace steploom {
namespace {

constexpr double kSizes[] = {8.5, 7.75, 7, 6.25}; ///< of the type, the usual first
constexpr double kGap = 10;                       ///< between columns
constexpr double kRowPadding = 2.4;
constexpr double kLongestWord = 150; ///< points; a longer one may be broken
constexpr std::size_t kHeadingLines = 6;
constexpr std::size_t kMeasuredRows = 2000;

PageTextStyle cellStyle(double size) { return {.size = size, .tabular = true, .leading = 1.35}; }
PageTextStyle headingStyle(double size) { return {.size = size, .bold = true, .leading = 1.3}; }

const std::string& cellOf(const ReportTable& table, std::size_t row, std::size_t column) {
    static const std::string kNothing;
    const std::vector<std::string>& cells = table.rows[row];
    return column < cells.size() ? cells[column] : kNothing;
}

std::vector<ColumnNeed> needsOf(const PageText& text, const ReportTable& table, double size) {
    std::vector<ColumnNeed> needs;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const ReportTable::Column& column = table.columns[c];
        double natural = text.widthOf(column.heading, headingStyle(size));
        double least = text.wordWidthOf(column.heading, headingStyle(size));
        for (std::size_t row = 0; row < std::min(table.rows.size(), kMeasuredRows); ++row) {
            const std::string& cell = cellOf(table, row, c);
            const double width = text.widthOf(cell, cellStyle(size));
            natural = std::max(natural, width);
            // A number with its interval and unit stays on one line.
            least = std::max(least, column.number ? width : text.wordWidthOf(cell, cellStyle(size)));
        }
        // A hair more than measured: the lines are broken at whole Pango units.
        needs.push_back({natural + kGap + 0.1, std::min({natural, least, kLongestWord}) + kGap + 0.1});
    }
    return needs;
}

/// Some of a table's columns, which fit beside each other.
struct TablePart {
    std::vector<std::size_t> columns;
    std::vector<double> widths;
    double size = kSizes[0];
};

std::vector<ColumnNeed> chosen(const std::vector<ColumnNeed>& needs,
                               const std::vector<std::size_t>& columns) {
    std::vector<ColumnNeed> result;
    for (const std::size_t column : columns)
        result.push_back(needs[column]);
    return result;
}

std::vector<TablePart> partsOf(const PageText& text, const ReportTable& table) {
    constexpr double kWidth = page::kTextWidth + kGap; // the last column needs no gap behind it
    std::vector<std::size_t> all(table.columns.size());
    for (std::size_t c = 0; c < all.size(); ++c)
        all[c] = c;
    for (const double size : kSizes)
        if (auto widths = columnWidths(needsOf(text, table, size), kWidth))
            return {{all, std::move(*widths), size}};

    const std::vector<ColumnNeed> needs = needsOf(text, table, kSizes[1]);
    std::vector<TablePart> parts;
    for (std::size_t next = 0; next < all.size();) {
        TablePart part{.columns = {}, .widths = {}, .size = kSizes[1]};
        if (next > 0)
            part.columns.push_back(0); // says what the rows are of
        const std::size_t first = next;
        do {
            part.columns.push_back(next);
            const auto widths = columnWidths(chosen(needs, part.columns), kWidth);
            if (!widths && next > first) {
                part.columns.pop_back();
                break;
            }
            ++next;
        } while (next < all.size());
        const auto widths = columnWidths(chosen(needs, part.columns), kWidth);
        part.widths = widths.value_or(std::vector<double>(part.columns.size(), kWidth / part.columns.size()));
        parts.push_back(std::move(part));
    }
    return parts;
}

/// `left` points from the margin on; numbers stand at the right end of their column.
std::vector<FlowColumn> columnsOf(const ReportTable& table, const TablePart& part) {
    std::vector<FlowColumn> columns;
    double x = page::kLeft;
    for (std::size_t i = 0; i < part.columns.size(); ++i) {
        FlowColumn column;
        column.x = x;
        column.width = part.widths[i] - kGap;
        column.alignRight = table.columns[part.columns[i]].number;
        columns.push_back(std::move(column));
        x += part.widths[i];
    }
    return columns;
}

double heightOf(const std::vector<FlowColumn>& columns) {
    double height = 0;
    for (const FlowColumn& column : columns)
        height = std::max(height, heightOf(column.lines));
    return height;
}

void layPart(PageFlow& flow, const ReportTable& table, const TablePart& part, const std::string& caption) {
    std::vector<FlowColumn> headings = columnsOf(table, part);
    for (std::size_t i = 0; i < headings.size(); ++i) {
        headings[i].ink = PageInk::Dim;
        headings[i].lines = flow.text().lines(table.columns[part.columns[i]].heading, headingStyle(part.size),
                                              headings[i].width);
        if (headings[i].lines.size() > kHeadingLines)
            headings[i].lines.resize(kHeadingLines);
    }
    const double headingHeight = heightOf(headings);
    for (FlowColumn& heading : headings) // all end on the same line
        if (!heading.lines.empty())
            heading.lines.front().baseline += headingHeight - heightOf(heading.lines),
                heading.lines.front().height += headingHeight - heightOf(heading.lines);
    const auto layHeadings = [&] {
        flow.flow(headings, {.padding = kRowPadding});
        flow.page().boxes.push_back(
            {page::kLeft, flow.y(), page::kTextWidth, 2 * page::kHairline, PageInk::Dim});
    };
    layCaption(flow, caption, headingHeight + 30);
    layHeadings();
    std::vector<FlowColumn> cells = columnsOf(table, part);
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            cells[i].lines =
                flow.text().lines(cellOf(table, row, part.columns[i]), cellStyle(part.size), cells[i].width);
        const double height = heightOf(cells) + 2 * kRowPadding;
        if (height > flow.room() && height < page::kTextHeight / 2) {
            flow.newPage();
            layHeadings();
        }
        flow.flow(cells, {.padding = kRowPadding, .onPage = layHeadings});
        flow.hairline();
    }
}

} // namespace

void layTable(PageFlow& flow, const ReportTable& table) {
    if (table.columns.empty())
        return;
    const std::vector<TablePart> parts = partsOf(flow.text(), table);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        flow.space(i == 0 ? 0 : 12);
        layPart(flow, table, parts[i], i == 0 ? table.caption : table.caption + " (further columns)");
    }
}

} // namespace steploom
