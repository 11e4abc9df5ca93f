// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/run_identity.h"
#include "engine/reports/html_report.h"
#include "engine/reports/import_report.h"
#include "engine/reports/write_report.h"
#include "engine/runs/run_json.h"
#include "engine/runs/trace_blob.h"
#include "tests/engine/reports/report_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <functional>

using namespace steploom;
using namespace steploom::testing;
using Outcome = ImportedRun::Outcome;

class TestReportImport : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::filesystem::path file(const char* name) const { return *m_folder / name; }
    RunStore here() const { return RunStore(*m_folder / "here.sqlite"); }
    RunStore there() const { return RunStore(*m_folder / "there.sqlite"); }

    /// A report in JSON whose document was changed.
    void writeChanged(const std::string& report, const std::function<void(nlohmann::json&)>& change) const {
        nlohmann::json json = nlohmann::json::parse(report);
        change(json);
        writeText(file("report.json"), json.dump());
    }

private slots:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void aReportBringsItsRunsToTheLastBit_data() {
        QTest::addColumn<int>("format");
        QTest::newRow("html") << static_cast<int>(ReportFormat::Html);
        QTest::newRow("json") << static_cast<int>(ReportFormat::Json);
    }

    void aReportBringsItsRunsToTheLastBit() {
        QFETCH(int, format);
        RunStore from = here();
        std::vector<std::int64_t> ids = keepHostileRuns(from);
        ids.insert(ids.begin(), keepRun(from, "(L4,H8,L4)", 9));
        ReportChoice choice = choiceOf(ids);
        choice.parts = {ReportPart::Summary}; // what is shown does not decide what travels
        writeText(file("report"), reportBytes(from, choice, static_cast<ReportFormat>(format)));
        RunStore to = there();
        keepRun(to, "(H16)", 1); // the ids are others there
        const ImportReport report = importReport(to, file("report"));
        QCOMPARE(report.count(Outcome::Added), static_cast<int>(ids.size()));
        for (const std::int64_t id : ids) {
            const Run original = from.load(id);
            const std::string identity = runIdentity(original);
            const auto found = std::ranges::find(report.runs, identity, &ImportedRun::identity);
            QVERIFY(found != report.runs.end());
            const Run copy = to.load(found->id);
            QCOMPARE(runIdentity(copy), identity);
            QVERIFY(copy.summary.request == original.summary.request);
            QVERIFY(copy.summary.measures == original.summary.measures);
            QCOMPARE(copy.summary.note, original.summary.note);
            QCOMPARE(jsonText(copy.provenance), jsonText(original.provenance));
            for (std::size_t i = 0; i < copy.samples.size(); ++i) {
                QVERIFY(traceToBlob(copy.samples[i].trace) == traceToBlob(original.samples[i].trace));
                QVERIFY(copy.samples[i].score == original.samples[i].score);
                QCOMPARE(copy.samples[i].text.size() > 0, original.samples[i].text.size() > 0);
            }
        }
        QCOMPARE(importReport(to, file("report")).count(Outcome::Known), static_cast<int>(ids.size()));
        QCOMPARE(importReport(from, file("report")).count(Outcome::Known), static_cast<int>(ids.size()));
    }

    void textsComeBackVerbatim() {
        RunStore from = here();
        const std::int64_t id =
            keepWithTexts(from, keepRun(from, "(H16)", 1),
                          {"</script><script>\u2028alert(1)]]>", "a\x1B\x01 \u202E \"\\u003c\" <&>"}, "<!--");
        writeText(file("report.html"), reportBytes(from, choiceOf({id}), ReportFormat::Html));
        RunStore to = there();
        const Run copy = to.load(importReport(to, file("report.html")).runs.at(0).id);
        QCOMPARE(copy.samples[0].text, from.load(id).samples[0].text);
        QCOMPARE(copy.samples[1].text, from.load(id).samples[1].text);
        QCOMPARE(copy.summary.note, std::string("<!--"));
    }

    void anImportedRunCanBeRerunToTheSameBytes() {
        RunStore from = here();
        const std::int64_t id = keepRun(from, "(L4,H8,L4)", 5);
        writeText(file("report.html"), reportBytes(from, choiceOf({id}), ReportFormat::Html));
        RunStore to = there();
        const Run copy = to.load(importReport(to, file("report.html")).runs.at(0).id);
        ModelPool pool = makeFakePool();
        RunObserver observer;
        const Run again =
            runGeneration(copy.summary.request, {.pool = &pool, .store = &to, .threads = 1}, observer, {});
        for (std::size_t i = 0; i < copy.samples.size(); ++i)
            QVERIFY(traceToBlob(again.samples[i].trace) == traceToBlob(copy.samples[i].trace));
    }

    void aKnownRunTakesWhatItLacks() {
        RunStore from = here();
        const std::int64_t id = keepRun(from, "(H16)", 1, false);
        writeText(file("first.json"), reportBytes(from, choiceOf({id}), ReportFormat::Json));
        RunStore to = there();
        importReport(to, file("first.json"));
        to.setNote(1, "mine");
        from.setNote(id, "theirs");
        from.addMeasure(id, {.name = "brier_2", .estimate = {0.5, 0.4, 0.6, 5}});
        writeText(file("second.html"), reportBytes(from, choiceOf({id}), ReportFormat::Html));
        const ImportReport report = importReport(to, file("second.html"));
        QCOMPARE(report.count(Outcome::Completed), 1);
        QCOMPARE(report.runs[0].measures, std::vector<std::string>{"brier_2"});
        QCOMPARE(to.summary(1).note, std::string("mine"));
    }

    void aBranchFindsItsParentWhateverTheOrderOfTheReport() {
        RunStore from = here();
        const std::int64_t parent = keepRun(from, "(H16)", 1);
        const Run made = from.load(parent);
        Run child = made;
        child.summary.request.branch = branchFrom(made.summary.request, parent, made.samples[1].trace, 26, 6);
        const std::int64_t id = from.addRuns(std::span(&child, 1)).front();
        writeText(file("report.json"), reportBytes(from, choiceOf({id, parent}), ReportFormat::Json));
        RunStore to = there();
        keepRun(to, "(L16)", 3);
        const ImportReport report = importReport(to, file("report.json"));
        QCOMPARE(report.runs.size(), std::size_t{2});
        for (const ImportedRun& each : report.runs)
            if (const auto branch = to.summary(each.id).request.branch) {
                QVERIFY(!each.parentUnknown);
                QCOMPARE(runIdentity(to.load(branch->parent)), runIdentity(made));
            }
    }

    void aHostileOrDamagedFileChangesNothing_data() {
        QTest::addColumn<QString>("fault");
        for (const char* fault :
             {"trace changed", "trace no base64", "trace no text", "trace missing", "traces no list",
              "seed changed", "identity other", "run twice", "newer format", "no format", "runs no list",
              "sample beyond", "length huge", "runs missing"})
            QTest::newRow(fault) << QString(fault);
    }

    void aHostileOrDamagedFileChangesNothing() {
        QFETCH(QString, fault);
        RunStore from = here();
        const std::string report = reportBytes(
            from, choiceOf({keepRun(from, "(L4,H8,L4)", 1), keepRun(from, "(H16)", 2)}), ReportFormat::Json);
        writeChanged(report, [&](nlohmann::json& json) {
            nlohmann::json& run = json["runs"][1]; // the first one is whole, and must not be added either
            if (fault == u"trace changed") {
                std::string text = run["traces"][0];
                text[20] = text[20] == 'A' ? 'B' : 'A';
                run["traces"][0] = text;
            } else if (fault == u"trace no base64") {
                run["traces"][0] = "***";
            } else if (fault == u"trace no text") {
                run["traces"][0] = 5;
            } else if (fault == u"trace missing") {
                run["traces"].erase(0);
            } else if (fault == u"traces no list") {
                run["traces"] = "AAAA";
            } else if (fault == u"seed changed") {
                run["request"]["seed"] = 77;
            } else if (fault == u"identity other") {
                run["identity"] = json["runs"][0]["identity"];
            } else if (fault == u"run twice") {
                json["runs"].push_back(run);
            } else if (fault == u"newer format") {
                json["steploom_report"] = 99;
            } else if (fault == u"no format") {
                json.erase("steploom_report");
            } else if (fault == u"runs no list") {
                json["runs"] = 3;
            } else if (fault == u"sample beyond") {
                run["samples"][0]["index"] = 500;
            } else if (fault == u"length huge") {
                run["request"]["length"] = 2'000'000'000;
            } else if (fault == u"runs missing") {
                json.erase("runs");
            }
        });
        RunStore to = there();
        expectError([&] { importReport(to, file("report.json")); }, ErrorKind::File, {"report.json"});
        QCOMPARE(to.count(), 0);
    }

    void whatIsNoReportIsRefused_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("another page") << QByteArray("<html><script>let a = 1;</script></html>");
        QTest::newRow("cut off") << QByteArray(kRunsInHtmlBegin.data()) + "{\"steploom_report\":1,";
        QTest::newRow("no JSON") << QByteArray("{]");
        QTest::newRow("other JSON") << QByteArray("{\"a\": 1}");
        QTest::newRow("a list") << QByteArray(kRunsInHtmlBegin.data()) + "[1]</script>";
        QTest::newRow("deep") << QByteArray("{\"steploom_report\":") + QByteArray(100'000, '[');
        QTest::newRow("twice") << QByteArray("{\"steploom_report\":1,\"runs\":[],\"runs\":[]}");
        QTest::newRow("binary") << QByteArray("\x7F\x45\x4C\x46\0\0\xFF", 7);
    }

    void whatIsNoReportIsRefused() {
        QFETCH(QByteArray, content);
        writeText(file("report.html"), content.toStdString());
        RunStore to = there();
        expectError([&] { importReport(to, file("report.html")); }, ErrorKind::File,
                    {"cannot import the report"});
        QCOMPARE(to.count(), 0);
    }
};

QTEST_GUILESS_MAIN(TestReportImport)
#include "test_report_import.moc"
