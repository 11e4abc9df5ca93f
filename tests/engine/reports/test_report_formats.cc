// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/utf8.h"
#include "engine/reports/base64.h"
#include "engine/reports/csv_report.h"
#include "engine/reports/html_report.h"
#include "engine/reports/inert_text.h"
#include "engine/reports/markdown_report.h"
#include "engine/reports/write_report.h"
#include "tests/engine/reports/report_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QXmlStreamReader>
#include <QtTest>

#include <algorithm>
#include <clocale>
#include <optional>
#include <set>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Rows and cells of CSV as RFC 4180 has it.
std::vector<std::vector<std::string>> cellsOf(const std::string& csv) {
    std::vector<std::vector<std::string>> rows(1);
    std::string cell;
    bool quoted = false;
    for (std::size_t i = 0; i < csv.size(); ++i) {
        const char c = csv[i];
        if (quoted) {
            if (c == '"' && i + 1 < csv.size() && csv[i + 1] == '"')
                cell += csv[i++];
            else if (c == '"')
                quoted = false;
            else
                cell += c;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            rows.back().push_back(std::move(cell));
            cell.clear();
        } else if (c == '\r' && i + 1 < csv.size() && csv[i + 1] == '\n') {
            rows.back().push_back(std::move(cell));
            cell.clear();
            rows.emplace_back();
            ++i;
        } else {
            cell += c;
        }
    }
    rows.pop_back(); // what follows the last line end
    return rows;
}

struct ParsedPage {
    QString text; ///< of everything but scripts
    QStringList scripts;
    QStringList headings;
    QStringList samples; ///< what the elements of this class hold
    std::set<QString> elements, attributes;
    int tables = 0, captions = 0, drawings = 0;
};

ParsedPage parse(const std::string& html) {
    ParsedPage page;
    QXmlStreamReader xml(QByteArray::fromStdString(html));
    QStringList open;
    int sampleDepth = -1;
    while (!xml.atEnd()) {
        switch (xml.readNext()) {
        case QXmlStreamReader::StartElement:
            open.append(xml.name().toString());
            page.elements.insert(open.last());
            for (const QXmlStreamAttribute& each : xml.attributes())
                page.attributes.insert(each.name().toString());
            page.tables += open.last() == u"table";
            page.captions += open.last() == u"caption";
            page.drawings +=
                xml.attributes().value("role") == u"img" && !xml.attributes().value("aria-label").isEmpty();
            if (xml.attributes().value("class") == u"sample") {
                sampleDepth = static_cast<int>(open.size());
                page.samples.append(QString());
            }
            if (open.last() == u"script")
                page.scripts.append(QString());
            if (open.last().size() == 2 && open.last()[0] == u'h' && open.last()[1].isDigit())
                page.headings.append(open.last());
            break;
        case QXmlStreamReader::EndElement:
            if (sampleDepth == open.size())
                sampleDepth = -1;
            open.removeLast();
            break;
        case QXmlStreamReader::Characters:
            if (open.contains(u"script"))
                page.scripts.last() += xml.text();
            else
                page.text += xml.text();
            if (sampleDepth >= 0)
                page.samples.last() += xml.text();
            break;
        default:
            break;
        }
    }
    if (xml.hasError())
        qWarning() << xml.errorString() << xml.lineNumber() << xml.columnNumber();
    page.tables = xml.hasError() ? -1 : page.tables;
    return page;
}

} // namespace

class TestReportFormats : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    RunStore store() const { return RunStore(*m_folder / "runs.sqlite"); }

private slots:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void theSameRunsGiveTheSameBytesInEveryFormat() {
        RunStore runs = store();
        const ReportChoice choice = choiceOf(keepHostileRuns(runs));
        std::vector<std::string> first;
        for (const ReportFormat format : allReportFormats())
            first.push_back(reportBytes(runs, choice, format));
        const char* kept =
            std::setlocale(LC_ALL, "de_DE.UTF-8"); // a comma as decimal point, where it is installed
        const RunStore again = store();
        std::size_t i = 0;
        for (const ReportFormat format : allReportFormats())
            QVERIFY2(reportBytes(again, choice, format) == first[i++], reportFormatName(format).data());
        if (kept)
            std::setlocale(LC_ALL, "C");
        for (const std::string& bytes : first)
            QVERIFY(bytes.starts_with("%PDF") || validUtf8Prefix(bytes) == bytes.size());
    }

    void formatsAreKnownByNameAndByEnding() {
        for (const ReportFormat format : allReportFormats()) {
            QCOMPARE(parseReportFormat(reportFormatName(format)), format);
            if (format != ReportFormat::CsvWide)
                QCOMPARE(*reportFormatOf("a." + std::string(reportFileEnding(format))), format);
        }
        QCOMPARE(*reportFormatOf("A.HTM"), ReportFormat::Html);
        QVERIFY(!reportFormatOf("report"));
        expectError([] { parseReportFormat("docx"); }, ErrorKind::Request, {"docx", "markdown"});
    }

    void aPageIsWellFormedAndSaysWhatItsPartsAre() {
        RunStore runs = store();
        std::vector<std::int64_t> ids;
        for (const char* schedule : {"(H16)", "(L16)", "(L4,H8,L4)"})
            ids.push_back(keepRun(runs, schedule, 1));
        const std::string html = reportBytes(runs, choiceOf(ids), ReportFormat::Html);
        const ParsedPage page = parse(html);
        QVERIFY(page.tables >= 6);
        QCOMPARE(page.tables, page.captions);
        QVERIFY(page.drawings >= 3);
        QCOMPARE(page.headings.first(), QStringLiteral("h1"));
        for (qsizetype i = 1; i < page.headings.size(); ++i) // no level is left out on the way down
            QVERIFY(page.headings[i][1].digitValue() <= page.headings[i - 1][1].digitValue() + 1);
        QVERIFY(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\""));
        QVERIFY(page.text.contains(QStringLiteral("Sandwich & <friends>")));
        for (const char* part : {"scope=\"col\"", "scope=\"row\"", "@page", "prefers-color-scheme: dark"})
            QVERIFY2(html.find(part) != std::string::npos, part);
    }

    void aPageLoadsNothing() {
        RunStore runs = store();
        const std::string html = reportBytes(runs, choiceOf(keepHostileRuns(runs)), ReportFormat::Html);
        const ParsedPage page = parse(html);
        for (const char16_t* name : {u"img", u"link", u"iframe", u"object", u"embed", u"form", u"base"})
            QVERIFY(!page.elements.contains(QString::fromUtf16(name)));
        for (const QString& name : page.attributes)
            QVERIFY2(!name.startsWith(u"on") && name != u"src" && name != u"style", qPrintable(name));
        QVERIFY(html.find("default-src 'none'") != std::string::npos);
        QVERIFY(html.find("unsafe-inline") == std::string::npos);
    }

    void whatAModelWroteStandsInThePageAsText() {
        RunStore runs = store();
        const ParsedPage page = parse(reportBytes(runs, choiceOf(keepHostileRuns(runs)), ReportFormat::Html));
        QCOMPARE(page.scripts.size(), qsizetype{2}); // the runs, and what sorts tables
        QCOMPARE(page.samples.size(), static_cast<qsizetype>(hostileTexts().size()));
        // A row is one sample of each run.
        std::multiset<QString> wanted, found(page.samples.begin(), page.samples.end());
        for (const std::string& text : hostileTexts())
            wanted.insert(QString::fromStdString(visibleText(text)));
        QVERIFY(wanted == found);
    }

    void textThatTurnsItsDirectionIsIsolated() {
        RunStore runs = store();
        const std::string html = reportBytes(runs, choiceOf(keepHostileRuns(runs)), ReportFormat::Html);
        QVERIFY(html.find("<bdi>override \u202Eevil") != std::string::npos);
        QVERIFY(html.find("turn its direction") != std::string::npos);
        QVERIFY(turnsDirection("a\u2069"));
        QVERIFY(!turnsDirection("\u2026 plain \u05D0"));
    }

    void controlCharactersBecomeTheirPictures() {
        QCOMPARE(visibleText(std::string("a\0b\x1B\x7F\r\nc\td\re", 12)),
                 std::string("a\u2400b\u241B\u2421\nc\td\u240De"));
        QCOMPARE(visibleText("\u0085\uFFFE\uFDD0\U0001FFFF\xFF"),
                 std::string("\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"));
    }

    void aMegabyteOfTextIsWhole() {
        RunStore runs = store();
        std::string text = "<begin>";
        while (text.size() < 1'000'000)
            text += "word & \"more\" <i> ";
        text += "end";
        const std::int64_t id = keepWithTexts(runs, keepRun(runs, "(H16)", 1), {text}, "");
        ReportChoice choice = choiceOf({id});
        QCOMPARE(parse(reportBytes(runs, choice, ReportFormat::Html)).samples.first(),
                 QString::fromStdString(text));
        const auto rows = cellsOf(reportBytes(runs, choice, ReportFormat::CsvWide));
        const auto column = std::ranges::find(rows[0], "text_0") - rows[0].begin();
        QCOMPARE(rows[1][static_cast<std::size_t>(column)], text);
        QVERIFY(reportBytes(runs, choice, ReportFormat::Markdown).find(text) != std::string::npos);
    }

    void aWideTableHasARowARunAndReadsBack() {
        RunStore runs = store();
        const std::vector<std::int64_t> ids = {keepRun(runs, "(H16)", 1), keepRun(runs, "(L16)", 2, false)};
        const auto rows = cellsOf(reportBytes(runs, choiceOf(ids), ReportFormat::CsvWide));
        QCOMPARE(rows.size(), std::size_t{3});
        for (const auto& row : rows)
            QCOMPARE(row.size(), rows[0].size());
        const auto at = [&](std::size_t row, const char* name) {
            const auto found = std::ranges::find(rows[0], name);
            return found == rows[0].end() ? std::string("no such column")
                                          : rows[row][static_cast<std::size_t>(found - rows[0].begin())];
        };
        QCOMPARE(at(1, "generative_perplexity"), std::string("21"));
        QCOMPARE(at(1, "generative_perplexity_low"), std::string("19.5"));
        QCOMPARE(at(1, "generative_perplexity_n"), std::string("5"));
        QCOMPARE(at(2, "generative_perplexity"), std::string());
        QVERIFY(std::stod(at(2, "entropy")) > 0);
        QCOMPARE(at(2, "light_share"), std::string("1"));
        QCOMPARE(at(2, "seed"), std::string("2"));
        QCOMPARE(at(1, "text_0"), runs.load(1).samples[0].text);
    }

    void aLongTableHasARowForEachMeasure() {
        RunStore runs = store();
        const auto rows =
            cellsOf(reportBytes(runs, choiceOf({keepRun(runs, "(L4,H8,L4)", 1)}), ReportFormat::CsvLong));
        const std::vector<std::string> heading = {"run",  "started", "state",   "label",    "schedule",
                                                  "pool", "seed",    "measure", "unit",     "value",
                                                  "low",  "high",    "n",       "estimator"};
        QCOMPARE(rows[0], heading);
        const auto perplexity = std::ranges::find_if(
            rows, [](const std::vector<std::string>& row) { return row[7] == "generative_perplexity"; });
        QVERIFY(perplexity != rows.end());
        QCOMPARE((*perplexity)[4], std::string("(L4,H8,L4)"));
        QCOMPARE((*perplexity)[9], std::string("29"));
        QVERIFY(std::ranges::any_of(rows, [](const auto& row) { return row[7] == "saved_nominal"; }));
    }

    void formulasAreDisarmedAndNumbersAreNot() {
        QCOMPARE(csvCell("=1+1"), std::string("'=1+1"));
        for (const char* text : {"+x", "-x", "@x", "\tx", "\rx"})
            QVERIFY2(cellsOf(csvCell(text) + "\r\n")[0][0] == std::string("'") + text, text);
        QCOMPARE(csvCell("a=1"), std::string("a=1"));
        QCOMPARE(csvCell("a \"b\", c"), std::string("\"a \"\"b\"\", c\""));
        RunStore runs = store();
        const std::vector<std::int64_t> ids = keepHostileRuns(runs);
        std::size_t disarmed = 0;
        for (const auto& row : cellsOf(reportBytes(runs, choiceOf(ids), ReportFormat::CsvWide)))
            for (const std::string& cell : row) {
                const bool number =
                    !cell.empty() && cell.find_first_not_of("0123456789.e+-") == std::string::npos;
                QVERIFY2(number || cell.empty() || std::string("=+-@\t\r").find(cell[0]) == std::string::npos,
                         cell.c_str());
                disarmed += cell.starts_with('\'');
            }
        QVERIFY(disarmed >= 4 + ids.size()); // texts, and every note
        const auto rows = cellsOf(reportBytes(runs, choiceOf(ids), ReportFormat::CsvWide));
        QVERIFY(std::ranges::any_of(rows, [](const auto& row) {
            return std::ranges::find(row, "'=HYPERLINK(\"http://example.org\",\"x\")") != row.end();
        }));
    }

    void markdownFencesWhatAModelWrote() {
        RunStore runs = store();
        const std::string markdown =
            reportBytes(runs, choiceOf(keepHostileRuns(runs)), ReportFormat::Markdown);
        QVERIFY(markdown.find("`````text\n``` fence\n```` longer\n") != std::string::npos);
        for (const std::string& text : hostileTexts())
            QVERIFY2(markdown.find(visibleText(text)) != std::string::npos, text.c_str());
        QVERIFY(markdown.starts_with("# Sandwich \\& \\<friends\\>\n"));
        QCOMPARE(inertMarkdown("a|b\n[x](y) `c` <b>"), std::string("a\\|b<br>\\[x\\](y) \\`c\\` \\<b\\>"));
        QCOMPARE(inertMarkdown("- no list"), std::string("\\- no list"));
        QCOMPARE(inertMarkdown("12. no list, 1.5"), std::string("12\\. no list, 1.5"));
    }

    void base64ReadsWhatItWrites() {
        const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
        QCOMPARE(base64Of(bytes("Ma")), std::string("TWE="));
        QCOMPARE(base64Of(bytes("light work.")), std::string("bGlnaHQgd29yay4="));
        QCOMPARE(base64OfHex("4d61"), std::string("TWE="));
        for (const char* text : {"", "a", "ab", "abc", "abcd\xFF"}) {
            const auto back = bytesOfBase64(base64Of(bytes(text)));
            QVERIFY(back && std::ranges::equal(*back, bytes(text)));
        }
        for (const char* text : {"TWE", "TW=E", "T===", "TWF=\n", "TW E", "TWF="})
            QVERIFY2(!bytesOfBase64(text), text);
    }
};

QTEST_GUILESS_MAIN(TestReportFormats)
#include "test_report_formats.moc"
