// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_blocks.h"
#include "engine/reports/page_table_parts.h"

#include <algorithm>
#include <utility>

namespace steploom {
namespace {

constexpr double kRowPadding = 2.4;
constexpr std::size_t kHeadingLines = 6;

/// Numbers stand at the right end of their column.
std::vector<FlowColumn> columnsOf(const ReportTable& table, const TablePart& part) {
    std::vector<FlowColumn> columns;
    double x = page::kLeft;
    for (std::size_t i = 0; i < part.columns.size(); ++i) {
        FlowColumn column;
        column.x = x;
        column.width = part.widths[i] - kTableGap;
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
        headings[i].lines = flow.text().lines(table.columns[part.columns[i]].heading,
                                              tableHeadingStyle(part.size), headings[i].width);
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
            cells[i].lines = flow.text().lines(tableCell(table, row, part.columns[i]),
                                               tableCellStyle(part.size), cells[i].width);
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
    const std::vector<TablePart> parts = tablePartsOf(flow.text(), table);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        flow.space(i == 0 ? 0 : 12);
        layPart(flow, table, parts[i], i == 0 ? table.caption : table.caption + " (further columns)");
    }
}

} // namespace steploom
