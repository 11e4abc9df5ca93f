// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <memory>

using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliReportTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<TinyPool> m_pool;

    QString path(const std::string& name) const { return text(*m_folder / name); }
    std::string written(const std::string& name) const { return readText(*m_folder / name); }
    CliResult report(const QString& out, const QStringList& more = {}) const {
        return runCli(
            QStringList{u"report"_s, u"--store"_s, path("runs.sqlite"), u"--out"_s, out, u"--json"_s} + more);
    }

private slots:
    /// Two judged runs, which no test changes.
    void initTestCase() {
        m_folder = std::make_unique<TemporaryFolder>();
        m_pool = std::make_unique<TinyPool>(m_folder->path() / "models");
        for (const QString& schedule : {u"all heavy"_s, u"sandwich:0.5"_s}) {
            const CliResult made =
                runCli(QStringList{u"generate"_s} + m_pool->models() +
                       QStringList{u"--schedule"_s, schedule, u"--steps"_s, u"8"_s, u"--samples"_s, u"3"_s,
                                   u"--no-timing"_s, u"--threads"_s, u"1"_s, u"--store"_s,
                                   path("runs.sqlite"), u"--evaluator"_s, text(m_pool->reader)});
            QVERIFY2(made.exitCode == 0, made.errors.constData());
        }
    }

    void theEndingOfTheFileSaysTheFormat_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("format");
        QTest::addColumn<QByteArray>("begin");
        QTest::newRow("html") << u"a.html"_s << u"html"_s << QByteArray("<!DOCTYPE html>");
        QTest::newRow("pdf") << u"a.pdf"_s << u"pdf"_s << QByteArray("%PDF-");
        QTest::newRow("csv") << u"a.csv"_s << u"csv"_s << QByteArray("run,started,");
        QTest::newRow("latex") << u"a.tex"_s << u"latex"_s << QByteArray("\\documentclass");
        QTest::newRow("json") << u"a.json"_s << u"json"_s << QByteArray("{\n");
        QTest::newRow("markdown") << u"a.md"_s << u"markdown"_s << QByteArray("# My title\n");
    }

    void theEndingOfTheFileSaysTheFormat() {
        QFETCH(QString, name);
        QFETCH(QString, format);
        QFETCH(QByteArray, begin);
        const QStringList more{u"--title"_s, u"My title"_s,  u"--author"_s,
                               u"Me"_s,      u"--remarks"_s, u"None."_s};
        const CliResult result = report(path(name.toStdString()), more);
        QVERIFY2(result.exitCode == 0, (result.output + result.errors).constData());
        QCOMPARE(result.json()["format"].get<std::string>(), format.toStdString());
        const std::string first = written(name.toStdString());
        QVERIFY2(first.starts_with(begin.toStdString()), first.substr(0, 80).c_str());
        // The same bytes, asked for by name.
        QCOMPARE(report(path("again"), more + QStringList{u"--format"_s, format}).exitCode, 0);
        QVERIFY(written("again") == first);
    }

    void onlyTheSectionsAndRunsAskedForAreThere() {
        const CliResult result =
            report(path("part.html"), {u"--sections"_s, u"samples,provenance"_s, u"--runs"_s, u"2"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const std::string page = written("part.html");
        QVERIFY(page.find("id=\"samples\"") != std::string::npos);
        QVERIFY(page.find("id=\"summary\"") == std::string::npos);
        QVERIFY(page.find("2 · sandwich 50%") != std::string::npos);
        QVERIFY(page.find("1 · all heavy") == std::string::npos);
    }

    void runsAreChosenByAQueryToo() {
        const CliResult result =
            report(path("query.csv"), {u"--format"_s, u"csv-wide"_s, u"--query"_s, u"light>0.1"_s});
        QVERIFY2(result.exitCode == 0, (result.output + result.errors).constData());
        QCOMPARE(result.json()["runs"].dump(), std::string("[2]"));
        const CliResult none = report(path("none.csv"), {u"--query"_s, u"light>0.9"_s});
        QCOMPARE(none.exitCode, 1);
        QVERIFY(none.errors.contains("light>0.9"));
        QVERIFY(!std::filesystem::exists(*m_folder / "none.csv"));
    }

    void whatIsUnknownIsRefusedWithWhatThereIs() {
        const CliResult section = report(path("x.html"), {u"--sections"_s, u"sumary"_s});
        QCOMPARE(section.exitCode, 2);
        QVERIFY2(section.errors.contains("\"summary\" comes nearest"), section.errors.constData());
        const CliResult format = report(path("x.html"), {u"--format"_s, u"docx"_s});
        QCOMPARE(format.exitCode, 2);
        QVERIFY(format.errors.contains("markdown"));
        const CliResult ending = report(path("x.docx"));
        QCOMPARE(ending.exitCode, 2);
        QVERIFY2(ending.errors.contains("--format"), ending.errors.constData());
        QVERIFY(!std::filesystem::exists(*m_folder / "x.html"));
    }

    void aColleagueImportsAReportAndRerunsASample() {
        QCOMPARE(report(path("sent.html")).exitCode, 0);
        const auto import = [&] {
            return runCli({u"runs"_s, u"import"_s, path("sent.html"), u"--store"_s, path("theirs.sqlite"),
                           u"--json"_s});
        };
        const CliResult first = import();
        QVERIFY2(first.exitCode == 0, (first.output + first.errors).constData());
        QCOMPARE(first.json()["added"].get<int>(), 2);
        QCOMPARE(import().json()["known"].get<int>(), 2);
        const CliResult verified = runCli({u"runs"_s, u"verify"_s, u"--store"_s, path("theirs.sqlite"),
                                           u"--threads"_s, u"1"_s, u"--samples"_s, u"3"_s, u"--json"_s});
        QVERIFY2(verified.exitCode == 0, (verified.output + verified.errors).constData());
        QCOMPARE(verified.json()["identical"].get<int>(), 2);
    }

    void aFileThatIsNoReportIsNotImported() {
        writeText(*m_folder / "page.html", "<html><body>hello</body></html>");
        const CliResult result = runCli(
            {u"runs"_s, u"import"_s, path("page.html"), u"--store"_s, path("none.sqlite"), u"--json"_s});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.errors.contains("holds no runs"), result.errors.constData());
    }
};

QTEST_GUILESS_MAIN(CliReportTest)
#include "cli_report_test.moc"
