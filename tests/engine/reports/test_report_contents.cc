// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/kinds.h"
#include "engine/analyses/perplexity_anchors.h"
#include "engine/analyses/search_result.h"
#include "engine/reports/axis_ticks.h"
#include "engine/reports/chart_frame.h"
#include "engine/reports/make_report.h"
#include "engine/reports/scatter_chart.h"
#include "engine/runs/known_importance.h"
#include "tests/engine/reports/report_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QXmlStreamReader>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace steploom;
using namespace steploom::testing;

namespace {

const ReportSection* sectionOf(const ReportDocument& document, const std::string& id) {
    const auto found = std::ranges::find(document.sections, id, &ReportSection::id);
    return found == document.sections.end() ? nullptr : &*found;
}

const ReportTable* tableOf(const ReportSection& section, const std::string& caption) {
    for (const ReportBlock& block : section.blocks)
        if (const auto* table = std::get_if<ReportTable>(&block);
            table && table->caption.starts_with(caption))
            return table;
    return nullptr;
}

std::size_t columnOf(const ReportTable& table, const std::string& heading) {
    const auto found = std::ranges::find(table.columns, heading, &ReportTable::Column::heading);
    return static_cast<std::size_t>(found - table.columns.begin());
}

std::vector<ReportFigure> figuresOf(const ReportSection& section) {
    std::vector<ReportFigure> figures;
    for (const ReportBlock& block : section.blocks)
        if (const auto* figure = std::get_if<ReportFigure>(&block))
            figures.push_back(*figure);
    return figures;
}

/// Well-formed, one root, colours by class alone, all within the view box.
void requireDrawing(const ReportFigure& figure) {
    QXmlStreamReader xml(QByteArray::fromStdString(figure.svg));
    int shapes = 0;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        for (const char* name : {"fill", "stroke"}) {
            const auto value = xml.attributes().value(QLatin1String(name));
            QVERIFY2(value.isEmpty() || value == u"currentColor" || value == u"none", figure.svg.c_str());
        }
        for (const char* name : {"x", "x1", "x2", "cx"}) {
            const double x = xml.attributes().value(QLatin1String(name)).toDouble();
            QVERIFY2(x >= -1 && x <= figure.width + 1, figure.svg.c_str());
        }
        ++shapes;
    }
    QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
    QVERIFY(shapes > 2);
    QVERIFY(figure.svg.find("nan") == std::string::npos && figure.svg.find("inf\"") == std::string::npos);
    QVERIFY(!figure.alternative.empty() && figure.width > 0 && figure.height > 0);
}

} // namespace

class TestReportContents : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    RunStore store() const { return RunStore(*m_folder / "runs.sqlite"); }

private slots:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void aChoiceComesBackFromItsJson() {
        ReportChoice choice = choiceOf({3, 1});
        choice.parts = {ReportPart::Charts, ReportPart::Summary};
        const nlohmann::json json = choice;
        QVERIFY(json.get<ReportChoice>() == choice);
        QVERIFY(nlohmann::json::object().get<ReportChoice>() == ReportChoice{});
    }

    void anUnknownPartNamesTheNearest() {
        QCOMPARE(parseReportPart("Samples"), ReportPart::Samples);
        expectError([] { parseReportPart("provenence"); }, ErrorKind::Request,
                    {"\"provenance\" comes nearest"});
        expectError(
            [] {
                nlohmann::json{{"parts", {"sumary"}}}.get<ReportChoice>();
            },
            ErrorKind::Request, {"\"summary\" comes nearest"});
    }

    void aReportWithoutRunsIsRefused() {
        const RunStore runs = store();
        expectError([&] { makeReport(runs, {}); }, ErrorKind::Request, {"no run is chosen"});
        expectError([&] { makeReport(runs, choiceOf({7})); }, ErrorKind::Store, {"7"});
    }

    void theSameChoiceGivesTheSameDocumentWithThePartsAskedFor() {
        RunStore runs = store();
        ReportChoice choice = choiceOf({keepRun(runs, "(H16)", 1), keepRun(runs, "(L4,H8,L4)", 1)});
        choice.parts = {ReportPart::Samples, ReportPart::Summary};
        const ReportDocument document = makeReport(runs, choice);
        QCOMPARE(document.sections.size(), std::size_t{2});
        QCOMPARE(document.sections[0].id, std::string("summary"));
        QCOMPARE(document.sections[1].id, std::string("samples"));
        QCOMPARE(document.date, runs.summary(2).started);
        QCOMPARE(document.title, choice.title);
    }

    void perplexityNeverStandsWithoutEntropy() {
        RunStore runs = store();
        const std::int64_t judged = keepRun(runs, "(H16)", 1);
        Run bare = runs.load(judged);
        std::erase_if(bare.summary.measures, [](const Measure& each) { return each.name == "entropy"; });
        const std::int64_t withoutEntropy = runs.addRuns(std::span(&bare, 1)).front();
        const ReportDocument document = makeReport(runs, choiceOf({withoutEntropy}));
        const ReportTable* table = tableOf(*sectionOf(document, "summary"), "Measures");
        QVERIFY(table);
        const std::size_t perplexity = columnOf(*table, "generative perplexity");
        const std::size_t entropy = columnOf(*table, "entropy, nats");
        QCOMPARE(entropy, perplexity + 1);
        QCOMPARE(table->rows[0][perplexity], std::string("21.00 ± 1.50"));
        QVERIFY2(table->rows[0][entropy].find("±") != std::string::npos, table->rows[0][entropy].c_str());
    }

    void runsThatDifferInTheirSeedAloneHaveAMean() {
        RunStore runs = store();
        const ReportDocument document = makeReport(
            runs, choiceOf({keepRun(runs, "(H16)", 1), keepRun(runs, "(L16)", 1), keepRun(runs, "(H16)", 3),
                            keepRun(runs, "(H16)", 3)})); // made twice: it counts once
        const ReportTable* table = tableOf(*sectionOf(document, "summary"), "Means over runs");
        QVERIFY(table);
        QCOMPARE(table->rows.size(), std::size_t{1});
        QCOMPARE(table->rows[0][columnOf(*table, "seeds")], std::string("1, 3"));
        // 21 and 23: mean 22, and Student's t with one degree of freedom, 12.706.
        QCOMPARE(table->rows[0][columnOf(*table, "generative perplexity")], std::string("22.00 ± 12.71"));
    }

    void differencesArePairedWhereSeedsAreShared() {
        RunStore runs = store();
        const ReportDocument document = makeReport(
            runs,
            choiceOf({keepRun(runs, "(H16)", 1), keepRun(runs, "(L16)", 1), keepRun(runs, "(L16)", 2)}));
        const ReportTable* table = tableOf(*sectionOf(document, "summary"), "Paired differences");
        QVERIFY(table);
        QCOMPARE(table->rows.size(), std::size_t{1}); // the third has another seed
        QVERIFY(table->rows[0][0].starts_with("2 · "));
        QCOMPARE(table->rows[0][columnOf(*table, "pairs")], std::string("5"));
    }

    void withoutSharedSeedsThereAreNoDifferences() {
        RunStore runs = store();
        const ReportDocument document =
            makeReport(runs, choiceOf({keepRun(runs, "(H16)", 1), keepRun(runs, "(L16)", 2)}));
        QVERIFY(!tableOf(*sectionOf(document, "summary"), "Paired differences"));
    }

    void everySavingIsThere() {
        RunStore runs = store();
        const ReportDocument document = makeReport(runs, choiceOf({keepRun(runs, "(L8,H8)", 1)}));
        const ReportTable* table = tableOf(*sectionOf(document, "summary"), "What the runs cost");
        QVERIFY(table);
        for (const char* heading :
             {"saved, blocks only", "saved, nominal", "saved, executed", "FLOPs executed", "time"})
            QVERIFY2(columnOf(*table, heading) < table->columns.size(), heading);
        QCOMPARE(table->rows[0][columnOf(*table, "light steps")], std::string("50.0%"));
        QCOMPARE(table->rows[0][columnOf(*table, "saved, blocks only")], std::string("25.0%"));
    }

    void schedulesAreDrawnOnceEach() {
        RunStore runs = store();
        const ReportDocument document = makeReport(
            runs,
            choiceOf({keepRun(runs, "(H16)", 1), keepRun(runs, "(H16)", 2), keepRun(runs, "(L4,H8,L4)", 1)}));
        const std::vector<ReportFigure> figures = figuresOf(*sectionOf(document, "schedules"));
        QCOMPARE(figures.size(), std::size_t{1});
        requireDrawing(figures[0]);
        QVERIFY(figures[0].svg.find("1, 2 · all heavy") != std::string::npos);
        QVERIFY(figures[0].alternative.find("(L4,H8,L4)") != std::string::npos);
    }

    void chartsShowQualityWithIntervalsAndEntropy() {
        RunStore runs = store();
        std::vector<std::int64_t> ids;
        for (const char* schedule : {"(H16)", "(L16)", "(L4,H8,L4)"})
            for (const std::uint64_t seed : {1, 2})
                ids.push_back(keepRun(runs, schedule, seed));
        const ReportDocument document = makeReport(runs, choiceOf(ids));
        const std::vector<ReportFigure> figures = figuresOf(*sectionOf(document, "charts"));
        QCOMPARE(figures.size(), std::size_t{2});
        for (const ReportFigure& figure : figures)
            requireDrawing(figure);
        QVERIFY(figures[0].svg.find("all heavy (2 seeds)") != std::string::npos);
        for (const char* colour : {"member-0", "member-1", "member-2"})
            QVERIFY(figures[0].svg.find(colour) != std::string::npos);
    }

    void theEvaluatorsAnchorsAreSaidBesideTheCharts() {
        RunStore runs = store();
        const std::int64_t id = keepRun(runs, "(H16)", 1);
        PerplexityAnchors anchors{.evaluator = "reader", .text = "novels", .length = 64};
        anchors.real = {{23.5, 22.5, 24.5, 9}, {4.5, 4.4, 4.6, 9}};
        anchors.shuffled = {{900, 890, 910, 9}, {4.5, 4.4, 4.6, 9}};
        runs.keepAnalysis(
            {.kind = kAnchorsKind, .settings = {{"evaluator_sha256", "another"}}, .result = anchors});
        const auto said = [&] {
            const ReportDocument document = makeReport(runs, choiceOf({id}));
            return std::get<ReportParagraph>(sectionOf(document, "charts")->blocks.back()).text;
        };
        QVERIFY(said().find("23.50") == std::string::npos);
        runs.keepAnalysis(
            {.kind = kAnchorsKind, .settings = {{"evaluator_sha256", "reader-sha"}}, .result = anchors});
        QVERIFY2(said().find("perplexity 23.50 ± 1.00") != std::string::npos, said().c_str());
    }

    void runsThatNobodyJudgedSaySoInALine() {
        RunStore runs = store();
        const ReportDocument document = makeReport(runs, choiceOf({keepRun(runs, "(H16)", 1, false)}));
        const ReportSection* charts = sectionOf(document, "charts");
        QVERIFY(charts);
        QCOMPARE(charts->blocks.size(), std::size_t{1});
        QVERIFY(std::holds_alternative<ReportParagraph>(charts->blocks[0]));
        for (const char* id : {"importance", "search"})
            QCOMPARE(sectionOf(document, id)->blocks.size(), std::size_t{1});
    }

    void analysesOfTheRunsModelsAreShownAndThoseOfOthersNot() {
        RunStore runs = store();
        const std::int64_t id = keepRun(runs, "(H16)", 1);
        nlohmann::json models = nlohmann::json::array();
        for (const PoolMemberSpec& member : runs.summary(id).request.pool)
            models.push_back(
                {{"letter", std::string(1, member.letter)}, {"sha256", member.sha256}, {"precision", "f32"}});
        ImportanceProfile profile{.times = {0.9, 0.5, 0.1}, .windows = 8};
        for (const char letter : {'H', 'L'})
            profile.members.push_back({letter,
                                       std::vector<Estimate>(3, {2, 1.5, 2.5, 8}),
                                       {{0.1, 0.05, 0.15, 8}, {0.4, 0.3, 0.5, 8}, {0.2, 0.1, 0.3, 8}}});
        keepImportance(runs, {{"members", models}, {"length", 24}}, profile, 1);
        keepImportance(runs, {{"members", {{{"letter", "H"}}}}, {"length", 24}}, profile, 1);
        SearchResult result{.baseline = id};
        for (int i = 0; i < 30; ++i)
            result.entries.push_back(
                {.schedule = parseSchedule("(L8,H8)"), .natsPerToken = {0.01 * i, 0.0, 0.02 * i, 5}});
        runs.keepAnalysis({.kind = kSearchKind,
                           .settings = {{"models", models}, {"segments", 4}, {"light", 2}},
                           .result = result});
        const ReportDocument document = makeReport(runs, choiceOf({id}));
        const std::vector<ReportFigure> importance = figuresOf(*sectionOf(document, "importance"));
        QCOMPARE(importance.size(), std::size_t{1});
        requireDrawing(importance[0]);
        const std::vector<ReportFigure> search = figuresOf(*sectionOf(document, "search"));
        QCOMPARE(search.size(), std::size_t{1});
        requireDrawing(search[0]);
        QVERIFY(search[0].caption.find("the best 24 of 30") != std::string::npos);
    }

    void samplesStandSideBySideAndMissingOnesAreEmpty() {
        RunStore runs = store();
        const std::int64_t whole = keepRun(runs, "(H16)", 1);
        Run cut = runs.load(whole);
        cut.samples.erase(cut.samples.begin());
        cut.summary.state = RunState::Stopped;
        const std::int64_t stopped = runs.addRuns(std::span(&cut, 1)).front();
        ReportChoice choice = choiceOf({whole, stopped});
        choice.samples = 2;
        const ReportDocument document = makeReport(runs, choice);
        for (const ReportBlock& block : sectionOf(document, "samples")->blocks)
            if (const auto* texts = std::get_if<ReportTexts>(&block)) {
                QCOMPARE(texts->rows.size(), std::size_t{2});
                QCOMPARE(texts->rows[0].texts.size(), std::size_t{2});
                QVERIFY(!texts->rows[0].texts[0].empty() && texts->rows[0].texts[1].empty());
                QCOMPARE(texts->rows[1].texts[0], texts->rows[1].texts[1]);
                return;
            }
        QFAIL("no texts");
    }

    void provenanceSaysHowToMakeEachRunAgain() {
        RunStore runs = store();
        const std::int64_t id = keepRun(runs, "(L4,H8,L4)", 42);
        runs.setNote(id, "my note");
        const ReportDocument document = makeReport(runs, choiceOf({id}));
        const ReportSection* section = sectionOf(document, "provenance");
        QCOMPARE(tableOf(*section, "Checkpoints")->rows.size(), std::size_t{2});
        QCOMPARE(tableOf(*section, "Checkpoints")->rows[1].back(), std::string("light-sha"));
        const auto* code = std::get_if<ReportCode>(&section->blocks.back());
        QVERIFY(code);
        for (const char* part : {"--schedule '(L4,H8,L4)'", "--seed 42", "steploom-cli generate"})
            QVERIFY2(code->text.find(part) != std::string::npos, code->text.c_str());
    }

    void whatAllRunsShareIsSaidOnce() {
        RunStore runs = store();
        const ReportDocument document =
            makeReport(runs, choiceOf({keepRun(runs, "(H16)", 1), keepRun(runs, "(L16)", 1)}));
        const ReportTable* table = tableOf(*sectionOf(document, "configuration"), "What differs");
        QCOMPARE(table->columns.size(), std::size_t{2});
        QCOMPARE(table->columns[1].heading, std::string("schedule"));
    }

    void namesInAChartNeitherOverlapNorLeaveIt() {
        std::vector<NamedPoint> points;
        for (int i = 0; i < 12; ++i) {
            const DrawnPoint at{100 + 9.0 * i, 100 + 4.0 * (i % 3)};
            points.push_back({at, "12 · sandwich 25%", {at.x - 4, at.y - 4, 8, 8}});
        }
        const DrawnBox bounds{60, 10, 400, 200};
        const std::vector<DrawnBox> places = placeNames(points, bounds, {});
        int placed = 0;
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (places[i].width == 0)
                continue;
            ++placed;
            QVERIFY(bounds.holds(places[i]));
            for (std::size_t j = 0; j < places.size(); ++j)
                QVERIFY(j == i || places[j].width == 0 || !places[i].meets(places[j]));
        }
        QVERIFY(placed >= 2);
    }

    void anAxisOfMoreThanADecadeIsLogarithmic() {
        ChartRange narrow, wide;
        for (const double value : {20.0, 45.0})
            narrow.add(value);
        for (const double value : {2.0, 450.0})
            wide.add(value);
        QVERIFY(!axisOf(narrow, "", 5).logarithmic);
        QVERIFY(axisOf(wide, "", 5).logarithmic);
        ChartRange below;
        for (const double value : {-5.0, -3.0})
            below.add(value);
        QCOMPARE(below.high(), -3.0);
    }

    void anIntervalOfTwoSamplesDoesNotSqueezeTheOthersTogether() {
        ChartRange range;
        for (const Estimate& each :
             {Estimate{30, 28, 32, 16}, Estimate{34, 31, 37, 16}, Estimate{33, 0.1, 9000, 2}})
            range.add(each);
        QCOMPARE(range.high(), 34.0);
        QVERIFY(range.withEnds().high() > 37 && range.withEnds().high() < 60);
        ChartRange usual;
        for (const Estimate& each : {Estimate{30.1, 29, 31.2, 16}, Estimate{30.2, 29, 31.4, 16}})
            usual.add(each);
        QCOMPARE(usual.withEnds().low(), 29.0);
        QCOMPARE(usual.withEnds().high(), 31.4);
    }

    void aPointOfOneSampleIsDrawnWithoutItsInfiniteInterval() {
        const double infinity = std::numeric_limits<double>::infinity();
        const ScatterPoint point{.name = "only", .x = {2, 2, 2, 1}, .y = {30, -infinity, infinity, 1}};
        ReportFigure figure = drawScatter({"x", "y", std::span(&point, 1), {}, true});
        figure.alternative = "a point";
        requireDrawing(figure);
        QVERIFY(figure.svg.find("<circle") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestReportContents)
#include "test_report_contents.moc"
