// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/latex_letters.h"
#include "engine/reports/latex_report.h"
#include "engine/reports/write_report.h"
#include "tests/engine/reports/report_runs.h"
#include "tests/testing/paths.h"

#include <QProcess>
#include <QStandardPaths>
#include <QtTest>

#include <algorithm>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// What pdflatex says of the document; empty when it accepts it.
QByteArray complaints(const std::filesystem::path& folder, const std::string& latex) {
    writeText(folder / "report.tex", latex);
    QProcess process;
    process.setWorkingDirectory(QString::fromStdString(folder.string()));
    process.start(QStringLiteral("pdflatex"),
                  {QStringLiteral("-no-shell-escape"), QStringLiteral("-halt-on-error"),
                   QStringLiteral("-interaction=batchmode"), QStringLiteral("report.tex")});
    if (!process.waitForFinished(300'000))
        return "it did not end";
    if (process.exitCode() == 0 && std::filesystem::exists(folder / "report.pdf"))
        return {};
    const QByteArray log = QByteArray::fromStdString(readText(folder / "report.log"));
    return log.mid(std::max<qsizetype>(0, log.indexOf("\n!")), 2000) + process.readAll();
}

} // namespace

class TestReportLatex : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    RunStore store() const { return RunStore(*m_folder / "runs.sqlite"); }

private slots:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void everySpecialCharacterIsText() {
        QCOMPARE(inertLatex("\\input{x}"), std::string("\\textbackslash{}input\\{x\\}"));
        QCOMPARE(inertLatex("50% of $5 & #1_a"), std::string("50\\% of \\$5 \\& \\#1\\_a"));
        QCOMPARE(inertLatex("a--b"), std::string("a-{}-{}b"));
        QCOMPARE(inertLatex("a  b"), std::string("a \\ {}b"));
    }

    void whatHasNoLetterIsShownByItsNumber() {
        QCOMPARE(latexLetter(0xE4), std::string("\\\"{a}"));
        QCOMPARE(latexLetter(0x3BB), std::string("\\ensuremath{\\lambda}"));
        QCOMPARE(latexLetter(0x4E2D), std::string("[U+4E2D]"));
        QCOMPARE(inertLatex("x\u202Ey"), std::string("x[U+202E]y"));
    }

    void theDocumentIsAsciiWithShortLines() {
        RunStore runs = store();
        ReportChoice choice = choiceOf(keepHostileRuns(runs));
        choice.runs.push_back(keepWithTexts(runs, choice.runs[0], {std::string(1'000'000, 'x')}, ""));
        const std::string latex = reportBytes(runs, choice, ReportFormat::Latex);
        QVERIFY(std::ranges::all_of(latex, [](char c) { return c == '\n' || (c >= ' ' && c < '\x7F'); }));
        std::size_t begin = 0, longest = 0;
        for (std::size_t at = latex.find('\n'); at != std::string::npos; at = latex.find('\n', begin)) {
            longest = std::max(longest, at - begin);
            begin = at + 1;
        }
        QVERIFY2(longest < 2000, std::to_string(longest).c_str());
    }

    void pdflatexAcceptsIt() {
        if (QStandardPaths::findExecutable(QStringLiteral("pdflatex")).isEmpty())
            QSKIP("pdflatex is not installed");
        RunStore runs = store();
        ReportChoice choice = choiceOf(keepHostileRuns(runs));
        for (const char* schedule : {"(H16)", "(L16)", "(L4,H8,L4)"})
            choice.runs.push_back(keepRun(runs, schedule, 1));
        const QByteArray found = complaints(m_folder->path(), reportBytes(runs, choice, ReportFormat::Latex));
        QVERIFY2(found.isEmpty(), found.constData());
    }

    void everyLetterOfTheTableAndAMegabyteOfTextCompile() {
        if (QStandardPaths::findExecutable(QStringLiteral("pdflatex")).isEmpty())
            QSKIP("pdflatex is not installed");
        std::string text;
        for (char32_t c = 0x20; c < 0x2300; ++c)
            if (c < 0x80 || latexLetter(c)[0] != '[')
                text += QString::fromUcs4(&c, 1).toStdString() + (c % 40 == 0 ? "\n" : "");
        text += std::string(300'000, 'x');
        while (text.size() < 1'000'000)
            text += "some more of it, ";
        const ReportDocument document{.title = "Letters",
                                      .date = "2026-01-31T12:00:00Z",
                                      .program = "Steploom",
                                      .sections = {{"texts",
                                                    "Texts",
                                                    {ReportTexts{"", {"run"}, {{"sample 0", {text}}}},
                                                     ReportCode{"code", text.substr(0, 5000)}}}}};
        const QByteArray found = complaints(m_folder->path(), latexReport(document));
        QVERIFY2(found.isEmpty(), found.constData());
    }
};

QTEST_GUILESS_MAIN(TestReportLatex)
#include "test_report_latex.moc"
