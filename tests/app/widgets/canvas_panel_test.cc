// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_legend.h"
#include "app/widgets/canvas_panel.h"
#include "app/widgets/canvas_transport.h"
#include "app/widgets/sample_grid.h"
#include "app/widgets/theme.h"
#include "tests/app/widgets/piece_tokenizer.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace steploom;

namespace {

constexpr std::int32_t kMask = 6;

/// "Once upon a bear sat ." over 8 steps: given, 1 (H), 3 (L), 3 (L), 6 (H), closing call (H).
SampleTrace bearTrace(int index) {
    SampleTrace trace;
    trace.index = index;
    trace.tokens = {0, 1, 2, 3, 4, 5};
    trace.revealStep = {-1, 1, 3, 3, 6, 8};
    trace.member = {-1, 0, 1, 1, 0, 0};
    trace.logProbability = {0, std::log(0.5f), std::log(0.25f), -1, -2, -0.1f};
    trace.entropy = {0, 1.5f, 2, 3, 1, 0.5f};
    return trace;
}

CanvasRun bearRun(int samples) {
    CanvasRun run;
    run.members = {{'H', QStringLiteral("heavy")}, {'L', QStringLiteral("light")}};
    run.tokenizer = std::make_shared<testing::PieceTokenizer>(
        std::vector<std::string>{"Once", " upon", " a", " bear", " sat", ".", "<mask>"});
    run.maskToken = kMask;
    run.schedule = StepSchedule("HHLLLLHH");
    run.seed = 7;
    run.samples = samples;
    run.id = 12;
    run.request.schedule = run.schedule;
    run.request.length = 6;
    run.request.samples = samples;
    run.request.pool = {{'H', "heavy", "", Precision::F32, ""}, {'L', "light", "", Precision::F32, ""}};
    return run;
}

LiveState liveState(int sample, int step) {
    LiveState state;
    state.watched = bearTrace(sample);
    for (std::size_t i = 0; i < state.watched.tokens.size(); ++i)
        if (state.watched.revealStep[i] > step) {
            state.watched.tokens[i] = kMask;
            state.watched.revealStep[i] = 0; // unrevealed positions carry no promise
            state.watched.member[i] = 0;
        }
    state.lastStep = step;
    return state;
}

} // namespace

class CanvasPanelTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<CanvasPanel> m_panel;

    template <class Widget = QLabel>
    Widget* find(const char* name) const {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }
    QString stepText() const { return find("stepText")->text(); }
    TokenCanvas& canvas() const { return *m_panel->canvas(); }
    void press(Qt::Key key) const { QTest::keyClick(m_panel->canvas(), key); }

private slots:
    void initTestCase() { Theme::instance().apply(*qApp, Theme::Mode::Light); }
    void init() {
        m_panel = std::make_unique<CanvasPanel>();
        m_panel->resize(900, 400);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    }

    void anEmptyPanelSaysHowToBegin() {
        QVERIFY(find("canvasEmptyText")->isVisible());
        QVERIFY(find("canvasEmptyText")->text().contains(QStringLiteral("Ctrl+Return")));
        QVERIFY(!find<QWidget>("transport")->isEnabled());
    }

    void aStoredSampleOpensAtItsEndAndScrubsBack() {
        QSignalSpy shown(m_panel.get(), &CanvasPanel::stepShown);
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        QCOMPARE(stepText(), QStringLiteral("closing call · H · 1 revealed · 0 masked"));
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon a bear sat."));
        find<QSlider>("stepScrubber")->setValue(3);
        QCOMPARE(stepText(), QStringLiteral("step 3 · L · 2 revealed · 2 masked"));
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon a bear[mask:2]"));
        find<QSlider>("stepScrubber")->setValue(4);
        QCOMPARE(stepText(), QStringLiteral("step 4 · L · no call · 2 masked"));
        QCOMPARE(shown.last().at(0).toInt(), 4);
    }

    void aRemaskedTokenStoodWhereItStoodAndIsMaskedInBetween() {
        SampleTrace trace = bearTrace(0); // " bear" was " sat" from step 1 to 2
        trace.remasked = {{3, 4, 1, 2, 0, std::log(0.125f), 2.5f}};
        m_panel->setSamples({{trace, {}}}, bearRun(1));
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon a bear sat."));
        m_panel->setStep(1);
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon[mask] sat[mask:2]"));
        QVERIFY(canvas().tooltipOf(3).contains(QStringLiteral("0.125")));
        QCOMPARE(stepText(), QStringLiteral("step 1 · H · 2 revealed · 3 masked"));
        m_panel->setStep(2);
        QVERIFY(canvas().isMasked(3));
        QCOMPARE(stepText(), QStringLiteral("step 2 · L · no call · 1 remasked · 4 masked"));
        m_panel->setStep(3);
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon a bear[mask:2]"));
        press(Qt::Key_Left);
        QCOMPARE(m_panel->step(), 2); // where something was masked is an event too
    }

    void aRunningSampleShowsRemaskedTokensAsMasked() {
        LiveRun live;
        PlannedWork work;
        work.initialTokens = {0, kMask};
        work.maskToken = kMask;
        work.figures = Figures::AtMost;
        GenerationRequest request;
        request.samples = 1;
        live.begin(1, work, request, {});
        const std::vector<RevealedToken> revealed{{1, 3, -1, 1}};
        const std::vector<RemaskedToken> remasked{{1, 3, 0, 1, 0, -1, 1}};
        live.step({.step = 0, .revealed = revealed});
        QCOMPARE(live.snapshot(0).watched.tokens[1], 3);
        live.step({.step = 1, .remasked = remasked});
        const LiveState state = live.snapshot(0);
        QCOMPARE(state.watched.tokens[1], kMask);
        QCOMPARE(state.watched.revealStep[1], -1);
        QVERIFY(state.figures == Figures::AtMost);
    }

    void arrowKeysGoFromEventToEvent() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        std::vector<int> steps;
        for (int i = 0; i < 5; ++i) {
            press(Qt::Key_Left);
            steps.push_back(m_panel->step());
        }
        QCOMPARE(steps, (std::vector<int>{6, 3, 1, 0, 0}));
        press(Qt::Key_Right);
        QCOMPARE(m_panel->step(), 1);
        QTest::keyClick(find<QSlider>("stepScrubber"), Qt::Key_Right);
        QCOMPARE(m_panel->step(), 3);
        press(Qt::Key_End);
        QCOMPARE(m_panel->step(), 8);
    }

    void playingStartsOverAtTheEndAndStopsThere() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        QTest::mouseClick(find<QToolButton>("playPause"), Qt::LeftButton);
        QVERIFY(m_panel->isPlaying());
        QCOMPARE(m_panel->step(), 0);
        QTRY_VERIFY(m_panel->step() > 0);
        QTest::mouseClick(find<QToolButton>("playPause"), Qt::LeftButton);
        QVERIFY(!m_panel->isPlaying());
        QTest::mouseClick(find<QToolButton>("lastStep"), Qt::LeftButton);
        QCOMPARE(m_panel->step(), 8);
    }

    void aClickMarksAllTokensOfThatStep() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        QSignalSpy picked(&canvas(), &TokenCanvas::stepPicked);
        QSignalSpy marked(m_panel.get(), &CanvasPanel::stepMarked);
        QTest::mouseClick(canvas().viewport(), Qt::LeftButton, {}, canvas().pointOf(2));
        QCOMPARE(picked.size(), 1);
        QCOMPARE(picked[0][0].toInt(), 3);
        QCOMPARE(canvas().markedStep(), 3);
        QCOMPARE(marked.last()[0].toInt(), 3);
        QCOMPARE(m_panel->step(), 8); // the text stays as it is
        QTest::mouseClick(canvas().viewport(), Qt::LeftButton, {}, canvas().pointOf(0)); // given
        QCOMPARE(canvas().markedStep(), -1);
        QCOMPARE(marked.last()[0].toInt(), -1);
        QCOMPARE(picked.size(), 1);
    }

    void tooltipsTellTheLikeliestTokens() {
        SampleTrace trace = bearTrace(0);
        trace.topTokens = 2;
        trace.likely.assign(12, {});
        trace.likely[4] = {4, std::log(0.5f)};
        trace.likely[5] = {2, std::log(0.25f)};
        m_panel->setSamples({{trace, {}}}, bearRun(1));
        const QString tip = canvas().tooltipOf(2);
        QVERIFY2(tip.contains(QStringLiteral("  1. “ sat”  0.5000\n› 2. “ a”  0.2500")), qPrintable(tip));
        QVERIFY(!canvas().tooltipOf(1).contains(QStringLiteral("1. “")));
    }

    void tokensWrittenByHandSaySo() {
        SampleTrace trace = bearTrace(0);
        trace.member[2] = -1;
        m_panel->setSamples({{trace, {}}}, bearRun(1));
        QVERIFY(canvas().tooltipOf(2).contains(QStringLiteral("written by hand before step 4")));
        canvas().viewport()->repaint();
        QCOMPARE(stepText(), QStringLiteral("closing call · H · 1 revealed · 0 masked"));
        m_panel->setStep(3);
        QCOMPARE(stepText(), QStringLiteral("step 3 · L · 1 revealed · 2 masked"));
    }

    void tooltipsTellTokenStepModelProbabilityAndEntropy() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        const QString tip = canvas().tooltipOf(2);
        for (const char* part : {"“ a”", "step 3", "L light", "probability 0.25", "entropy 2 nats"})
            QVERIFY2(tip.contains(QString::fromUtf8(part)), qPrintable(tip));
        QVERIFY(canvas().tooltipOf(0).contains(QStringLiteral("given")));
        QVERIFY(canvas().tooltipOf(5).contains(QStringLiteral("closing call")));
        m_panel->setStep(0);
        QVERIFY(canvas().tooltipOf(2).startsWith(QStringLiteral("masked")));
    }

    void draggedTokensAreCopied() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        const QPoint from = canvas().pointOf(1), to = canvas().pointOf(3);
        QTest::mousePress(canvas().viewport(), Qt::LeftButton, {}, from);
        QMouseEvent move(QEvent::MouseMove, to, canvas().viewport()->mapToGlobal(to), Qt::NoButton,
                         Qt::LeftButton, {});
        QApplication::sendEvent(canvas().viewport(), &move);
        QTest::mouseRelease(canvas().viewport(), Qt::LeftButton, {}, to);
        QTest::keyClick(&canvas(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral(" upon a bear"));
        QTest::keyClick(&canvas(), Qt::Key_Escape);
        QTest::keyClick(&canvas(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("Once upon a bear sat."));
    }

    void theLegendFollowsTheColouring() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        const auto* legend = find<CanvasLegend>("canvasLegend");
        QCOMPARE(legend->text(), QStringLiteral("heavy, light, masked"));
        find<QComboBox>("canvasColoring")->setCurrentIndex(static_cast<int>(TokenColoring::Step));
        QCOMPARE(legend->text(), QStringLiteral("step 0 to 8, masked"));
        find<QComboBox>("canvasColoring")->setCurrentIndex(static_cast<int>(TokenColoring::Entropy));
        QCOMPARE(legend->text(), QStringLiteral("entropy 0 to 3 nats, masked"));
    }

    void givenTokensArePlainAndOthersTinted() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        const QImage picture = canvas().viewport()->grab().toImage();
        const double ratio = picture.devicePixelRatio();
        const auto cornerColor = [&](int position) { // inside the box, above its letters
            const QPoint at = canvas().pointOf(position) - QPoint(0, 9);
            return picture.pixelColor((QPointF(at) * ratio).toPoint());
        };
        QVERIFY(cornerColor(1) != cornerColor(2)); // heavy, light
        QVERIFY(cornerColor(0) != cornerColor(1));
        QCOMPARE(cornerColor(2), cornerColor(3));
    }

    void aRunningSampleFormsAndIsFollowed() {
        QSignalSpy shown(m_panel.get(), &CanvasPanel::stepShown);
        m_panel->beginLive(bearRun(3));
        QCOMPARE(stepText(), QStringLiteral("waiting for the first step"));
        m_panel->setLive(liveState(0, 1));
        QCOMPARE(find("canvasTitle")->text(), QStringLiteral("Sample 1 of 3"));
        QCOMPARE(stepText(), QStringLiteral("step 1 · H · 1 revealed · 4 masked"));
        m_panel->setLive(liveState(0, 3));
        QCOMPARE(stepText(), QStringLiteral("step 3 · L · 2 revealed · 2 masked"));
        QCOMPARE(shown.last().at(0).toInt(), 3);
        m_panel->addSample({bearTrace(0), {}});
        QVERIFY(find<QWidget>("transport")->isEnabled());
        QCOMPARE(stepText(), QStringLiteral("closing call · H · 1 revealed · 0 masked"));
        m_panel->setLive(liveState(1, 1)); // nobody chose: the next one is followed
        QCOMPARE(m_panel->sample(), 1);
    }

    void whatHasFormedCanBeScrubbedWhileTheRestForms() {
        QSignalSpy shown(m_panel.get(), &CanvasPanel::stepShown);
        m_panel->beginLive(bearRun(3));
        m_panel->setLive(liveState(0, 3));
        find<QSlider>("stepScrubber")->setValue(1);
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon[mask:4]"));
        m_panel->setLive(liveState(0, 6)); // goes on below, the eye stays
        QCOMPARE(m_panel->step(), 1);
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon[mask:4]"));
        m_panel->setStep(8); // not there yet: as far as it is, and on with it
        QCOMPARE(m_panel->step(), 6);
        m_panel->setLive(liveState(0, 7));
        QCOMPARE(m_panel->step(), 7);
        m_panel->setStep(3);
        m_panel->addSample({bearTrace(0), {}}); // finished meanwhile
        QCOMPARE(m_panel->step(), 3);
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon a bear[mask:2]"));
        m_panel->setStep(8);
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon a bear sat."));
    }

    void playingLoopsAndFollowsTheSpeed() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        find<QComboBox>("playSpeed")->setCurrentIndex(4);
        QCOMPARE(find<CanvasTransport>("transport")->speed(), 4.0);
        find<QToolButton>("loopButton")->setChecked(true);
        QSignalSpy shown(m_panel.get(), &CanvasPanel::stepShown);
        m_panel->play();
        const auto returns = [&shown] {
            int last = -1, times = 0;
            for (const auto& step : shown) {
                times += step[0].toInt() < last;
                last = step[0].toInt();
            }
            return times;
        };
        QTRY_VERIFY_WITH_TIMEOUT(returns() >= 2, 30'000);
        QVERIFY(m_panel->isPlaying());
        find<QToolButton>("loopButton")->setChecked(false);
        QTRY_VERIFY_WITH_TIMEOUT(!m_panel->isPlaying(), 30'000);
        QCOMPARE(m_panel->step(), 8);
    }

    void aSampleChosenByHandIsNotReplacedByLiveOnes() {
        QSignalSpy chosen(m_panel.get(), &CanvasPanel::sampleChosen);
        m_panel->beginLive(bearRun(3));
        m_panel->setLive(liveState(0, 1));
        QTest::mouseClick(find<QToolButton>("nextSample"), Qt::LeftButton);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].toInt(), 1);
        QCOMPARE(stepText(), QStringLiteral("waiting for this sample"));
        m_panel->setLive(liveState(0, 3));
        QCOMPARE(m_panel->sample(), 1);
        m_panel->setLive(liveState(1, 3));
        QCOMPARE(stepText(), QStringLiteral("step 3 · L · 2 revealed · 2 masked"));
    }

    void neighboursAreComparedAtOneStepAndGapsSkipped() {
        m_panel->setSamples({{bearTrace(0), {}}, {bearTrace(2), {}}}, bearRun(4));
        m_panel->setStep(3);
        QTest::mouseClick(find<QToolButton>("nextSample"), Qt::LeftButton);
        QCOMPARE(m_panel->sample(), 2);
        QCOMPARE(m_panel->step(), 3);
        QVERIFY(!find<QToolButton>("nextSample")->isEnabled());
    }

    void fourThousandTokensScrollAndOnlyVisibleOnesArePainted() {
        SampleTrace trace;
        for (int i = 0; i < 4096; ++i) {
            trace.tokens.push_back(1 + i % 4);
            trace.revealStep.push_back(i % 9);
            trace.member.push_back(static_cast<std::int8_t>(i % 2));
            trace.logProbability.push_back(-1);
            trace.entropy.push_back(1);
        }
        m_panel->setSamples({{trace, {}}}, bearRun(1));
        QVERIFY(canvas().verticalScrollBar()->maximum() > 1000);
        for (int step = 0; step <= 8; ++step) {
            m_panel->setStep(step);
            canvas().viewport()->repaint();
        }
        QCOMPARE(canvas().maskedCount(), 0);
        QVERIFY(canvas().shapedTexts() <= 8); // each text once, however often it is drawn
        const auto visible = canvas().layoutOfTokens().boxesBetween(0, canvas().viewport()->height());
        QVERIFY(visible.size() < 400);
    }

    void aBranchBeginsWithTheTextAfterTheShownStepAndIsChangedByHand() {
        QSignalSpy changed(m_panel.get(), &CanvasPanel::branchChanged);
        m_panel->setSamples({{bearTrace(0), {}}, {bearTrace(1), {}}}, bearRun(2));
        m_panel->showSample(1);
        m_panel->setStep(4);
        QTest::mouseClick(find<QToolButton>("branchButton"), Qt::LeftButton);
        QVERIFY(m_panel->isBranching());
        QVERIFY(find<QWidget>("branchBar")->isVisible());
        QCOMPARE(find("branchTitle")->text(), QStringLiteral("Branch of run 12 after step 4"));
        QCOMPARE(find("branchStatus")->text(), QStringLiteral("4 stand, 2 to write"));
        QVERIFY(!find<QWidget>("transport")->isEnabled());
        QVERIFY(!find<QWidget>("branchRemask")->isEnabled());

        QTest::mouseClick(canvas().viewport(), Qt::LeftButton, {}, canvas().pointOf(3));
        QCOMPARE(canvas().selection().first, 3);
        auto* field = find<QLineEdit>("branchText");
        QTest::keyClicks(field, "sat a");
        QVERIFY2(find("branchStatus")->text().startsWith(QStringLiteral("2 tokens for 1 selected")),
                 qPrintable(find("branchStatus")->text()));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(canvas().copiedText(), QStringLiteral(" bear")); // refused
        field->setText(QStringLiteral("sat"));
        QTest::keyClick(field, Qt::Key_Return);
        canvas().clearSelection();
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon a sat[mask:2]"));
        canvas().select(1, 2);
        press(Qt::Key_Delete);
        canvas().clearSelection();
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once[mask:2] sat[mask:2]"));
        QTest::mouseClick(find<QToolButton>("branchUndo"), Qt::LeftButton);
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon a sat[mask:2]"));
        canvas().select(2, 2);
        press(Qt::Key_F);

        GenerationRequest settings = bearRun(1).request;
        settings.schedule = StepSchedule("HHHHHHHHLLLLLLLL"); // twice the steps
        settings.prompt = "Once";
        settings.length = 99;
        const GenerationRequest request = m_panel->branched(settings);
        QVERIFY(request.prompt.empty());
        QCOMPARE(request.length, 6);
        const BranchPoint& branch = *request.branch;
        QCOMPARE(branch.parent, std::int64_t{12});
        QCOMPARE(branch.sample, 1);
        QCOMPARE(branch.step, 10);
        QCOMPARE(branch.tokens.size(), std::size_t{4});
        QCOMPARE(branch.tokens[1].revealStep, 2);
        QCOMPARE(int{branch.tokens[2].member}, -1); // fixed
        QCOMPARE(branch.tokens[3].token, 4);        // " sat"
        QVERIFY(changed.size() >= 4);
        requireRunnable(branch, 6, 16);

        press(Qt::Key_Escape); // what is selected first
        QVERIFY(m_panel->isBranching());
        press(Qt::Key_Escape);
        QVERIFY(!m_panel->isBranching());
        QCOMPARE(m_panel->step(), 4);
        QCOMPARE(canvas().copiedText(), QStringLiteral("Once upon a bear[mask:2]"));
    }

    void manySamplesAreSortedByPerplexityAndWalkedWithArrowKeys() {
        const auto scored = [](int index, double nats) {
            return RunSample{bearTrace(index), "text " + std::to_string(index), TextScore{nats, 2}};
        };
        RunSample unscored{bearTrace(1), "text 1", {}};
        m_panel->setSamples({scored(0, 6), unscored, scored(2, 2), scored(3, 4)}, bearRun(4));
        find<QToolButton>("allSamples")->click();
        auto* grid = find<SampleGrid>("sampleGrid");
        QVERIFY(grid->isVisible());
        const auto order = [grid] {
            std::vector<int> samples;
            for (int row = 0; row < grid->model()->rowCount(); ++row)
                samples.push_back(grid->model()->index(row, 0).data(SampleListModel::IndexRole).toInt());
            return samples;
        };
        QCOMPARE(order(), (std::vector<int>{0, 1, 2, 3}));
        find<QComboBox>("sampleOrder")->setCurrentIndex(1);
        QCOMPARE(order(), (std::vector<int>{2, 3, 0, 1})); // without a score last
        QCOMPARE(grid->currentIndex().row(), 2);           // still sample 0
        QTest::keyClick(grid, Qt::Key_Left);
        QCOMPARE(m_panel->sample(), 3);
        QTest::keyClick(grid, Qt::Key_Home);
        QCOMPARE(m_panel->sample(), 2);
        QTest::keyClick(grid, Qt::Key_Return);
        QVERIFY(canvas().isVisible());
        QCOMPARE(find("canvasTitle")->text(), QStringLiteral("Sample 3 of 4"));
    }

    void scoresThatComeLaterReachTheGrid() {
        m_panel->beginLive(bearRun(2));
        m_panel->addSample({bearTrace(1), "b"});
        m_panel->addSample({bearTrace(0), "a"});
        m_panel->setScores({{4, 2}, {2, 2}});
        const auto* model = &m_panel->grid()->samples();
        QCOMPARE(model->index(0).data(SampleListModel::PerplexityRole).toDouble(), std::exp(2.0));
        QCOMPARE(model->index(1).data(SampleListModel::PerplexityRole).toDouble(), std::exp(1.0));
    }

    void theListOfSamplesIsAModelAsViewsExpectIt() {
        SampleListModel model;
        QAbstractItemModelTester tester(&model);
        model.add({bearTrace(2), "c", TextScore{2, 2}});
        model.add({bearTrace(0), "a", TextScore{4, 2}});
        model.setOrder(SampleListModel::Order::Perplexity);
        model.add({bearTrace(1), "b", TextScore{3, 2}});
        model.add({bearTrace(2), "again", TextScore{9, 2}});
        QStringList texts;
        for (int row = 0; row < model.rowCount(); ++row)
            texts += model.index(row).data(SampleListModel::TextRole).toString();
        QCOMPARE(texts, QStringList({"b", "a", "again"}));
    }

    void whatIsSeenIsSavedAsTextPictureAndPlayer() {
        const QTemporaryDir folder;
        QString asked;
        m_panel->setFileChooser([&](const QString& suggested, const QString&) {
            asked = QFileInfo(suggested).fileName();
            return folder.filePath(asked);
        });
        m_panel->setSamples({{bearTrace(0), "Once upon a bear sat."}}, bearRun(1));
        m_panel->setStep(3);
        const auto trigger = [this](const char* name) { m_panel->findChild<QAction*>(name)->trigger(); };
        trigger("copyText");
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("Once upon a bear[mask:2]"));
        trigger("saveText");
        QCOMPARE(asked, QStringLiteral("run-12-sample-1.txt"));
        QFile text(folder.filePath(asked));
        QVERIFY(text.open(QIODevice::ReadOnly));
        QCOMPARE(text.readAll(), QByteArray("Once upon a bear[mask:2]"));
        trigger("savePicture");
        const QImage picture(folder.filePath(asked));
        QVERIFY(picture.width() > 2 * canvas().viewport()->width());
        QVERIFY(picture.height() > 100);
        trigger("savePlayer");
        QFile player(folder.filePath(asked));
        QVERIFY(player.open(QIODevice::ReadOnly));
        QVERIFY(player.readAll().contains("Run 12, sample 1"));

        QSignalSpy failed(m_panel.get(), &CanvasPanel::failed);
        m_panel->setFileChooser(
            [&](const QString&, const QString&) { return folder.filePath("no/such/x.txt"); });
        trigger("saveText");
        QCOMPARE(failed.size(), 1);
        m_panel->setFileChooser([](const QString&, const QString&) { return QString(); }); // cancelled
        trigger("saveText");
        QCOMPARE(failed.size(), 1);
    }

    void assistiveTechnologyGetsTheText() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        QVERIFY(!canvas().accessibleName().isEmpty());
        QTRY_COMPARE(canvas().accessibleDescription(), QStringLiteral("Once upon a bear sat."));
        for (QAbstractButton* button : m_panel->findChildren<QAbstractButton*>())
            QVERIFY2(!button->accessibleName().isEmpty(), qPrintable(button->objectName()));
    }
};

QTEST_MAIN(CanvasPanelTest)
#include "canvas_panel_test.moc"
