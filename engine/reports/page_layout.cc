// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_layout.h"

#include "engine/reports/page_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace steploom {
namespace {

const PageTextStyle kTitle{.size = 21, .bold = true, .leading = 1.25};
const PageTextStyle kByline{.size = 9.5};
const PageTextStyle kSection{.size = 14, .bold = true, .leading = 1.3};
const PageTextStyle kContents{.size = 9.5, .tabular = true, .leading = 1.7};
const PageTextStyle kRunning{.size = 7.5, .tabular = true};
constexpr double kBetweenBlocks = 12, kBetweenSections = 26;

/// "2026-11-22 18:03 UTC" of "2026-11-22T18:03:11Z"; anything else as it is.
std::string readableDate(const std::string& date) {
    constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
    if (date.size() != kForm.size())
        return date;
    for (std::size_t i = 0; i < kForm.size(); ++i)
        if (kForm[i] == '0' ? !std::isdigit(static_cast<unsigned char>(date[i])) : date[i] != kForm[i])
            return date;
    return date.substr(0, 10) + " " + date.substr(11, 5) + " UTC";
}

/// A line of the contents, whose page number is known at the end.
struct ContentsLine {
    int page;
    double y;
};

class Pages {
public:
    explicit Pages(PagedReport& report) : m_report(report), m_flow(report) {}

    void layTitle(const ReportDocument& document) {
        const PageText& text = m_flow.text();
        m_flow.flow(text.lines(document.title.empty() ? "Report" : document.title, kTitle, page::kTextWidth));
        m_flow.space(4);
        std::string byline = document.author;
        for (const std::string& part : {readableDate(document.date), document.program})
            if (!part.empty())
                byline += (byline.empty() ? "" : " · ") + part;
        if (!byline.empty())
            m_flow.flow(text.lines(byline, kByline, page::kTextWidth), PageInk::Dim);
        if (!document.remarks.empty()) {
            m_flow.space(12);
            m_flow.flow(text.lines(document.remarks, page::kBody, page::kTextWidth));
        }
        if (document.sections.size() < 2)
            return;
        m_flow.space(16);
        for (const ReportSection& section : document.sections) {
            const PageLine line = text.line(section.title, kContents, page::kTextWidth - 40);
            m_flow.keepTogether(line.height);
            m_contents.push_back({m_flow.pageIndex(), m_flow.y()});
            m_flow.flow({line});
            m_flow.hairline();
        }
    }

    void laySection(const ReportSection& section) {
        m_flow.space(kBetweenSections);
        const std::vector<PageLine> title = m_flow.text().lines(section.title, kSection, page::kTextWidth);
        m_flow.keepTogether(heightOf(title) + headOf(section));
        m_flow.bookmark(section.title, 0);
        m_sections.push_back(m_report.bookmarks.size() - 1);
        m_flow.flow(title);
        m_flow.space(6);
        bool first = true;
        for (const ReportBlock& block : section.blocks) {
            m_flow.space(first ? 0 : kBetweenBlocks);
            first = false;
            std::visit([this](const auto& each) { lay(each); }, block);
        }
    }

    void finish(const ReportDocument& document) {
        const PageText& text = m_flow.text();
        for (std::size_t i = 0; i < m_contents.size(); ++i) {
            const PageBookmark& section = m_report.bookmarks[m_sections[i]];
            Page& page = m_report.pages[static_cast<std::size_t>(m_contents[i].page)];
            for (PlacedText& each : page.texts)
                if (each.y == m_contents[i].y)
                    each.leadsTo = section.leadsTo;
            const PageLine number = text.line(std::to_string(section.page + 1), kContents, 40);
            page.texts.push_back(
                {number, page::kRight - number.width, m_contents[i].y, PageInk::Dim, section.leadsTo});
        }
        const std::size_t count = m_report.pages.size();
        for (std::size_t i = 0; i < count; ++i) {
            Page& page = m_report.pages[i];
            const PageLine number = text.line(fmt::format("{} of {}", i + 1, count), kRunning, 120);
            page.texts.push_back({number, page::kRight - number.width, page::kFoot, PageInk::Dim, {}});
            page.texts.push_back({text.line(document.program, kRunning, page::kTextWidth - 130),
                                  page::kLeft,
                                  page::kFoot,
                                  PageInk::Dim,
                                  {}});
            if (i > 0)
                page.texts.push_back({text.line(document.title, kRunning, page::kTextWidth),
                                      page::kLeft,
                                      page::kRunningTitle,
                                      PageInk::Dim,
                                      {}});
        }
    }

private:
    /// What has to follow a section's title on the same page, in points: its first paragraphs, and the
    /// beginning of what they lead to.
    double headOf(const ReportSection& section) const {
        double height = 0;
        for (const ReportBlock& block : section.blocks) {
            if (const auto* paragraph = std::get_if<ReportParagraph>(&block)) {
                height += heightOf(linesOf(*paragraph)) + kBetweenBlocks;
                continue;
            }
            const auto* figure = std::get_if<ReportFigure>(&block);
            return height +
                   (figure ? figure->height * std::min(0.75, page::kTextWidth / figure->width) + 30 : 70);
        }
        return height;
    }

    std::vector<PageLine> linesOf(const ReportParagraph& paragraph) const {
        return m_flow.text().lines(paragraph.text, paragraph.dim ? page::kAside : page::kBody,
                                   page::kTextWidth);
    }

    void lay(const ReportParagraph& paragraph) {
        m_flow.flow(linesOf(paragraph), paragraph.dim ? PageInk::Dim : PageInk::Ink);
    }
    void lay(const ReportFigure& figure) {
        const auto drawing = std::make_shared<const PageFigure>(figure);
        std::vector<PageLine> caption;
        if (!figure.caption.empty())
            caption = m_flow.text().lines(figure.caption, page::kAside, page::kTextWidth);
        constexpr double kLongestCaption = page::kTextHeight / 4;
        const double captionHeight = std::min(heightOf(caption), kLongestCaption);
        const double scale = std::min({1.0, page::kTextWidth / drawing->width(),
                                       (page::kTextHeight - captionHeight - 6) / drawing->height()});
        m_flow.keepTogether(drawing->height() * scale + captionHeight + 6);
        if (!figure.caption.empty())
            m_flow.bookmark(figure.caption, 1);
        m_flow.figure(drawing, scale);
        m_flow.space(4);
        m_flow.flow(caption, PageInk::Dim);
    }
    void lay(const ReportTable& table) { layTable(m_flow, table); }
    void lay(const ReportTexts& texts) { layTexts(m_flow, texts); }
    void lay(const ReportCode& code) { layCode(m_flow, code); }

    PagedReport& m_report;
    PageFlow m_flow;
    std::vector<ContentsLine> m_contents;
    std::vector<std::size_t> m_sections; ///< bookmarks, in the order of the sections
};

} // namespace

void layCaption(PageFlow& flow, const std::string& caption, double following) {
    const std::vector<PageLine> lines = caption.empty()
                                            ? std::vector<PageLine>()
                                            : flow.text().lines(caption, page::kCaption, page::kTextWidth);
    flow.keepTogether(heightOf(lines) + following);
    if (caption.empty())
        return;
    flow.bookmark(caption, 1);
    flow.flow(lines);
    flow.space(4);
}

PagedReport layPages(const ReportDocument& document) {
    PagedReport report;
    Pages pages(report);
    pages.layTitle(document);
    for (const ReportSection& section : document.sections)
        pages.laySection(section);
    pages.finish(document);
    return report;
}

} // namespace steploom
