// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace steploom {
namespace {

constexpr double kRounding = 1e-6; ///< of sums of heights

PlacedText placed(const FlowColumn& column, const PageLine& line, double y) {
    const bool right = column.alignRight || line.rightToLeft;
    return {line, right ? column.x + column.width - line.width : column.x, y, column.ink, {}};
}

} // namespace

PageFlow::PageFlow(PagedReport& report) : m_report(report) { newPage(); }

void PageFlow::newPage() {
    m_report.pages.emplace_back();
    m_y = page::kTop;
}

void PageFlow::space(double height) {
    if (!atTop())
        m_y += height;
}

void PageFlow::keepTogether(double height) {
    if (height > room() + kRounding && height <= page::kTextHeight && !atTop())
        newPage();
}

bool PageFlow::place(std::span<const FlowColumn> columns, const FlowOptions& options,
                     std::vector<std::size_t>& next, bool force) {
    const double top = m_y + options.padding;
    const double bottom = page::kBottom - options.padding + kRounding;
    double used = 0;
    bool any = false;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::vector<PageLine>& lines = columns[i].lines;
        double y = top;
        while (next[i] < lines.size() && (y + lines[next[i]].height <= bottom || (force && y == top))) {
            page().texts.push_back(placed(columns[i], lines[next[i]], y));
            y += lines[next[i]++].height;
            any = true;
        }
        used = std::max(used, y - top);
    }
    if (!any)
        return false;
    if (options.ground && !columns.empty()) {
        const double left = columns.front().x - options.padding;
        const double right = columns.back().x + columns.back().width + options.padding;
        page().boxes.push_back({left, m_y, right - left, used + 2 * options.padding, PageInk::Ground});
    }
    m_y = top + used + options.padding;
    return true;
}

void PageFlow::flow(std::span<const FlowColumn> columns, const FlowOptions& options) {
    std::vector<std::size_t> next(columns.size(), 0);
    const auto left = [&] {
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (next[i] < columns[i].lines.size())
                return true;
        return false;
    };
    bool fresh = atTop(); // a line that is higher than a page must not be looked for a place forever
    while (left()) {
        place(columns, options, next, fresh);
        if (!left())
            break;
        newPage();
        if (options.onPage)
            options.onPage();
        fresh = true;
    }
}

void PageFlow::flow(std::vector<PageLine> lines, PageInk ink) {
    FlowColumn column{.lines = std::move(lines), .ink = ink};
    flow(std::span(&column, 1));
}

void PageFlow::hairline(double x, double width) {
    page().boxes.push_back({x, m_y, width, page::kHairline, PageInk::Line});
}

void PageFlow::figure(std::shared_ptr<const PageFigure> figure, double scale) {
    const double height = figure->height() * scale;
    keepTogether(height);
    page().figures.push_back({std::move(figure), page::kLeft, m_y, scale});
    m_y += height;
}

void PageFlow::bookmark(const std::string& title, int depth) {
    // Not the section's id: a document made by others may hold anything in it.
    std::string mark = fmt::format("mark-{}", m_report.bookmarks.size());
    page().marks.push_back({mark, m_y});
    m_report.bookmarks.push_back({title, std::move(mark), depth, pageIndex()});
}

} // namespace steploom
