// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/latex_report.h"

#include "engine/reports/inert_text.h"
#include "engine/reports/latex_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <variant>

namespace steploom {

namespace {

constexpr std::size_t kLongestLine = 100;
/// TeX keeps a whole paragraph in memory while it breaks its lines.
constexpr std::size_t kLongestParagraph = 20'000;
constexpr std::size_t kRowsOnPage = 40;
constexpr std::size_t kLongestCell = 48; ///< bytes; beyond them it has several lines

// A table is made smaller where it is wider than the text, and never larger.
constexpr std::string_view kPreamble = R"tex(\documentclass[a4paper,10pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{textcomp}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage[margin=20mm]{geometry}
\usepackage{booktabs}
\usepackage{graphicx}
\usepackage{caption}
\newsavebox{\steploombox}
\newenvironment{fittedtable}{\begin{lrbox}{\steploombox}}{\end{lrbox}%
  \ifdim\wd\steploombox>\linewidth\resizebox{\linewidth}{!}{\usebox{\steploombox}}\else\usebox{\steploombox}\fi}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\emergencystretch}{3em}
\raggedright
)tex";

/// Keeps track of how long the line and the paragraph are.
class LatexText {
public:
    /// `breaks`: a newline ends a line of the output; else it is a space.
    explicit LatexText(bool breaks) : m_breaks(breaks) {}

    void add(std::uint32_t c) {
        if (c == '\n') {
            if (m_breaks)
                endLine();
            else
                put(" ");
        } else if (c == ' ' || c == '\t') {
            space();
        } else {
            put(latexLetter(c));
            m_space = false;
            // A word longer than any line has to break somewhere.
            if (++m_word >= kLongestWord) {
                put("\\hspace{0pt}");
                m_word = 0;
            }
        }
        if (m_column > kLongestLine) {
            m_out += "%\n"; // no space: what comes next may be the rest of a word
            m_column = 0;
        }
        if (m_breaks && m_paragraph > kLongestParagraph) {
            m_out += "\n\n";
            m_column = m_paragraph = 0;
        }
    }
    std::string take() { return std::move(m_out); }

private:
    static constexpr std::size_t kLongestWord = 40;

    void put(std::string_view text) {
        m_out += text;
        m_column += text.size();
        m_paragraph += text.size();
    }
    /// Every space is there, the second and further ones too, which TeX would swallow.
    void space() {
        put(m_space || m_column == 0 ? "\\ {}" : " ");
        m_space = true;
        m_word = 0;
    }
    void endLine() {
        put("\\mbox{}\\newline{}");
        m_out += "\n";
        m_column = 0;
        m_space = false;
        m_word = 0;
    }

    bool m_breaks;
    bool m_space = false;
    std::size_t m_column = 0, m_paragraph = 0, m_word = 0;
    std::string m_out;
};

std::string latexOf(std::string_view text, bool breaks) {
    LatexText out(breaks);
    forEachCharacter(visibleText(text), [&](std::uint32_t c, std::string_view) { out.add(c); });
    return out.take();
}

class LatexWriter {
public:
    std::string write(const ReportDocument& document) {
        m_out = kPreamble;
        add("\\begin{{document}}\n{{\\LARGE\\bfseries {}\\par}}\n", inertLatex(document.title));
        if (!document.author.empty())
            add("{{\\large {}\\par}}\n", inertLatex(document.author));
        add("newest run of {}, written by {}\n\n", inertLatex(document.date), inertLatex(document.program));
        if (!document.remarks.empty())
            write(ReportParagraph{document.remarks});
        for (const ReportSection& section : document.sections) {
            add("\\section*{{{}}}\n", inertLatex(section.title));
            for (const ReportBlock& block : section.blocks)
                std::visit([this](const auto& each) { write(each); }, block);
        }
        m_out += "\\end{document}\n";
        return std::move(m_out);
    }

private:
    template <typename... Arguments>
    void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        fmt::format_to(std::back_inserter(m_out), format, std::forward<Arguments>(arguments)...);
    }

    void write(const ReportParagraph& paragraph) {
        add("{{{}{}\\par}}\n", paragraph.dim ? "\\footnotesize " : "", latexOf(paragraph.text, true));
    }

    void write(const ReportTable& table) {
        const std::size_t most = rowsOnPage(table);
        for (std::size_t begin = 0; begin == 0 || begin < table.rows.size(); begin += most) {
            const std::size_t end = std::min(table.rows.size(), begin + most);
            std::string columns, headings;
            for (const ReportTable::Column& column : table.columns) {
                columns += column.number ? 'r' : 'l';
                headings += fmt::format("{}{}", headings.empty() ? "" : " & ", inertLatex(column.heading));
            }
            add("\\begin{{center}}\n\\captionof*{{table}}{{{}{}}}\n\\begin{{fittedtable}}\n"
                "\\begin{{tabular}}{{@{{}}{}@{{}}}}\n\\toprule\n{} \\\\\n\\midrule\n",
                inertLatex(table.caption), begin == 0 ? "" : ", continued", columns, headings);
            for (std::size_t row = begin; row < end; ++row) {
                for (std::size_t i = 0; i < table.rows[row].size(); ++i)
                    add("{}{}", i == 0 ? "" : " & ", cell(table.rows[row][i]));
                m_out += " \\\\\n";
            }
            m_out += "\\bottomrule\n\\end{tabular}\n\\end{fittedtable}\n\\end{center}\n";
        }
    }

    /// No table here breaks over pages.
    static std::size_t rowsOnPage(const ReportTable& table) {
        std::size_t longest = 0;
        for (const std::vector<std::string>& row : table.rows)
            for (const std::string& each : row)
                longest = std::max(longest, each.size());
        return longest <= kLongestCell ? kRowsOnPage
                                       : std::clamp<std::size_t>(40 * kLongestCell / longest, 1, 12);
    }

    /// Long texts would make the whole table tiny: they have a column of their own width. Brackets at the
    /// start of a row would be read as an option of the row before.
    static std::string cell(std::string_view text) {
        const std::string latex = inertLatex(text);
        return text.size() > kLongestCell ? fmt::format("\\parbox[t]{{60mm}}{{\\raggedright {}}}", latex)
                                          : fmt::format("{{}}{}", latex);
    }

    void write(const ReportFigure& figure) {
        add("{{\\bfseries {}.}} {}\\par\n", inertLatex(figure.caption), inertLatex(figure.alternative));
    }

    void write(const ReportTexts& texts) {
        for (const ReportTexts::Row& row : texts.rows) {
            add("\\subsection*{{{}}}\n", inertLatex(row.heading));
            for (std::size_t i = 0; i < row.texts.size(); ++i)
                add("{{\\bfseries {}}}\\par\n\\begin{{quote}}\n{}\n\\end{{quote}}\n",
                    i < texts.headings.size() ? inertLatex(texts.headings[i]) : std::string(),
                    row.texts[i].empty() ? "not finished" : latexOf(row.texts[i], true));
        }
    }

    void write(const ReportCode& code) {
        add("{{\\bfseries {}}}\\par\n{{\\ttfamily\\footnotesize {}\\par}}\n", inertLatex(code.caption),
            latexOf(code.text, true));
    }

    std::string m_out;
};

} // namespace

std::string inertLatex(std::string_view text) { return latexOf(text, false); }

std::string latexReport(const ReportDocument& document) { return LatexWriter().write(document); }

} // namespace steploom
