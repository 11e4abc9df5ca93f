// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_legend.h"
#include "app/widgets/canvas_panel.h"
#include "app/widgets/theme.h"
#include "tests/app/widgets/piece_tokenizer.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSlider>
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
        live.begin(1, work, 1);
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
        QTest::mouseClick(canvas().viewport(), Qt::LeftButton, {}, canvas().pointOf(2));
        QCOMPARE(picked.size(), 1);
        QCOMPARE(picked[0][0].toInt(), 3);
        QCOMPARE(canvas().markedStep(), 3);
        QCOMPARE(m_panel->step(), 8); // the text stays as it is
        QTest::mouseClick(canvas().viewport(), Qt::LeftButton, {}, canvas().pointOf(0)); // given
        QCOMPARE(canvas().markedStep(), -1);
        QCOMPARE(picked.size(), 1);
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
        QVERIFY(!find<QWidget>("transport")->isEnabled());
        m_panel->addSample({bearTrace(0), {}});
        QVERIFY(find<QWidget>("transport")->isEnabled());
        QCOMPARE(stepText(), QStringLiteral("closing call · H · 1 revealed · 0 masked"));
        m_panel->setLive(liveState(1, 1)); // nobody chose: the next one is followed
        QCOMPARE(m_panel->sample(), 1);
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
        const auto visible = canvas().layoutOfTokens().boxesBetween(0, canvas().viewport()->height());
        QVERIFY(visible.size() < 400);
    }

    void assistiveTechnologyGetsTheText() {
        m_panel->setSamples({{bearTrace(0), {}}}, bearRun(1));
        QVERIFY(!canvas().accessibleName().isEmpty());
        QCOMPARE(canvas().accessibleDescription(), QStringLiteral("Once upon a bear sat."));
        for (QAbstractButton* button : m_panel->findChildren<QAbstractButton*>())
            QVERIFY2(!button->accessibleName().isEmpty(), qPrintable(button->objectName()));
    }
};

QTEST_MAIN(CanvasPanelTest)
#include "canvas_panel_test.moc"
