// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/reports/page_columns.h"
#include "engine/reports/pdf_report.h"
#include "engine/reports/printable_text.h"
#include "tests/engine/reports/report_runs.h"
#include "tests/engine/reports/sample_document.h"
#include "tests/testing/paths.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QtTest>

#include <cairo.h>
#include <clocale>
#include <thread>

using namespace steploom;
using namespace steploom::testing;

namespace {

ReportDocument documentOf(ReportBlock block) {
    ReportDocument document;
    document.title = "One block";
    document.date = "2026-11-20T09:30:00Z";
    document.sections = {{"only", "Only", {std::move(block)}}};
    return document;
}

std::string numbered(const char* what, int number) { return what + std::to_string(number); }

} // namespace

class PdfReportTest : public QObject {
    Q_OBJECT

private:
    /// Output of a program of poppler-utils about this file.
    static QString ask(const char* program, const QStringList& options, const std::string& pdf) {
        const TemporaryFolder folder;
        const QString path = QString::fromStdString((folder / "report.pdf").string());
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return {};
        file.write(pdf.data(), static_cast<qint64>(pdf.size()));
        file.close();
        QProcess process;
        process.start(QString::fromLatin1(program), options + QStringList{path, "-"});
        process.waitForFinished(60'000);
        return process.exitCode() == 0 ? QString::fromUtf8(process.readAllStandardOutput()) : QString();
    }
    /// Words as they are read, one blank between them.
    static QString textOf(const std::string& pdf) { return ask("pdftotext", {}, pdf).simplified(); }
    /// Whether every word of the file lies on its page.
    static void requireNothingClipped(const std::string& pdf) {
        const QString boxes = ask("pdftotext", {"-bbox"}, pdf);
        static const QRegularExpression kWord(
            "<word xMin=\"([-0-9.]+)\" yMin=\"([-0-9.]+)\" xMax=\"([-0-9.]+)\" yMax=\"([-0-9.]+)\">([^<]*)<");
        int words = 0;
        for (auto each = kWord.globalMatch(boxes); each.hasNext(); ++words) {
            const QRegularExpressionMatch word = each.next();
            const bool within = word.captured(1).toDouble() > 20 && word.captured(2).toDouble() > 20 &&
                                word.captured(3).toDouble() < 595.3 - 20 &&
                                word.captured(4).toDouble() < 841.9 - 20;
            QVERIFY2(within, qPrintable(word.captured(0)));
        }
        QVERIFY(words > 0);
    }
    static bool lacksPoppler() { return QStandardPaths::findExecutable("pdftotext").isEmpty(); }

private slots:
    void everyKindOfBlockCanBeReadAndSearched() {
        if (lacksPoppler())
            QSKIP("poppler-utils is not installed");
        const std::string pdf = pdfReport(sampleDocument());
        const QString text = textOf(pdf);
        for (const char* expected :
             {"Where the light model may step in", "A. Author · 2026-11-20 09:30 UTC · Steploom 0.1.0",
              "The sandwich keeps its perplexity.", "Three runs of one pool.", "Runs and their measures",
              "(L32,H192,L32)", "31.94 ± 0.91", "± is a 95% interval.", "Saved work against perplexity",
              "the little goose was tired", "the lamp was lit again",
              "steploom-cli generate --seed 1 --steps 256", "1 of "})
            QVERIFY2(text.contains(QString::fromUtf8(expected)), expected);
        requireNothingClipped(pdf);
    }

    void theSameDocumentGivesTheSameBytesInAnyThreadAndLocale() {
        const std::string once = pdfReport(sampleDocument());
        QVERIFY(once.starts_with("%PDF-"));
        QCOMPARE(pdfReport(sampleDocument()), once);
        std::string elsewhere;
        std::thread([&] { elsewhere = pdfReport(sampleDocument()); }).join();
        QVERIFY(elsewhere == once);
        // One with a decimal comma, made here, since few machines have it installed.
        const TemporaryFolder locales;
        QProcess localedef;
        localedef.start("localedef", {"-i", "de_DE", "-f", "UTF-8",
                                      QString::fromStdString((locales / "de_DE.UTF-8").string())});
        localedef.waitForFinished();
        qputenv("LOCPATH", QByteArray::fromStdString(locales.path().string()));
        const std::string before = std::setlocale(LC_ALL, nullptr);
        for (const char* locale : {"de_DE.UTF-8", "ja_JP.UTF-8", "C"}) {
            if (std::setlocale(LC_ALL, locale))
                QVERIFY2(pdfReport(sampleDocument()) == once, locale);
        }
        std::setlocale(LC_ALL, before.c_str());
        qunsetenv("LOCPATH");
        ReportDocument other = sampleDocument();
        other.date = "2026-11-21T09:30:00Z";
        QVERIFY(pdfReport(other) != once);
    }

    void metadataAndBookmarksAreThere() {
        if (lacksPoppler())
            QSKIP("poppler-utils is not installed");
        const std::string pdf = pdfReport(sampleDocument());
        QVERIFY(pdf.find("/Outlines") != std::string::npos);
        for (const char* entry : {"/Title (Summary)", "/Title (Charts)", "/Title (To repeat run 1)"})
            QVERIFY2(pdf.find(entry) != std::string::npos, entry);
        QVERIFY(pdf.find("/CreationDate (20261120093000") != std::string::npos);
        const TemporaryFolder folder;
        const QString info = [&] {
            QFile file(QString::fromStdString((folder / "report.pdf").string()));
            if (!file.open(QIODevice::WriteOnly))
                return QString();
            file.write(pdf.data(), static_cast<qint64>(pdf.size()));
            file.close();
            QProcess process;
            process.start("pdfinfo", {file.fileName()});
            process.waitForFinished();
            return QString::fromUtf8(process.readAllStandardOutput()).simplified();
        }();
        QVERIFY(info.contains("Title: Where the light model may step in"));
        QVERIFY(info.contains("Author: A. Author"));
        QVERIFY(info.contains("Creator: Steploom 0.1.0"));
        QVERIFY(info.contains("(A4)"));
    }

    void aLongTableRepeatsItsHeadingsAndLosesNoRow() {
        if (lacksPoppler())
            QSKIP("poppler-utils is not installed");
        ReportTable table{"Many", {{"firstheading", false}, {"secondheading", true}}, {}};
        for (int row = 0; row < 300; ++row)
            table.rows.push_back({numbered("row", row), numbered("value", row)});
        const ReportDocument document = documentOf(table);
        const std::string pdf = pdfReport(document);
        const QString text = textOf(pdf);
        for (int row = 0; row < 300; ++row)
            QVERIFY2(text.contains(QString::fromStdString(numbered("value", row))),
                     qPrintable(text.right(200)));
        const int pages = ReportPages(document).count();
        QVERIFY(pages > 3);
        QCOMPARE(text.count("firstheading"), pages);
        QVERIFY(text.contains(QString("%1 of %1").arg(pages)));
        requireNothingClipped(pdf);
    }

    void aWideTableIsNotClipped_data() {
        QTest::addColumn<int>("columns");
        QTest::newRow("words wrap") << 9;
        QTest::newRow("the type gets smaller") << 14;
        QTest::newRow("columns go on beneath") << 60;
    }
    void aWideTableIsNotClipped() {
        if (lacksPoppler())
            QSKIP("poppler-utils is not installed");
        QFETCH(int, columns);
        ReportTable table{"Wide", {}, {{}, {}}};
        for (int column = 0; column < columns; ++column) {
            table.columns.push_back({numbered("heading", column), column % 2 == 1});
            table.rows[0].push_back(numbered("cell", column) + " and some words");
            table.rows[1].push_back(numbered("1000", column));
        }
        table.rows[1].resize(static_cast<std::size_t>(columns) / 2); // a row that is too short
        const std::string pdf = pdfReport(documentOf(table));
        const QString text = textOf(pdf).remove(' ');
        for (int column = 0; column < columns; ++column)
            QVERIFY2(text.contains(QString::fromStdString(numbered("cell", column))),
                     qPrintable(QString::number(column)));
        requireNothingClipped(pdf);
    }

    void aFigureLargerThanThePageIsScaledToIt() {
        if (lacksPoppler())
            QSKIP("poppler-utils is not installed");
        ReportFigure figure{"Large", "Words at its corners", "", 3000, 5000};
        figure.svg =
            R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3000 5000">)"
            R"(<text class="ink" x="10" y="100" font-size="100" fill="currentColor">upperleft</text>)"
            R"(<text x="2990" y="4990" font-size="100" text-anchor="end">lowerright</text></svg>)";
        const std::string pdf = pdfReport(documentOf(figure));
        const QString text = textOf(pdf);
        QVERIFY(text.contains("upperleft"));
        QVERIFY(text.contains("lowerright"));
        requireNothingClipped(pdf);
    }

    void aHostileSampleIsPrintedVerbatimAndInert() {
        if (lacksPoppler())
            QSKIP("poppler-utils is not installed");
        const std::string hostile = "<script>alert(1)</script> =HYPERLINK(\"http://x\") \\input{/etc/passwd} "
                                    "%PDF-1.4 endstream endobj ](/x) '){}; -- &amp; <b>bold</b>";
        const std::string pdf = pdfReport(documentOf(ReportTexts{"", {"run 1"}, {{"sample 0", {hostile}}}}));
        // A line may end after a slash: compared without blanks.
        QVERIFY(textOf(pdf).remove(' ').contains(QString::fromStdString(hostile).remove(' ')));
        for (const char* active : {"/JavaScript", "/URI", "/Launch", "/EmbeddedFile"})
            QVERIFY2(pdf.find(active) == std::string::npos, active);
        const std::string invisible = std::string("a\x1B[31mb\0c", 9) + "\u202Edrow\u202C \xFF.";
        QVERIFY(textOf(pdfReport(documentOf(ReportTexts{"", {"run 1"}, {{"sample 0", {invisible}}}})))
                    .contains(QString::fromUtf8("a⟨U+001B⟩[31mb⟨U+0000⟩c⟨U+202E⟩drow⟨U+202C⟩")));
    }

    void whateverAModelWroteIsFoundInTheFile() {
        if (lacksPoppler())
            QSKIP("poppler-utils is not installed");
        static const QRegularExpression kBlanks("\\s");
        for (const std::string& hostile : hostileTexts()) {
            // A picture has a code, but no font need have it; no program reads back what is no character.
            if (hostile.find("\U0001F600") != std::string::npos)
                continue;
            const QString read =
                ask("pdftotext", {},
                    pdfReport(documentOf(ReportTexts{"", {"run 1"}, {{"sample 0", {hostile}}}})));
            const QString expected = QString::fromStdString(printableText(hostile)).remove(kBlanks);
            QVERIFY2(QString(read).remove(kBlanks).contains(expected), qPrintable(expected + u'\n' + read));
        }
    }

    void whatIsNotSeenIsShown() {
        QCOMPARE(printableText("plain\r\n\ttext – ü 漢 🙂"),
                 std::string("plain\n\ttext – ü 漢 🙂"));
        QCOMPARE(printableText(std::string("\0\r\x7F", 3)), std::string("⟨U+0000⟩⟨U+000D⟩⟨U+007F⟩"));
        QCOMPARE(printableText("\u0085\u2028\u2066\U000E0041"),
                 std::string("⟨U+0085⟩⟨U+2028⟩⟨U+2066⟩⟨U+E0041⟩"));
        QCOMPARE(printableText("\xC3\x28"), std::string("\uFFFD("));
    }

    void aMegabyteOfTextIsPrintedWhole_data() {
        QTest::addColumn<QString>("unit");
        QTest::newRow("words") << "the little goose was tired and ";
        QTest::newRow("one word") << "abcdefghij";
        QTest::newRow("empty lines") << "\n";
        QTest::newRow("marks upon marks") << QString(QChar(0x301));
    }
    void aMegabyteOfTextIsPrintedWhole() {
        QFETCH(QString, unit);
        // Of what takes longest a fifth: time grows in proportion.
        const std::size_t bytes = unit == "abcdefghij" ? 200'000 : 1'000'000;
        std::string text = "begins ";
        while (text.size() < bytes)
            text += unit.toStdString();
        text += " ends";
        const ReportDocument document =
            documentOf(ReportTexts{"", {"run 1", "run 2"}, {{"sample 0", {text, "short"}}}});
        const ReportPages pages(document);
        // Marks stand above each other, however many there are.
        QVERIFY(pages.count() > (unit == QString(QChar(0x301)) ? 0 : 40));
    }

    void anyDocumentIsLaidOut_data() {
        QTest::addColumn<int>("runs");
        for (const int runs : {0, 1, 4, 5, 50})
            QTest::addRow("%d", runs) << runs;
    }
    void anyDocumentIsLaidOut() {
        QFETCH(int, runs);
        ReportTexts texts{"Side by side", {}, {{"sample 0", {}}}};
        for (int run = 0; run < runs; ++run) {
            texts.headings.push_back(numbered("run", run));
            texts.rows[0].texts.push_back(numbered("text", run));
        }
        const std::string pdf = pdfReport(documentOf(texts));
        if (lacksPoppler())
            QSKIP("poppler-utils is not installed");
        const QString text = textOf(pdf);
        for (int run = 0; run < runs; ++run) {
            QVERIFY(text.contains(QString::fromStdString(numbered("run", run))));
            QVERIFY(text.contains(QString::fromStdString(numbered("text", run))));
        }
        QVERIFY(pdfReport({}).starts_with("%PDF-"));
    }

    void aFigureThatCannotBeReadIsAnError() {
        for (const char* svg : {"", "no svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><g></svg>"})
            QVERIFY_EXCEPTION_THROWN(pdfReport(documentOf(ReportFigure{"Broken", "", svg, 100, 100})), Error);
        QVERIFY_EXCEPTION_THROWN(pdfReport(documentOf(ReportFigure{
                                     "No size", "", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 0, 100})),
                                 Error);
    }

    void previewDrawsThePagesOfTheFile() {
        const ReportPages pages(sampleDocument());
        QVERIFY(pages.count() >= 1);
        QVERIFY(std::abs(pages.width() - 595.28) < 0.1 && std::abs(pages.height() - 841.89) < 0.1);
        cairo_surface_t* image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 596, 842);
        cairo_t* cairo = cairo_create(image);
        cairo_set_source_rgb(cairo, 1, 1, 1);
        cairo_paint(cairo);
        pages.draw(0, cairo);
        cairo_surface_flush(image);
        // Something of the title is dark.
        int dark = 0;
        for (int y = 60; y < 100; ++y)
            for (int x = 50; x < 300; ++x)
                dark += cairo_image_surface_get_data(
                            image)[y * cairo_image_surface_get_stride(image) + 4 * x] < 100;
        QVERIFY(dark > 100);
        QVERIFY_EXCEPTION_THROWN(pages.draw(pages.count(), cairo), Error);
        QVERIFY_EXCEPTION_THROWN(pages.draw(-1, cairo), Error);
        QCOMPARE(cairo_status(cairo), CAIRO_STATUS_SUCCESS);
        cairo_destroy(cairo);
        cairo_surface_destroy(image);
    }

    void columnsShareTheWidthByWhatTheyNeed() {
        const std::vector<ColumnNeed> roomy = {{100, 20}, {50, 50}};
        const auto wide = columnWidths(roomy, 300);
        QVERIFY(wide);
        QCOMPARE(*wide, (std::vector<double>{200, 100}));
        const std::vector<ColumnNeed> tight = {{400, 20}, {50, 50}, {300, 250}};
        const auto narrowed = columnWidths(tight, 400);
        QVERIFY(narrowed);
        QVERIFY(std::abs((*narrowed)[0] - 100) < 0.01); // gives way
        QVERIFY(std::abs((*narrowed)[1] - 50) < 0.01);
        QVERIFY(std::abs((*narrowed)[2] - 250) < 0.01); // down to its longest word
        QVERIFY(!columnWidths(tight, 300));
        QVERIFY(columnWidths({}, 300)->empty());
    }
};

QTEST_GUILESS_MAIN(PdfReportTest)
#include "test_pdf_report.moc"
