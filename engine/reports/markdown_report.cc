// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/markdown_report.h"

#include "engine/reports/inert_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <variant>

namespace steploom {

namespace {

/// A block that shows its text as it is: its fence is longer than any row of backticks in it.
std::string fenced(std::string_view text, std::string_view language = {}) {
    const std::string shown = visibleText(text);
    std::size_t longest = 0, row = 0;
    for (const char c : shown) {
        row = c == '`' ? row + 1 : 0;
        longest = std::max(longest, row);
    }
    const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
    return fmt::format("{}{}\n{}{}{}\n", fence, language, shown, shown.ends_with('\n') ? "" : "\n", fence);
}

class MarkdownWriter {
public:
    std::string write(const ReportDocument& document) {
        add("# {}\n\n", inertMarkdown(document.title));
        if (!document.author.empty())
            add("{} · ", inertMarkdown(document.author));
        add("newest run of {} · written by {}\n\n", inertMarkdown(document.date),
            inertMarkdown(document.program));
        if (!document.remarks.empty())
            write(ReportParagraph{document.remarks});
        for (const ReportSection& section : document.sections) {
            add("## {}\n\n", inertMarkdown(section.title));
            for (const ReportBlock& block : section.blocks)
                std::visit([this](const auto& each) { write(each); }, block);
        }
        return std::move(m_out);
    }

private:
    template <typename... Arguments>
    void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        fmt::format_to(std::back_inserter(m_out), format, std::forward<Arguments>(arguments)...);
    }

    void write(const ReportParagraph& paragraph) { add("{}\n\n", inertMarkdown(paragraph.text)); }

    void write(const ReportTable& table) {
        add("**{}**\n\n", inertMarkdown(table.caption));
        std::string rule = "|";
        for (const ReportTable::Column& column : table.columns) {
            add("| {} ", inertMarkdown(column.heading));
            rule += column.number ? " ---: |" : " --- |";
        }
        add("|\n{}\n", rule);
        for (const std::vector<std::string>& row : table.rows) {
            for (const std::string& cell : row)
                add("| {} ", inertMarkdown(cell));
            m_out += "|\n";
        }
        m_out += "\n";
    }

    void write(const ReportFigure& figure) {
        add("**{}**\n\n{}\n\n", inertMarkdown(figure.caption), inertMarkdown(figure.alternative));
    }

    void write(const ReportTexts& texts) {
        for (const ReportTexts::Row& row : texts.rows) {
            add("### {}\n\n", inertMarkdown(row.heading));
            for (std::size_t i = 0; i < row.texts.size(); ++i) {
                add("**{}**\n\n",
                    i < texts.headings.size() ? inertMarkdown(texts.headings[i]) : std::string());
                if (row.texts[i].empty())
                    m_out += "not finished\n\n";
                else
                    add("{}\n", fenced(row.texts[i], "text"));
            }
        }
    }

    void write(const ReportCode& code) {
        add("**{}**\n\n{}\n", inertMarkdown(code.caption), fenced(code.text));
    }

    std::string m_out;
};

} // namespace

std::string inertMarkdown(std::string_view text) {
    std::string out;
    for (const char c : visibleText(text)) {
        // Every one of these may begin markup, and each may be escaped (CommonMark 2.4).
        if (std::string_view("\\`*_{}[]()<>#+-!|~&$:@").find(c) != std::string_view::npos) {
            const bool harmless = (c == '(' || c == ')' || c == ':' || c == '-' || c == '+') && !out.empty();
            if (!harmless)
                out += '\\';
            out += c;
        } else if (c == '.' && !out.empty() && out.find_first_not_of("0123456789") == std::string::npos) {
            out += "\\."; // else a list begins with this number
        } else if (c == '\n') {
            out += "<br>"; // a cell has one line, and a line that begins anew may begin a list
        } else {
            out += c;
        }
    }
    return out;
}

std::string markdownReport(const ReportDocument& document) { return MarkdownWriter().write(document); }

} // namespace steploom
