// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analyse_page.h"
#include "app/pages/main_window.h"
#include "app/widgets/controls.h"
#include "app/widgets/plot_widget.h"
#include "app/widgets/schedule_editor.h"
#include "tests/app/pages/sample_analyses.h"
#include "tests/engine/runs/sample_trainings.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QAbstractItemView>
#include <QDragEnterEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 27; ///< 26 letters and the mask
constexpr int kPatience = 30'000;

ModelPool fakePool(std::vector<PoolMemberSpec> specs, const std::filesystem::path&, ComputeContext&) {
    std::vector<PoolMember> members;
    for (const PoolMemberSpec& spec : specs) {
        if (spec.path.find("broken") != std::string::npos)
            throw Error(ErrorKind::File, {"cannot load the checkpoint", spec.path,
                                          "the header claims 9,000 bytes", "download the file again"});
        members.push_back(
            {spec, std::make_shared<FakeDenoiser>(kVocabulary, 64, spec.letter == 'H' ? 12 : 4)});
    }
    return ModelPool(std::move(members), makeLetterTokenizer(kVocabulary - 1));
}

WindowOptions optionsIn(const TemporaryFolder& folder) {
    WindowOptions options;
    options.engine.storeFile = folder / "runs.sqlite";
    options.engine.threads = 1;
    options.engine.loadPool = fakePool;
    options.pool = {{.letter = 'H', .name = "heavy", .path = "fake/heavy"},
                    {.letter = 'L', .name = "light", .path = "fake/light"}};
    options.theme = Theme::Mode::Light;
    return options;
}

} // namespace

class WindowTest : public QObject {
    Q_OBJECT
private:
    /// A window as a person finds it: shown, its pool loaded, with a small request.
    std::unique_ptr<MainWindow> openWindow(const TemporaryFolder& folder) {
        auto window = std::make_unique<MainWindow>(optionsIn(folder));
        window->show();
        if (!QTest::qWaitForWindowActive(window.get()))
            qWarning("the window did not become active");
        return window;
    }
    template <class Widget>
    Widget* find(MainWindow& window, const char* name) {
        auto* widget = window.findChild<Widget*>(name);
        if (!widget)
            qWarning("no %s", name);
        return widget;
    }
    void makeSmall(MainWindow& window) {
        find<QSpinBox>(window, "lengthField")->setValue(8);
        find<QSpinBox>(window, "samplesField")->setValue(2);
        find<QSpinBox>(window, "stepsField")->setValue(16);
    }

    std::unique_ptr<TemporaryFolder> m_settings;

private slots:
    void init() {
        m_settings = std::make_unique<TemporaryFolder>();
        QCoreApplication::setOrganizationName("steploom-test");
        QCoreApplication::setApplicationName("steploom-test");
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope,
                           QString::fromStdString(m_settings->path().string()));
    }

    void opensWithItsPoolAndASandwich() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(window->findChild<MemberChip*>("member1"), kPatience);
        QCOMPARE(find<MemberChip>(*window, "member0")->text(), "heavy");
        QCOMPARE(find<MemberChip>(*window, "member1")->text(), "light");
        QVERIFY(find<QPushButton>(*window, "generateButton")->isEnabled());
        QCOMPARE(find<QSpinBox>(*window, "stepsField")->value(), 256);
        // A quarter of the steps on 4 blocks instead of 12 saves a sixth of the blocks.
        const QList<QLabel*> labels = window->findChild<QWidget*>("costPanel")->findChildren<QLabel*>();
        QVERIFY(std::ranges::any_of(labels, [](const QLabel* label) { return label->text() == "16.7%"; }));
    }

    void theTrainingChartFollowsATrainingOfAnotherProgram() {
        const TemporaryFolder folder;
        RunStore trainer(folder / "runs.sqlite");
        const std::int64_t light = trainer.beginTraining(makeTraining("light"));
        trainer.addTrainingPoints(light, makeCurve(100));
        trainer.addTrainingPoints(trainer.beginTraining(makeTraining("reader")), makeCurve(50));
        const auto window = openWindow(folder);
        find<QToolButton>(*window, "railAnalyse")->click();
        find<SegmentedSwitch>(*window, "analyseSwitch")
            ->button(static_cast<int>(AnalyseChart::Training))
            ->click();
        const Plot& plot = find<PlotWidget>(*window, "trainingPlot")->plot();
        QTRY_COMPARE_WITH_TIMEOUT(plot.curves.size(), std::size_t{4}, kPatience);
        QCOMPARE(plot.curves[1].values.size(), std::size_t{10});
        trainer.addTrainingPoints(light, makeCurve(200)); // the window looks about once a second
        QTRY_COMPARE_WITH_TIMEOUT(plot.curves[1].values.size(), std::size_t{20}, kPatience);
        trainer.removeTraining(light);
        QTRY_COMPARE_WITH_TIMEOUT(plot.curves.size(), std::size_t{2}, kPatience);
        QVERIFY(!window->findChild<QAbstractButton*>(QStringLiteral("training%1").arg(light)));
    }

    void aSearchOfAnotherProgramIsDrawnAndItsScheduleGoesToTheTimeline() {
        const TemporaryFolder folder;
        RunStore other(folder / "runs.sqlite");
        StoredAnalysis search = sampleSearch(4, 1, true);
        other.keepAnalysis(search);
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!window->session().pool().members.empty(), kPatience);
        find<QToolButton>(*window, "railAnalyse")->click();
        find<SegmentedSwitch>(*window, "analyseSwitch")->button(2)->click();
        auto* chart = find<PlotWidget>(*window, "searchPlot");
        QTRY_COMPARE_WITH_TIMEOUT(chart->plot().bars.size(), std::size_t{4}, kPatience);
        const auto* remarks = find<QLabel>(*window, "searchRemarks");
        QVERIFY(remarks->text().contains("Not whole yet"));
        search.result["stopped"] = false;
        other.keepAnalysis(search); // it has come to its end
        QTRY_VERIFY_WITH_TIMEOUT(!remarks->text().contains("Not whole yet"), kPatience);

        auto* editor = find<ScheduleEditor>(*window, "scheduleEditor");
        const QString first = chart->plot().bars[0].schedule, second = chart->plot().bars[1].schedule;
        emit chart->scheduleChosen(first);
        QVERIFY(find<QWidget>(*window, "designPage")->isVisible());
        QCOMPARE(QString::fromStdString(printSchedule(editor->schedule())), first);
        QCOMPARE(find<QSpinBox>(*window, "stepsField")->value(), 32);
        // What a drag carries is what the timeline takes.
        const std::unique_ptr<QMimeData> dragged(PlotWidget::scheduleData(second));
        QDragEnterEvent enter(QPoint(20, 20), Qt::CopyAction, dragged.get(), Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(editor, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(20, 20), Qt::CopyAction, dragged.get(), Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(editor, &drop);
        QCOMPARE(QString::fromStdString(printSchedule(editor->schedule())), second);
    }

    void oneKeyGeneratesAndTheRunIsInTheTable() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!window->session().pool().members.empty(), kPatience);
        makeSmall(*window);
        QSignalSpy ended(&window->engine(), &EngineThread::runEnded);
        QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        QCOMPARE(ended.first().first().value<RunSummary>().finishedSamples, 2);
        QVERIFY(find<QLabel>(*window, "generateStatus")->text().startsWith("2 samples"));

        QTest::keyClick(window.get(), Qt::Key_4, Qt::ControlModifier);
        auto* page = find<QWidget>(*window, "runsPage");
        QVERIFY(page->isVisible());
        auto* table = page->findChild<QAbstractItemView*>("runTable");
        QVERIFY(table);
        QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 1, kPatience);
    }

    void escapeStopsAndWhatIsFinishedStays() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!window->session().pool().members.empty(), kPatience);
        find<QSpinBox>(*window, "lengthField")->setValue(32);
        find<QSpinBox>(*window, "samplesField")->setValue(100'000);
        QSignalSpy samples(&window->engine(), &EngineThread::sampleFinished);
        QSignalSpy ended(&window->engine(), &EngineThread::runEnded);
        QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(samples.count() > 0, kPatience);
        QTest::keyClick(window.get(), Qt::Key_Escape);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        const auto summary = ended.first().first().value<RunSummary>();
        QCOMPARE(summary.state, RunState::Stopped);
        QVERIFY(summary.finishedSamples > 0);
        QVERIFY(find<QLabel>(*window, "generateStatus")->text().startsWith("Stopped"));
    }

    void stepsFieldAndScheduleFollowEachOther() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!window->session().pool().members.empty(), kPatience);
        find<QSpinBox>(*window, "stepsField")->setValue(64);
        QSignalSpy begun(&window->engine(), &EngineThread::runBegun);
        makeSmall(*window);
        QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(begun.count(), 1, kPatience);
        const auto request = begun.first().at(1).value<GenerationRequest>();
        QCOMPARE(printSchedule(request.schedule), std::string("(L2,H12,L2)"));
        // Undo brings the steps back, and the field with them.
        QTest::keyClick(window.get(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(find<QSpinBox>(*window, "stepsField")->value(), 64);
    }

    void promptSaysWhatIsLeftToWriteOrWhyItDoesNotFit() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!window->session().pool().members.empty(), kPatience);
        find<QSpinBox>(*window, "lengthField")->setValue(8);
        auto* text = find<QPlainTextEdit>(*window, "textField");
        auto* line = find<QLabel>(*window, "textLine");
        text->setPlainText("abc");
        QCOMPARE(line->text(), "3 tokens fixed, 5 to write");
        QVERIFY(find<QPushButton>(*window, "generateButton")->isEnabled());
        text->setPlainText("abcdefghijklm");
        QCOMPARE(line->property("look").toString(), "error");
        QVERIFY(line->text().contains("13") && line->text().contains("8"));
        QVERIFY(!find<QPushButton>(*window, "generateButton")->isEnabled());
        QCOMPARE(find<QLabel>(*window, "generateStatus")->text(), line->text());
    }

    void aRefusedCheckpointIsExplainedUnderTheBarAndThePoolStays() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(window->findChild<MemberChip*>("member1"), kPatience);
        std::vector<PoolMemberSpec> members = window->session().pool().specs();
        members.push_back({.letter = 'M', .name = "third", .path = "broken/third"});
        window->engine().loadPool(members);
        auto* message = find<InlineMessage>(*window, "poolMessage");
        QTRY_VERIFY_WITH_TIMEOUT(message->isVisible(), kPatience);
        QVERIFY(message->text().contains("the header claims 9,000 bytes"));
        QVERIFY(message->text().contains("Download the file again"));
        QCOMPARE(window->session().pool().members.size(), std::size_t(2));
        QVERIFY(find<QPushButton>(*window, "generateButton")->isEnabled());
    }

    void aStoredRunOpensAgainWithItsSettings() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!window->session().pool().members.empty(), kPatience);
        makeSmall(*window);
        QSignalSpy ended(&window->engine(), &EngineThread::runEnded);
        QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        find<QSpinBox>(*window, "stepsField")->setValue(100);
        find<QSpinBox>(*window, "lengthField")->setValue(20);
        emit window->session().openRunRequested(ended.first().first().value<RunSummary>().id);
        QCOMPARE(find<QSpinBox>(*window, "stepsField")->value(), 16);
        QCOMPARE(find<QSpinBox>(*window, "lengthField")->value(), 8);
    }

    void aMemberCanComputeInInt8AndAFallBackIsTold() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(window->findChild<MemberChip*>("member1"), kPatience);
        QTest::mouseClick(find<MemberChip>(*window, "member1"), Qt::LeftButton);
        auto* menu = window->findChild<QMenu*>("memberMenu");
        QVERIFY(menu);
        QAction* bytes = nullptr;
        for (QAction* action : menu->actions())
            if (action->text() == "Compute in int8")
                bytes = action;
        QVERIFY(bytes);
        QVERIFY(bytes->toolTip().contains("8 bits"));
        bytes->trigger();
        menu->close();
        QTRY_VERIFY_WITH_TIMEOUT(window->session().pool().members.at(1).spec.precision == Precision::Int8,
                                 kPatience);

        PoolFacts pool = window->session().pool();
        pool.members[1].facts.requested = Precision::Int8;
        pool.members[1].facts.effective = Precision::BF16;
        window->session().setPool(pool);
        QVERIFY(find<MemberChip>(*window, "member1")
                    ->toolTip()
                    .contains("int8 asked for, bf16 used: the processor has no VNNI"));
    }

    void theBatchIsAutomaticUnlessGiven() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!window->session().pool().members.empty(), kPatience);
        makeSmall(*window);
        QCOMPARE(find<QSpinBox>(*window, "batchField")->text(), "auto");
        QSignalSpy ended(&window->engine(), &EngineThread::runEnded);
        QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        const auto summary = ended.first().first().value<RunSummary>();
        QCOMPARE(summary.request.batch, kAutomaticBatch);
        QVERIFY(summary.work.batch == 1 || summary.work.batch == 2);
        find<QSpinBox>(*window, "batchField")->setValue(1);
        QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kPatience);
        QCOMPARE(ended.last().first().value<RunSummary>().work.batch, 1);
    }

    void themeButtonChangesColoursAndIsRemembered() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QVERIFY(!Theme::instance().isDark());
        QTest::mouseClick(find<QToolButton>(*window, "themeButton"), Qt::LeftButton);
        QVERIFY(Theme::instance().isDark());
        QCOMPARE(QSettings().value("window/theme").toString(), "dark");
    }

    void paletteFindsACommandByAPartOfItsName() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        QTest::keyClick(window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        auto* palette = find<QWidget>(*window, "commandPalette");
        QVERIFY(palette->isVisible());
        auto* search = find<QLineEdit>(*window, "paletteSearch");
        QTest::keyClicks(search, "runs");
        QTest::keyClick(search, Qt::Key_Return);
        QVERIFY(!palette->isVisible());
        QVERIFY(find<QWidget>(*window, "runsPage")->isVisible());
    }

    void settingsComeBackInTheNextWindow() {
        const TemporaryFolder folder;
        {
            const auto window = openWindow(folder);
            QTRY_VERIFY_WITH_TIMEOUT(!window->session().pool().members.empty(), kPatience);
            makeSmall(*window);
            window->close();
        }
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!window->session().pool().members.empty(), kPatience);
        QCOMPARE(find<QSpinBox>(*window, "samplesField")->value(), 2);
        QCOMPARE(find<QSpinBox>(*window, "stepsField")->value(), 16);
    }
};

QTEST_MAIN(WindowTest)
#include "window_test.moc"
