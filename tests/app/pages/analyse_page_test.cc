// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analyse_page.h"
#include "app/pages/quality_points.h"
#include "app/widgets/plot_widget.h"
#include "app/widgets/theme.h"
#include "tests/app/sample_runs.h"
#include "tests/engine/runs/sample_trainings.h"

#include <QAbstractScrollArea>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <map>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Three runs judged by reader, one by another evaluator, one by nobody; one still running.
std::vector<RunSummary> mixedRuns() {
    std::vector<RunSummary> runs{summaryOf({.id = 6, .perplexity = 0}),
                                 summaryOf({.id = 5, .letters = "HHHHHHHHHH", .saved = 0, .perplexity = 30}),
                                 summaryOf({.id = 4, .perplexity = 33}),
                                 summaryOf({.id = 3, .letters = "HHHLLLLHHH", .perplexity = 36}),
                                 summaryOf({.id = 2, .perplexity = 80, .evaluator = "gpt2"}),
                                 summaryOf({.id = 1, .perplexity = 0})};
    runs[0].state = RunState::Running;
    return runs;
}

/// Trainings as a store would give them, and how often one was read.
struct TrainingStore {
    std::map<qint64, TrainingRun> trainings;
    int reads = 0;

    TrainingRun& add(qint64 id, const std::string& name, int steps) {
        TrainingRun& run = trainings[id] = makeTraining(name);
        run.summary.id = id;
        run.summary.name = name;
        run.points = makeCurve(steps);
        if (!run.points.empty()) {
            run.summary.last = run.points.back();
            run.summary.lastValidation = run.points.back().validation;
        }
        return run;
    }
    /// Newest first.
    std::vector<TrainingSummary> list() const {
        std::vector<TrainingSummary> summaries;
        for (const auto& [id, run] : trainings)
            summaries.insert(summaries.begin(), run.summary);
        return summaries;
    }
    TrainingCard::Reader reader() {
        return [this](qint64 id) {
            ++reads;
            return std::optional(trainings.at(id));
        };
    }
};

QualityChoice byReader(std::span<const RunSummary> runs) { return {.judge = judgesOf(runs).front().key}; }

} // namespace

class AnalysePageTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { Theme::instance().apply(*qApp, Theme::Mode::Light); }

    void aChartOfTheNewestRunsSaysOfHowMany() {
        Session session;
        AnalysePage page(&session);
        page.setRuns(mixedRuns(), 100'000);
        const auto* subtitle = page.findChild<QLabel*>(QStringLiteral("qualitySubtitle"));
        QVERIFY(subtitle);
        QVERIFY2(subtitle->text().startsWith(QStringLiteral("newest 6 of 100,000 runs")),
                 qPrintable(subtitle->text()));
        page.setRuns(mixedRuns(), 6);
        QVERIFY(!subtitle->text().contains(QStringLiteral("newest")));
    }

    void evaluatorsAreNeverMixed() {
        const auto runs = mixedRuns();
        const auto judges = judgesOf(runs);
        QCOMPARE(judges.size(), std::size_t{2});
        QCOMPARE(judges[0].name, QStringLiteral("reader"));
        QCOMPARE(judges[0].runs, 3);
        const QualityPlot quality = qualityPlot(runs, byReader(runs));
        QCOMPARE(quality.plot.points.size(), std::size_t{3});
        QCOMPARE(quality.otherJudges, 1);
        QCOMPARE(quality.unmeasured, 1); // the running one is not counted
    }

    void oneEvaluatorAtTwoContextsIsTwoJudges() {
        auto runs = mixedRuns();
        runs[2].measures[0].settings["context"] = 512;
        const auto judges = judgesOf(runs);
        QCOMPARE(judges.size(), std::size_t{3});
        QVERIFY(judges[0].name != judges[2].name && judges[0].name != judges[1].name);
    }

    void pointsCarryIntervalEntropyAndLabel() {
        const auto runs = mixedRuns();
        const PlotPoint& point = qualityPlot(runs, byReader(runs)).plot.points[1];
        QCOMPARE(point.id, 4);
        QCOMPARE(point.x, 2e9 * 0.8);
        QCOMPARE(point.low, 32.0);
        QCOMPARE(point.high, 34.0);
        QCOMPARE(point.label, QStringLiteral("sandwich"));
        for (const char* part :
             {"(L2,H6,L2)", "perplexity 33.0 ± 1.0 (n = 16)", "entropy 4.600 ± 0.050 nats (n = 16)"})
            QVERIFY2(point.tooltip.contains(QString::fromUtf8(part)), qPrintable(point.tooltip));
    }

    void theParetoLineKeepsWhatNothingBeats() {
        const std::vector<QPointF> points{{1, 40}, {2, 35}, {2, 38}, {3, 36}, {4, 30}};
        QCOMPARE(paretoLine(points, false), (std::vector<QPointF>{{1, 40}, {2, 35}, {4, 30}}));
        QCOMPARE(paretoLine(points, true), (std::vector<QPointF>{{4, 30}}));
    }

    void repeatsBecomeOnePointWithAnIntervalOverRuns() {
        std::vector<RunSummary> runs{summaryOf({.id = 3, .perplexity = 30, .seed = 3}),
                                     summaryOf({.id = 2, .perplexity = 32, .seed = 2}),
                                     summaryOf({.id = 1, .perplexity = 34, .seed = 1}),
                                     summaryOf({.id = 9, .letters = "HHHHHHHHHH", .perplexity = 29})};
        QualityChoice choice = byReader(runs);
        choice.groupBySchedule = true;
        const QualityPlot quality = qualityPlot(runs, choice);
        QCOMPARE(quality.plot.points.size(), std::size_t{2});
        QCOMPARE(quality.plot.points[0].y, 32.0);
        QCOMPARE(quality.plot.points[0].id, 3);
        // Student's t with two degrees of freedom: 4.303 · 2/√3.
        QVERIFY(std::abs(quality.plot.points[0].high - 36.97) < 0.01);
        runs.push_back(summaryOf({.id = 10, .perplexity = 30, .seed = 3})); // the same samples again
        QCOMPARE(qualityPlot(runs, choice).plot.points[0].y, 32.0);
        runs[1].request.remasking.kind = Remask::Cap; // no longer a repeat
        QCOMPARE(qualityPlot(runs, choice).plot.points.size(), std::size_t{3});
    }

    void computeOfSeveralKindsIsOnALogarithmicAxis() {
        std::vector<RunSummary> runs = mixedRuns();
        const QualityChoice choice = byReader(runs);
        QVERIFY(!qualityPlot(runs, choice).plot.x.logarithmic);
        runs[1].executedFlops *= 100;
        QVERIFY(qualityPlot(runs, choice).plot.x.logarithmic);
    }

    void thePageSwitchesAxisAndEvaluatorAndCountsTheRest() {
        Session session;
        AnalysePage page(&session);
        page.resize(1000, 700);
        page.show();
        page.setRuns(mixedRuns());
        const auto* remarks = page.findChild<QLabel*>(QStringLiteral("qualityRemarks"));
        QCOMPARE(remarks->text(),
                 QStringLiteral("1 run has no perplexity. 1 run was judged by another evaluator."));
        auto* axis = page.findChild<QComboBox*>(QStringLiteral("qualityAxis"));
        axis->setCurrentIndex(1);
        QCOMPARE(page.plot()->plot().x.quantity, PlotQuantity::Share);
        QCOMPARE(page.plot()->plot().points[1].x, 0.2);
        auto* judge = page.findChild<QComboBox*>(QStringLiteral("qualityJudge"));
        judge->setCurrentIndex(1);
        QCOMPARE(page.plot()->plot().points.size(), std::size_t{1});
        QVERIFY(page.plot()->plot().y.title.contains(QStringLiteral("gpt2")));
        page.setRuns(mixedRuns()); // a refresh keeps the choice
        QCOMPARE(judge->currentIndex(), 1);
        page.findChild<QCheckBox*>(QStringLiteral("qualityLog"))->setChecked(true);
        QVERIFY(page.plot()->plot().y.logarithmic);
    }

    void aClickOnAPointOpensTheRun() {
        Session session;
        AnalysePage page(&session);
        page.resize(1000, 700);
        page.setRuns(mixedRuns());
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        QSignalSpy opened(&session, &Session::openRunRequested);
        PlotWidget* plot = page.plot();
        QWidget* viewport = plot->findChild<QAbstractScrollArea*>(QStringLiteral("plotView"))->viewport();
        QTest::mouseClick(viewport, Qt::LeftButton, {},
                          viewport->mapFrom(plot, plot->positionOf(3).toPoint()));
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened[0][0].toLongLong(), 3);
    }

    void trainingsAreDrawnOverWhatIsChosen() {
        Session session;
        AnalysePage page(&session);
        page.resize(1200, 800);
        page.show();
        TrainingStore store;
        store.add(1, "light", 400);
        store.add(2, "reader", 200).summary.validation = "cross-entropy";
        page.setTrainings(store.list(), store.reader());
        QCOMPARE(store.reads, 0); // nobody looks
        page.showChart(AnalyseChart::Training);
        const Plot& plot = page.training()->plot()->plot();
        QCOMPARE(plot.curves.size(), std::size_t{4});
        QStringList names;
        for (const PlotCurve& curve : plot.curves)
            names += curve.name;
        QCOMPARE(names,
                 (QStringList{QStringLiteral("reader, loss"), QStringLiteral("light, loss"),
                              QStringLiteral("reader, cross-entropy"), QStringLiteral("light, NELBO")}));
        QCOMPARE(plot.curves[1].values.size(), std::size_t{40});
        QCOMPARE(plot.curves[3].values.size(), std::size_t{20});
        QCOMPARE(plot.curves[1].values.back().x(), 400.0);
        QVERIFY2(plot.curves[3].tooltip(0).contains(QStringLiteral("NELBO")),
                 qPrintable(plot.curves[3].tooltip(0)));
        QVERIFY(plot.curves[0].color != plot.curves[1].color);

        auto* axis = page.findChild<QComboBox*>(QStringLiteral("trainingAxis"));
        axis->setCurrentIndex(1);
        QCOMPARE(plot.curves[1].values.back().x(), 400.0 * 4096);
        axis->setCurrentIndex(2);
        QCOMPARE(plot.x.quantity, PlotQuantity::Flops);
        page.findChild<QComboBox*>(QStringLiteral("trainingMeasures"))->setCurrentIndex(2);
        QCOMPARE(plot.curves.size(), std::size_t{2});
        page.findChild<QCheckBox*>(QStringLiteral("trainingLogX"))->click();
        QVERIFY(plot.x.logarithmic && !plot.y.logarithmic);
        page.findChild<QAbstractButton*>(QStringLiteral("training2"))->click();
        QCOMPARE(plot.curves.size(), std::size_t{1});
        QCOMPARE(plot.curves[0].name, QStringLiteral("light, NELBO"));
        QCOMPARE(store.reads, 2); // once each
        QTest::mouseClick(page.findChild<QPushButton*>(QStringLiteral("copyCsv")), Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text().count(u'\n'), 21);
    }

    void aTrainingThatMovesOnIsReadAgainAndTheOthersAreNot() {
        Session session;
        AnalysePage page(&session);
        page.show();
        page.showChart(AnalyseChart::Training);
        TrainingStore store;
        store.add(1, "light", 400);
        store.add(2, "light", 200);
        page.setTrainings(store.list(), store.reader());
        QCOMPARE(store.reads, 2);
        const Plot& plot = page.training()->plot()->plot();
        QCOMPARE(plot.curves[0].name, QStringLiteral("light #2, loss")); // two of one name
        const QColor color = plot.curves[0].color;
        store.add(2, "light", 300);
        page.setTrainings(store.list(), store.reader());
        QCOMPARE(store.reads, 3);
        QCOMPARE(plot.curves[0].values.size(), std::size_t{30});
        store.add(3, "new", 100);
        store.trainings.erase(1);
        page.setTrainings(store.list(), store.reader());
        QCOMPARE(plot.curves[0].name, QStringLiteral("new, loss")); // it began while the window is open
        QCOMPARE(plot.curves[1].color, color);
        QVERIFY(!page.findChild<QAbstractButton*>(QStringLiteral("training1")));
    }

    void withoutTrainingsItSaysHowOneComesHere() {
        Session session;
        AnalysePage page(&session);
        page.show();
        page.setRuns(mixedRuns());
        page.showChart(AnalyseChart::Training);
        const auto* text = page.training()->plot()->findChild<QLabel*>(QStringLiteral("plotEmptyText"));
        QVERIFY(text->isVisible());
        QVERIFY(text->text().contains(QStringLiteral("steploom-train")));
        QVERIFY(!page.findChild<QPushButton*>(QStringLiteral("copyPng"))->isEnabled());
        TrainingStore store;
        store.add(1, "light", 0);
        page.setTrainings(store.list(), store.reader());
        QVERIFY(text->isVisible() && text->text().contains(QStringLiteral("not written a point")));
        page.findChild<QAbstractButton*>(QStringLiteral("training1"))->click();
        QVERIFY(text->text().contains(QStringLiteral("Choose")));
        page.showChart(AnalyseChart::Quality);
        QVERIFY(page.findChild<QPushButton*>(QStringLiteral("copyPng"))->isEnabled());
    }

    void emptyStatesSayWhatToDo() {
        Session session;
        AnalysePage page(&session);
        page.show();
        const auto* text = page.plot()->findChild<QLabel*>(QStringLiteral("plotEmptyText"));
        QVERIFY(text->isVisible());
        QVERIFY(text->text().contains(QStringLiteral("Design page")));
        page.setRuns({summaryOf({.perplexity = 0})});
        QVERIFY(text->text().contains(QStringLiteral("evaluator")));
        QVERIFY(!page.findChild<QPushButton*>(QStringLiteral("copyPng"))->isEnabled());
        page.setRuns(mixedRuns());
        QTest::mouseClick(page.findChild<QPushButton*>(QStringLiteral("copyCsv")), Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text().count(u'\n'), 4);
    }
};

QTEST_MAIN(AnalysePageTest)
#include "analyse_page_test.moc"
