// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analyse_page.h"
#include "app/pages/chart_switch.h"
#include "app/pages/correlation_plot.h"
#include "app/pages/frontier_card.h"
#include "app/pages/prediction_plot.h"
#include "app/widgets/plot_widget.h"
#include "app/widgets/theme.h"
#include "tests/app/pages/sample_analyses.h"
#include "tests/app/sample_runs.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

template <class Result>
AnalysisRecord<Result> recordOf(const StoredAnalysis& stored) {
    return {stored, stored.result.get<Result>()};
}

constexpr AnalyseChart kCharts[] = {
    AnalyseChart::Quality,  AnalyseChart::Importance,  AnalyseChart::Search,  AnalyseChart::Prediction,
    AnalyseChart::Frontier, AnalyseChart::Correlation, AnalyseChart::Training};

/// The page with one chart shown.
struct Shown {
    Session session;
    AnalysePage page{&session};

    explicit Shown(AnalyseChart chart, const AnalysesByKind& analyses = sampleAnalyses()) {
        page.resize(1200, 800);
        page.showChart(chart);
        page.show();
        page.setAnalyses(analyses);
    }
    const Plot& plot() { return page.card(page.chart())->plot()->plot(); }
    QString text(const char* name) { return page.findChild<QLabel*>(QLatin1String(name))->text(); }
    template <class Widget>
    Widget* find(const char* name) {
        return page.findChild<Widget*>(QLatin1String(name));
    }
    QString emptyText() {
        auto* label = page.card(page.chart())->plot()->findChild<QLabel*>(QStringLiteral("plotEmptyText"));
        return label->isVisible() ? label->text() : QString();
    }
};

} // namespace

class AnalysisChartsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { Theme::instance().apply(*qApp, Theme::Mode::Light); }

    void lightSegmentsAreReadOffASchedule() {
        QCOMPARE(lightSegments(StepSchedule("LLHHHHLLHH"), 5, 'H'), (std::vector<int>{0, 3}));
        QCOMPARE(lightSegments(StepSchedule("HHHHH"), 5, 'H'), std::vector<int>());
        // 16 steps in 6 segments are not all of one length.
        for (const StepSchedule& schedule : segmentSchedules({.steps = 16, .segments = 6, .light = 2}, 99, 1))
            QCOMPARE(lightSegments(schedule, 6, 'H').size(), std::size_t{2});
    }

    void aSearchIsBarsFromTheCheapest() {
        const auto search = recordOf<SearchResult>(sampleSearch());
        const Plot plot = searchBars(search);
        QCOMPARE(plot.bars.size(), std::size_t{10});
        QVERIFY(std::ranges::is_sorted(plot.bars, {}, &PlotBar::value));
        const PlotBar& best = plot.bars.front();
        QCOMPARE(best.schedule, QString::fromStdString(printSchedule(search.result.entries[0].schedule)));
        QCOMPARE(best.id, search.result.entries[0].run);
        QVERIFY(best.interval.low < best.value && best.value < best.interval.high);
        QVERIFY(best.tooltip.contains(QStringLiteral("p = 0.2")));
        double width = 0;
        for (const PlotStripe& stripe : best.stripes)
            width += stripe.share;
        QVERIFY(std::abs(width - 1) < 1e-9);
        QVERIFY(!best.quiet && plot.bars.back().quiet);
        QVERIFY(plot.bars.back().remark.contains(QStringLiteral("dropped after 8")));
    }

    void aSearchOverPairsIsAMapWithItsGaps() {
        auto search = recordOf<SearchResult>(sampleSearch());
        const StepSchedule gone = search.result.entries[3].schedule;
        search.result.entries.erase(search.result.entries.begin() + 3);
        const Plot plot = searchMap(search);
        QCOMPARE(plot.heatMap.size, 5);
        QCOMPARE(plot.heatMap.cells.size(), std::size_t{10});
        for (const PlotCell& cell : plot.heatMap.cells) {
            QVERIFY(cell.column < cell.row);
            const bool missing = lightSegments(gone, 5, 'H') == std::vector{cell.column, cell.row};
            QCOMPARE(std::isnan(cell.value), missing);
            QCOMPARE(cell.id == 0, missing);
        }
        QVERIFY(searchMap(recordOf<SearchResult>(sampleSearch(5, 1))).isEmpty());
    }

    void theFindingSaysWhetherTheBestCanBeToldFromTheBaseline() {
        auto search = recordOf<SearchResult>(sampleSearch());
        QVERIFY2(searchFinding(search).contains(QStringLiteral("includes 0")),
                 qPrintable(searchFinding(search)));
        search.result.entries[0].natsPerToken = around(-0.05, 0.01);
        QVERIFY(searchFinding(search).contains(QStringLiteral("better")));
        for (SearchEntry& entry : search.result.entries)
            entry.natsPerToken = around(0.05, 0.01);
        QVERIFY(searchFinding(search).contains(QStringLiteral("worse")));
        for (SearchEntry& entry : search.result.entries)
            entry.dropped = true;
        QVERIFY(searchFinding(search).isEmpty());
    }

    void importanceBelongsToASearchByModels() {
        const StoredAnalysis search = sampleSearch();
        std::vector<ImportanceRecord> known{recordOf<ImportanceProfile>(sampleImportance("another"))};
        QVERIFY(!importanceFor(search.settings, known));
        StoredAnalysis partial = sampleImportance();
        partial.result["stopped"] = true;
        known.push_back(recordOf<ImportanceProfile>(partial));
        QCOMPARE(importanceFor(search.settings, known), &known[1]);
        known.push_back(recordOf<ImportanceProfile>(sampleImportance())); // older, but whole
        QCOMPARE(importanceFor(search.settings, known), &known[2]);
    }

    void leastSquaresFindsTheLine() {
        const std::vector<QPointF> line = leastSquares({{1, 5}, {2, 8}, {3, 11}});
        QCOMPARE(line.size(), std::size_t{2});
        QCOMPARE(line[0], QPointF(1, 5));
        QCOMPARE(line[1], QPointF(3, 11));
        QVERIFY(leastSquares({{1, 5}}).empty());
        QVERIFY(leastSquares({{1, 5}, {1, 8}}).empty());
    }

    void importanceRunsFromTheStartToTheEnd() {
        const ImportanceProfile profile = sampleImportance().result.get<ImportanceProfile>();
        const Plot entropy = importancePlot(profile, ImportanceMeasure::CrossEntropy);
        QVERIFY(entropy.x.reversed);
        QCOMPARE(entropy.curves.size(), std::size_t{2});
        QCOMPARE(entropy.curves[1].band.size(), std::size_t{20});
        QVERIFY(entropy.curves[1].dashed && !entropy.curves[0].dashed);
        const Plot divergence = importancePlot(profile, ImportanceMeasure::Divergence);
        QCOMPARE(divergence.curves.size(), std::size_t{1}); // the first's from itself is 0
        QCOMPARE(divergence.curves[0].name, QStringLiteral("KL(H‖L)"));
        QVERIFY(divergence.curves[0].tooltip(0).contains(QStringLiteral("n = 256")));
        QVERIFY(importanceFinding(profile).contains(QStringLiteral("t = 0.425")));
    }

    void aFrontierIsASeriesASchedule() {
        const auto frontier = recordOf<Frontier>(sampleFrontier());
        const Plot plot = frontierPlot(frontier, true);
        QVERIFY(plot.y.logarithmic);
        QCOMPARE(plot.curves.size(), std::size_t{3});
        QCOMPARE(plot.points.size(), std::size_t{15});
        QCOMPARE(plot.curves[0].name, QStringLiteral("all heavy"));
        QCOMPARE(plot.points[0].series, plot.curves[0].name);
        QCOMPARE(plot.points[0].label, QStringLiteral("0.7"));
        QVERIFY(plot.points[0].marker != plot.points[5].marker &&
                plot.points[0].color != plot.points[5].color);
        QVERIFY(plot.points[0].hasInterval() && plot.points[0].across.isFinite());
    }

    void anchorsAreLinesWhereTheyFit() {
        Plot plot;
        plot.points = {{1, 40}};
        const PerplexityAnchors anchors = sampleAnchors().result.get<PerplexityAnchors>();
        QVERIFY(addAnchorLines(plot, anchors).contains(QStringLiteral("900")));
        QCOMPARE(plot.anchors.size(), std::size_t{1});
        QCOMPARE(plot.anchors[0].y, 18.0);
        plot.anchors.clear();
        plot.y.logarithmic = true;
        QVERIFY(addAnchorLines(plot, anchors).isEmpty());
        QCOMPARE(plot.anchors.size(), std::size_t{2});
    }

    void theCardsShowTheNewestAndWhatIsChosen() {
        StoredAnalysis wide = sampleSearch(6);
        Shown shown(AnalyseChart::Search, {{kSearchKind, {sampleSearch(), wide}}});
        QCOMPARE(shown.plot().bars.size(), std::size_t{10});
        auto* selector = shown.find<QComboBox>("searchSelector");
        QCOMPARE(selector->count(), 2);
        QVERIFY2(
            selector->itemText(0).startsWith(QStringLiteral("5 segments, 2 light · 32 samples · reader")),
            qPrintable(selector->itemText(0)));
        selector->setCurrentIndex(1);
        QCOMPARE(shown.plot().bars.size(), std::size_t{15});
        shown.find<SegmentedSwitch>("searchLook")->button(1)->click();
        QCOMPARE(shown.plot().heatMap.size, 6);
        // A third one comes: the choice stays.
        shown.page.setAnalyses({{kSearchKind, {sampleSearch(4, 1), sampleSearch(), wide}}});
        QCOMPARE(selector->currentIndex(), 2);
        QCOMPARE(shown.plot().heatMap.size, 6);
        selector->setCurrentIndex(0); // one light segment: no map
        QVERIFY(!shown.find<QWidget>("searchLook")->isVisible());
        QCOMPARE(shown.plot().bars.size(), std::size_t{4});
    }

    void whatIsNotWholeOrDamagedIsSaid() {
        StoredAnalysis damaged = sampleSearch();
        damaged.result.erase("entries");
        Shown shown(AnalyseChart::Search, {{kSearchKind, {damaged, sampleSearch(5, 2, true)}}});
        QCOMPARE(shown.plot().bars.size(), std::size_t{10});
        QVERIFY(shown.text("searchRemarks").contains(QStringLiteral("Not whole yet")));
        QVERIFY(shown.text("searchRemarks").contains(QStringLiteral("1 stored analysis cannot be read")));
    }

    void emptyChartsSayWhatToDo() {
        for (const AnalyseChart chart : kCharts) {
            Shown shown(chart, {});
            QVERIFY2(!shown.emptyText().isEmpty(), qPrintable(QString::number(static_cast<int>(chart))));
            QVERIFY(!shown.find<QPushButton>("copyPng")->isEnabled());
        }
        Shown shown(AnalyseChart::Prediction, {{kSearchKind, {sampleSearch()}}});
        QVERIFY(shown.emptyText().contains(QStringLiteral("No step importance")));
    }

    void predictionAndCorrelationNameTheirFigures() {
        Shown shown(AnalyseChart::Prediction);
        QCOMPARE(shown.plot().points.size(), std::size_t{9}); // the dropped one is left out
        QVERIFY2(shown.text("predictionSubtitle").contains(QStringLiteral("n = 9")),
                 qPrintable(shown.text("predictionSubtitle")));
        QVERIFY(shown.text("predictionRemarks").contains(QStringLiteral("1 schedule was dropped")));
        shown.page.showChart(AnalyseChart::Correlation);
        QCOMPARE(shown.plot().points.size(), std::size_t{7});
        QVERIFY(shown.plot().points[0].across.isFinite());
        QVERIFY(shown.text("correlationSubtitle").contains(QStringLiteral("n = 7")));
        const QString remarks = shown.text("correlationRemarks");
        QVERIFY(remarks.contains(QStringLiteral("−0.966")) &&
                remarks.contains(QStringLiteral("of the paper")));
        QVERIFY(remarks.contains(QStringLiteral("BrierLM of 1 checkpoint is not defined")));
    }

    void theFrontierHasTheAnchorsOfItsEvaluator() {
        Shown shown(AnalyseChart::Frontier);
        QCOMPARE(shown.plot().anchors.size(), std::size_t{1});
        QVERIFY(shown.text("frontierRemarks").contains(QStringLiteral("900")));
        shown.find<QCheckBox>("frontierLog")->click();
        QVERIFY(shown.plot().y.logarithmic);
        QCOMPARE(shown.plot().anchors.size(), std::size_t{2});
        AnalysesByKind others = sampleAnalyses();
        others[kAnchorsKind][0].settings["evaluator_sha256"] = "another";
        shown.page.setAnalyses(others);
        QVERIFY(shown.plot().anchors.empty());
    }

    void qualityHasAnchorsAndCanBeBrierLm() {
        Shown shown(AnalyseChart::Quality);
        std::vector<RunSummary> runs{summaryOf({.id = 2, .perplexity = 30}),
                                     summaryOf({.id = 1, .perplexity = 33})};
        for (RunSummary& run : runs)
            run.measures.push_back({.name = "brier_lm",
                                    .estimate = around(static_cast<double>(3 + run.id), 0.5, 512),
                                    .settings = {{"text", "geese.txt"}, {"draws", run.id}}});
        shown.page.setRuns(runs);
        QCOMPARE(shown.plot().anchors.size(), std::size_t{1});
        QCOMPARE(shown.plot().points[0].schedule, QStringLiteral("(L2,H6,L2)"));
        shown.find<QComboBox>("qualityMeasure")->setCurrentIndex(1);
        QCOMPARE(shown.plot().y.title, QStringLiteral("BrierLM (geese.txt)"));
        QCOMPARE(shown.plot().points.size(), std::size_t{2}); // other draws, the same measure
        QCOMPARE(shown.plot().points[0].y, 5.0);
        QVERIFY(shown.plot().anchors.empty());
        QCOMPARE(shown.plot().line.size(), std::size_t{1}); // higher is better, at equal compute
        QCOMPARE(shown.plot().line[0].y(), 5.0);
    }

    void aBarOpensItsRunAndGivesItsSchedule() {
        Shown shown(AnalyseChart::Search);
        QVERIFY(QTest::qWaitForWindowExposed(&shown.page));
        QSignalSpy opened(&shown.session, &Session::openRunRequested);
        QSignalSpy chosen(&shown.page, &AnalysePage::scheduleChosen);
        PlotWidget* plot = shown.page.card(AnalyseChart::Search)->plot();
        emit plot->pointClicked(shown.plot().bars[0].id);
        QCOMPARE(opened.takeFirst().at(0).toLongLong(), shown.plot().bars[0].id);
        emit plot->scheduleChosen(shown.plot().bars[0].schedule);
        QCOMPARE(chosen.takeFirst().at(0).toString(), shown.plot().bars[0].schedule);
    }

    void actionsStandAtTheHeadOfTheirChart() {
        Shown shown(AnalyseChart::Search, {});
        QVERIFY(!shown.find<QWidget>("searchActions")->isVisible());
        QAction search(QStringLiteral("Search segments…"));
        search.setObjectName(QStringLiteral("searchAction"));
        QSignalSpy triggered(&search, &QAction::triggered);
        shown.page.card(AnalyseChart::Search)->setActions({&search});
        auto* button = shown.find<QAbstractButton>("searchAction:searchAction");
        QVERIFY(button && button->isVisible());
        button->click();
        QCOMPARE(triggered.count(), 1);
        search.setEnabled(false);
        QVERIFY(!button->isEnabled());
        shown.page.card(AnalyseChart::Search)->setActions({});
        QVERIFY(!shown.find<QAbstractButton>("searchAction:searchAction"));
    }

    void theSwitchBecomesABoxWhereThereIsLittleRoom() {
        Shown shown(AnalyseChart::Frontier);
        auto* pills = shown.find<SegmentedSwitch>("analyseSwitch");
        auto* box = shown.find<QComboBox>("analyseBox");
        QVERIFY(pills->isVisible() && !box->isVisible());
        shown.page.resize(640, 600);
        QTRY_VERIFY(box->isVisible() && !pills->isVisible());
        QCOMPARE(box->currentIndex(), static_cast<int>(AnalyseChart::Frontier));
        box->setCurrentIndex(static_cast<int>(AnalyseChart::Search));
        QCOMPARE(shown.page.chart(), AnalyseChart::Search);
    }

    void everyFieldHasAName() {
        Shown shown(AnalyseChart::Quality);
        shown.page.setRuns({summaryOf({})});
        for (const AnalyseChart chart : kCharts) {
            shown.page.showChart(chart);
            for (const QWidget* widget : shown.page.findChildren<QWidget*>()) {
                if (!widget->isVisible() || widget->focusPolicy() == Qt::NoFocus ||
                    qobject_cast<const QScrollBar*>(widget))
                    continue;
                const auto* button = qobject_cast<const QAbstractButton*>(widget);
                QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()),
                         qPrintable(widget->metaObject()->className() + QStringLiteral(" ") +
                                    widget->objectName()));
            }
        }
    }
};

QTEST_MAIN(AnalysisChartsTest)
#include "analysis_charts_test.moc"
