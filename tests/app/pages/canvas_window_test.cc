// SPDX-License-Identifier: GPL-3.0-or-later
// The canvas in the real window, driven as a person drives it: generate, stop, scrub, hover, click, branch,
// export.
#include "app/pages/main_window.h"
#include "app/widgets/canvas_panel.h"
#include "app/widgets/sample_grid.h"
#include "app/widgets/schedule_editor.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QAction>
#include <QComboBox>
#include <QFileInfo>
#include <QHelpEvent>
#include <QImage>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTest>
#include <QToolTip>

#include <atomic>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 27; ///< 26 letters and the mask
constexpr int kPatience = 30'000;

std::atomic<int> g_calls{0}; ///< of the network, begun so far

class CountingDenoiser : public FakeDenoiser {
public:
    using FakeDenoiser::FakeDenoiser;
    void logits(const DenoisingCall& call, std::span<float> out) override {
        ++g_calls;
        FakeDenoiser::logits(call, out);
    }
};

ModelPool fakePool(std::vector<PoolMemberSpec> specs, const std::filesystem::path&, ComputeContext&) {
    std::vector<PoolMember> members;
    for (const PoolMemberSpec& spec : specs)
        members.push_back(
            {spec, std::make_shared<CountingDenoiser>(kVocabulary, 64, spec.letter == 'H' ? 12 : 4)});
    return ModelPool(std::move(members), makeLetterTokenizer(kVocabulary - 1));
}

/// Finds texts with many letters of the beginning of the alphabet likelier.
Evaluator fakeReader(const std::filesystem::path&, ComputeContext&) {
    return Evaluator(
        "reader", "sha",
        std::make_shared<FakeCausal>(26, 64, [](auto, std::int32_t token) { return 0.1 * (1 + token); }),
        makeLetterTokenizer(26));
}

} // namespace

class CanvasWindowTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_settings, m_folder;
    std::unique_ptr<MainWindow> m_window;

    template <class Widget>
    Widget* find(const char* name) {
        auto* widget = m_window->findChild<Widget*>(name);
        if (!widget)
            qFatal("no %s", name);
        return widget;
    }
    CanvasPanel& panel() { return *find<CanvasPanel>("canvasPanel"); }
    TokenCanvas& canvas() { return *panel().canvas(); }
    TimelineWidget& timeline() { return *find<ScheduleEditor>("scheduleEditor")->timeline(); }

    /// Generates with Ctrl+Return and waits for the end.
    RunSummary generate() {
        QSignalSpy ended(&m_window->engine(), &EngineThread::runEnded);
        QTest::keyClick(m_window.get(), Qt::Key_Return, Qt::ControlModifier);
        if (!QTest::qWaitFor([&] { return ended.count() > 0; }, kPatience))
            qFatal("the run did not end");
        return ended.first().first().value<RunSummary>();
    }

private slots:
    void init() {
        m_settings = std::make_unique<TemporaryFolder>();
        m_folder = std::make_unique<TemporaryFolder>();
        QCoreApplication::setOrganizationName("steploom-test");
        QCoreApplication::setApplicationName("steploom-test");
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope,
                           QString::fromStdString(m_settings->path().string()));
        WindowOptions options;
        options.engine.storeFile = *m_folder / "runs.sqlite";
        options.engine.threads = 1;
        options.engine.loadPool = fakePool;
        options.engine.loadEvaluator = fakeReader;
        options.pool = {{.letter = 'H', .name = "heavy", .path = "fake/heavy"},
                        {.letter = 'L', .name = "light", .path = "fake/light"}};
        options.evaluator = "fake/reader";
        options.theme = Theme::Mode::Light;
        m_window = std::make_unique<MainWindow>(std::move(options));
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->session().evaluator().name.isEmpty(), kPatience);
        find<QSpinBox>("lengthField")->setValue(24);
        find<QSpinBox>("samplesField")->setValue(3);
        find<QSpinBox>("stepsField")->setValue(16);
    }
    void cleanup() { m_window.reset(); }

    void aFinishedSampleIsScrubbedHoveredAndItsStepsAreMarked() {
        const RunSummary run = generate();
        QCOMPARE(run.finishedSamples, 3);
        QCOMPARE(panel().step(), 16);
        QCOMPARE(canvas().maskedCount(), 0);
        find<QSlider>("stepScrubber")->setValue(7);
        QVERIFY(canvas().maskedCount() > 0);
        QCOMPARE(timeline().playhead(), 7);

        int position = 0;
        while (canvas().isMasked(position))
            ++position;
        const QPoint at = canvas().pointOf(position);
        QHelpEvent hover(QEvent::ToolTip, at, canvas().viewport()->mapToGlobal(at));
        QApplication::sendEvent(canvas().viewport(), &hover);
        const QString tip = QToolTip::text();
        for (const char* part : {"step", "probability", "entropy", "1. “", "5. “"})
            QVERIFY2(tip.contains(QString::fromUtf8(part)), qPrintable(tip));

        QTest::mouseClick(canvas().viewport(), Qt::LeftButton, {}, at);
        const int step = canvas().sample().revealStep[static_cast<std::size_t>(position)];
        QCOMPARE(canvas().markedStep(), step);
        QCOMPARE(timeline().markedStep(), step);
        QCOMPARE(timeline().playhead(), 7); // the text stays where it is
        QTest::keyClick(&canvas(), Qt::Key_Escape);
        QCOMPARE(timeline().markedStep(), -1);
    }

    void stopIsHonouredWithinOneCall() {
        find<QSpinBox>("samplesField")->setValue(100'000);
        find<QSpinBox>("batchField")->setValue(1);
        QSignalSpy ended(&m_window->engine(), &EngineThread::runEnded);
        QSignalSpy finished(&m_window->engine(), &EngineThread::sampleFinished);
        QTest::keyClick(m_window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(finished.count() > 0, kPatience);
        QTest::mouseClick(find<QToolButton>("stopButton"), Qt::LeftButton);
        const int atStop = g_calls;
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        QVERIFY2(g_calls <= atStop + 1, qPrintable(QString("%1 calls after the stop").arg(g_calls - atStop)));
        QCOMPARE(ended.first().first().value<RunSummary>().state, RunState::Stopped);
    }

    void aBranchGoesOnFromTheShownStepUnderAnotherScheduleAndKnowsItsParent() {
        const RunSummary parent = generate();
        find<QSlider>("stepScrubber")->setValue(7);
        const SampleTrace whole = canvas().sample();
        QTest::mouseClick(find<QToolButton>("branchButton"), Qt::LeftButton);
        QVERIFY(find<QWidget>("branchBar")->isVisible());
        canvas().select(0, 3);
        find<QLineEdit>("branchText")->setText("abcd");
        QTest::keyClick(find<QLineEdit>("branchText"), Qt::Key_Return);
        canvas().select(4, 9);
        QTest::mouseClick(find<QToolButton>("branchRemask"), Qt::LeftButton);
        find<ScheduleEditor>("scheduleEditor")->applySchedule(parseSchedule("L16"), "all light");
        find<QSpinBox>("samplesField")->setValue(2);
        // A prompt that is too long is no matter of a branch: its canvas is what it is.
        find<QPlainTextEdit>("textField")->setPlainText(QString(99, 'a'));

        QSignalSpy ended(&m_window->engine(), &EngineThread::runEnded);
        QTest::mouseClick(find<QPushButton>("branchGenerate"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        const auto run = ended.first().first().value<RunSummary>();
        QVERIFY(run.request.branch.has_value());
        QCOMPARE(run.request.branch->parent, parent.id);
        QCOMPARE(run.request.branch->step, 8);
        QCOMPARE(run.finishedSamples, 2);
        QVERIFY(!panel().isBranching());
        QVERIFY(find<QLabel>("canvasSeed")
                    ->text()
                    .contains(QString("branch of run %1 after step 7").arg(parent.id)));

        const SampleTrace& sample = canvas().sample();
        for (int i = 0; i < 4; ++i)
            QCOMPARE(sample.tokens[static_cast<std::size_t>(i)], i);
        for (std::size_t i = 4; i < 24; ++i) {
            if (i > 9 && whole.revealStep[i] < 8)
                QCOMPARE(sample.tokens[i], whole.tokens[i]);
            else
                QVERIFY(sample.revealStep[i] >= 8 && sample.member[i] == 1);
        }
        QSignalSpy rerun(&m_window->engine(), &EngineThread::rerunEnded);
        m_window->engine().rerun(run.id);
        QTRY_COMPARE_WITH_TIMEOUT(rerun.count(), 1, kPatience);
        const auto result = rerun.first().at(1).value<RerunResult>();
        QVERIFY2(result.identical, result.firstDifference.c_str());
    }

    void aBranchWithNothingToWriteSaysSoAndDoesNotRun() {
        (void)generate();
        QTest::mouseClick(find<QToolButton>("branchButton"), Qt::LeftButton); // at the end: all stands
        QVERIFY(!find<QPushButton>("generateButton")->isEnabled());
        QVERIFY(find<QLabel>("generateStatus")->text().contains("24 positions are written"));
        canvas().select(2, 2);
        QTest::keyClick(&canvas(), Qt::Key_Delete);
        QVERIFY(find<QPushButton>("generateButton")->isEnabled());
        QTest::mouseClick(find<QToolButton>("branchCancel"), Qt::LeftButton);
        QVERIFY(!panel().isBranching());
    }

    void allSamplesAreShownWithTheirScoresInOrder() {
        (void)generate();
        QTest::mouseClick(find<QToolButton>("allSamples"), Qt::LeftButton);
        find<QComboBox>("sampleOrder")->setCurrentIndex(1);
        const QAbstractItemModel& model = *panel().grid()->model();
        QCOMPARE(model.rowCount(), 3);
        double last = 0;
        for (int row = 0; row < 3; ++row) {
            const double perplexity = model.index(row, 0).data(SampleListModel::PerplexityRole).toDouble();
            QVERIFY(perplexity >= last);
            last = perplexity;
        }
        QVERIFY(last > 0);
    }

    void whatIsSeenIsExported() {
        const RunSummary run = generate();
        QString file;
        panel().setFileChooser([&](const QString& suggested, const QString&) {
            return file = QString::fromStdString(m_folder->path().string()) + '/' +
                          QFileInfo(suggested).fileName();
        });
        m_window->findChild<QAction*>("savePlayer")->trigger();
        QVERIFY(file.endsWith(QString("run-%1-sample-%2.html").arg(run.id).arg(panel().sample() + 1)));
        QFile page(file);
        QVERIFY(page.open(QIODevice::ReadOnly));
        QVERIFY(page.readAll().contains("Content-Security-Policy"));
        m_window->findChild<QAction*>("savePicture")->trigger();
        QVERIFY(!QImage(file).isNull());
    }

    void aStoredRunComesBackWithItsScoresAndCanBeBranched() {
        const RunSummary run = generate();
        emit m_window->session().openRunRequested(run.id);
        QTRY_VERIFY(canvas().sample().tokens.size() == 24);
        QVERIFY(!std::isnan(
            panel().grid()->model()->index(0, 0).data(SampleListModel::PerplexityRole).toDouble()));
        panel().setStep(3);
        panel().beginBranch();
        QCOMPARE(find<QLabel>("branchTitle")->text(), QString("Branch of run %1 after step 3").arg(run.id));
    }
};

QTEST_MAIN(CanvasWindowTest)
#include "canvas_window_test.moc"
