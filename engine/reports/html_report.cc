// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/html_report.h"

#include "engine/core/sha256.h"
#include "engine/reports/base64.h"
#include "engine/reports/html_style.h"
#include "engine/reports/inert_text.h"

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <variant>

namespace steploom {

namespace {

/// As a Content-Security-Policy names what may run and how it may look: "'sha256-…'".
std::string sourceHash(std::string_view content) {
    Sha256 hash;
    hash.add(std::as_bytes(std::span(content)));
    return fmt::format("'sha256-{}'", base64OfHex(hash.hex()));
}

/// The script's text is escaped for XML in no way, so what stands in it must need none.
std::string harmlessJson(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    for (const char c : json)
        switch (c) { // inside of strings alone, where JSON may write them so
        case '<':
            out += "\\u003c";
            break;
        case '>':
            out += "\\u003e";
            break;
        case '&':
            out += "\\u0026";
            break;
        default:
            out += c;
        }
    return out;
}

class HtmlWriter {
public:
    explicit HtmlWriter(const ReportDocument& document) : m_document(document) {}

    std::string write(std::string_view runsJson) {
        head();
        opening();
        m_out += "<main>\n";
        for (const ReportSection& section : m_document.sections)
            write(section);
        m_out += "</main>\n";
        if (!runsJson.empty()) {
            m_out += kRunsInHtmlBegin;
            m_out += harmlessJson(runsJson);
            m_out += kRunsInHtmlEnd;
            m_out += "\n";
        }
        add("<script>{}</script>\n</body>\n</html>\n", kReportScript);
        return std::move(m_out);
    }

private:
    template <typename... Arguments>
    void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        fmt::format_to(std::back_inserter(m_out), format, std::forward<Arguments>(arguments)...);
    }

    void head() {
        add("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
            "<meta charset=\"utf-8\"/>\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; "
            "script-src {}; base-uri 'none'; form-action 'none'\"/>\n"
            "<meta name=\"generator\" content=\"{}\"/>\n",
            sourceHash(kReportStyle), sourceHash(kReportScript), inertHtml(m_document.program));
        if (!m_document.author.empty())
            add("<meta name=\"author\" content=\"{}\"/>\n", inertHtml(m_document.author));
        add("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n", inertHtml(m_document.title),
            kReportStyle);
    }

    void opening() {
        add("<header>\n<h1><bdi>{}</bdi></h1>\n<p class=\"dim\">", inertHtml(m_document.title));
        if (!m_document.author.empty())
            add("<bdi>{}</bdi> · ", inertHtml(m_document.author));
        add("newest run of {} · written by {}</p>\n", inertHtml(m_document.date),
            inertHtml(m_document.program));
        if (!m_document.remarks.empty())
            add("<p><bdi>{}</bdi></p>\n", inertHtml(m_document.remarks));
        m_out += "<nav aria-label=\"Contents\">\n<ol>\n";
        for (const ReportSection& section : m_document.sections)
            add("<li><a href=\"#{}\">{}</a></li>\n", inertHtml(section.id), inertHtml(section.title));
        m_out += "</ol>\n</nav>\n</header>\n";
    }

    void write(const ReportSection& section) {
        add("<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n",
            inertHtml(section.id), inertHtml(section.title));
        for (const ReportBlock& block : section.blocks)
            std::visit([this](const auto& each) { write(each); }, block);
        m_out += "</section>\n";
    }

    void write(const ReportParagraph& paragraph) {
        add("<p{}><bdi>{}</bdi></p>\n", paragraph.dim ? " class=\"dim\"" : "", inertHtml(paragraph.text));
    }

    void write(const ReportTable& table) {
        // What scrolls has to be reached by the keyboard too, and so needs a name.
        add("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\">\n<table>\n"
            "<caption>{0}</caption>\n<thead>\n<tr>",
            inertHtml(table.caption));
        for (const ReportTable::Column& column : table.columns)
            add("<th scope=\"col\" class=\"{}\">{}</th>", column.number ? "number" : "words",
                inertHtml(column.heading));
        m_out += "</tr>\n</thead>\n<tbody>\n";
        for (const std::vector<std::string>& row : table.rows) {
            m_out += "<tr>";
            for (std::size_t i = 0; i < row.size(); ++i) {
                const bool number = i < table.columns.size() && table.columns[i].number;
                const std::string text = inertHtml(row[i]);
                if (i == 0)
                    add("<th scope=\"row\"><bdi>{}</bdi></th>", text);
                else if (number)
                    add("<td class=\"number\">{}</td>", text);
                else
                    add("<td><bdi>{}</bdi></td>", text);
            }
            m_out += "</tr>\n";
        }
        m_out += "</tbody>\n</table>\n</div>\n";
    }

    void write(const ReportFigure& figure) {
        add("<figure>\n<div role=\"img\" "
            "aria-label=\"{}\">\n{}\n</div>\n<figcaption><bdi>{}</bdi></figcaption>\n"
            "</figure>\n",
            inertHtml(figure.alternative), figure.svg, inertHtml(figure.caption));
    }

    void write(const ReportTexts& texts) {
        for (const ReportTexts::Row& row : texts.rows) {
            add("<h3>{}</h3>\n<div class=\"texts\">\n", inertHtml(row.heading));
            for (std::size_t i = 0; i < row.texts.size(); ++i) {
                add("<article>\n<h4><bdi>{}</bdi></h4>\n",
                    i < texts.headings.size() ? inertHtml(texts.headings[i]) : std::string());
                if (row.texts[i].empty())
                    m_out += "<p class=\"dim\">not finished</p>\n";
                else
                    add("<div class=\"sample\" dir=\"auto\"><bdi>{}</bdi></div>\n", inertHtml(row.texts[i]));
                if (turnsDirection(row.texts[i]))
                    m_out += "<p class=\"dim\">Characters in this text turn its direction.</p>\n";
                m_out += "</article>\n";
            }
            m_out += "</div>\n";
        }
    }

    void write(const ReportCode& code) {
        add("<div class=\"code\">\n<h3><bdi>{}</bdi></h3>\n<pre><bdi>{}</bdi></pre>\n</div>\n",
            inertHtml(code.caption), inertHtml(code.text));
    }

    const ReportDocument& m_document;
    std::string m_out;
};

} // namespace

std::string htmlReport(const ReportDocument& document, std::string_view runsJson) {
    return HtmlWriter(document).write(runsJson);
}

} // namespace steploom
