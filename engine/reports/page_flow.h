// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/page_content.h"

#include <functional>
#include <span>

namespace steploom {

/// Lines that run down a page and on to the next.
struct FlowColumn {
    std::vector<PageLine> lines;
    double x = page::kLeft, width = page::kTextWidth;
    PageInk ink = PageInk::Ink;
    bool alignRight = false; ///< else as the text is written
};

struct FlowOptions {
    double padding = 0;             ///< above and below the lines on every page
    bool ground = false;            ///< a box of the columns' extent behind them, `padding` wider
    std::function<void()> onPage{}; ///< begins every further page: headings of a table, repeated
};

/// Fills pages from top to bottom. What does not fit goes on to the next page, so nothing is cut off.
class PageFlow {
public:
    explicit PageFlow(PagedReport& report);

    const PageText& text() const noexcept { return m_report.text; }
    Page& page() { return m_report.pages.back(); }
    int pageIndex() const noexcept { return static_cast<int>(m_report.pages.size()) - 1; }
    double y() const noexcept { return m_y; }
    double room() const noexcept { return page::kBottom - m_y; } ///< left on this page
    bool atTop() const noexcept { return m_y == page::kTop; }

    void newPage();
    /// Nothing at the top of a page.
    void space(double height);
    /// A new page, unless `height` fits on this one or would fit on none.
    void keepTogether(double height);

    /// Lines side by side, the highest column decides where it goes on.
    void flow(std::span<const FlowColumn> columns, const FlowOptions& options = {});
    /// One column over the width of the page.
    void flow(std::vector<PageLine> lines, PageInk ink = PageInk::Ink);
    void hairline(double x = page::kLeft, double width = page::kTextWidth);
    void figure(std::shared_ptr<const PageFigure> figure, double scale);
    /// Here is something that bookmarks lead to.
    void bookmark(const std::string& title, int depth);

private:
    /// Places what fits of each column from `next` on; whether anything did. `force`: one line even if it
    /// does not.
    bool place(std::span<const FlowColumn> columns, const FlowOptions& options,
               std::vector<std::size_t>& next, bool force);

    PagedReport& m_report;
    double m_y = page::kTop;
};

} // namespace steploom
