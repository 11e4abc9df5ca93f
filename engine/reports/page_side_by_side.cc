// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_blocks.h"

#include <algorithm>

namespace steploom {
namespace {

const PageTextStyle kHeading{.size = 8, .bold = true, .leading = 1.3};
const PageTextStyle kRowHeading{.size = 7.5, .leading = 1.5};
const PageTextStyle kText{.size = 8, .leading = 1.45};
constexpr std::size_t kMostColumns = 4;
constexpr std::size_t kHeadingLines = 4;
constexpr double kGap = 16;

/// How many texts stand side by side, so that all bands are about as full.
std::size_t columnsOfBand(std::size_t texts) {
    if (texts <= kMostColumns)
        return std::max<std::size_t>(1, texts);
    return texts % 3 == 1 ? kMostColumns : 3;
}

void layBand(PageFlow& flow, const ReportTexts& texts, std::size_t first, std::size_t count,
             std::size_t places) {
    const double width =
        (page::kTextWidth - kGap * static_cast<double>(places - 1)) / static_cast<double>(places);
    std::vector<FlowColumn> columns(count);
    for (std::size_t i = 0; i < count; ++i) {
        columns[i].x = page::kLeft + static_cast<double>(i) * (width + kGap);
        columns[i].width = width;
    }
    std::vector<FlowColumn> headings = columns;
    double headingHeight = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<PageLine>& lines = headings[i].lines;
        lines = flow.text().lines(texts.headings[first + i], kHeading, width);
        if (lines.size() > kHeadingLines)
            lines.resize(kHeadingLines);
        headingHeight = std::max(headingHeight, heightOf(lines));
    }
    const auto layHeadings = [&] {
        flow.flow(headings, {.padding = 3});
        flow.page().boxes.push_back(
            {page::kLeft, flow.y(), page::kTextWidth, 2 * page::kHairline, PageInk::Dim});
    };
    flow.keepTogether(headingHeight + 60);
    layHeadings();
    for (const ReportTexts::Row& row : texts.rows) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::string text = first + i < row.texts.size() ? row.texts[first + i] : std::string();
            columns[i].lines = flow.text().lines(text.empty() ? "–" : text, kText, width);
        }
        const PageLine heading = flow.text().line(row.heading, kRowHeading, page::kTextWidth);
        if (flow.room() < heading.height + 5 * kText.size * kText.leading) {
            flow.newPage();
            layHeadings();
        }
        flow.space(5);
        flow.flow({heading}, PageInk::Dim);
        flow.flow(columns, {.onPage = [&] {
                      layHeadings();
                      flow.space(5);
                  }});
        flow.space(6);
        flow.hairline();
    }
}

} // namespace

void layTexts(PageFlow& flow, const ReportTexts& texts) {
    const std::size_t places = columnsOfBand(texts.headings.size());
    layCaption(flow, texts.caption, 80);
    for (std::size_t first = 0; first < texts.headings.size(); first += places) {
        flow.space(first == 0 ? 0 : 16);
        layBand(flow, texts, first, std::min(places, texts.headings.size() - first), places);
    }
}

} // namespace steploom
