// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/queue_model.h"
#include "app/pages/analyse_page.h"
#include "app/pages/analysis_actions.h"
#include "app/pages/checkpoint_folders.h"
#include "app/pages/correlation_form.h"
#include "app/pages/design_page.h"
#include "app/pages/frontier_form.h"
#include "app/pages/importance_control.h"
#include "app/pages/pool_bar.h"
#include "app/widgets/plot_widget.h"
#include "app/widgets/schedule_editor.h"
#include "app/widgets/timeline_widget.h"
#include "engine/analyses/kinds.h"
#include "tests/app/pages/window_of_fakes.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSpinBox>
#include <QTableView>
#include <QTimer>
#include <QtTest>

#include <array>
#include <cmath>
#include <semaphore>
#include <thread>

using namespace steploom;
using namespace steploom::testing;

/// A new analysis, from its dialog to the queue and back to the Design page.
class AnalysisWindowTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<WindowOfFakes> m_window;
    std::unique_ptr<TemporaryFolder> m_files;

    QString path(const std::string& name) const { return QString::fromStdString((*m_files / name).string()); }
    /// Letters a…z.
    QString writeTale(const std::string& name, std::size_t letters) {
        std::string tale;
        for (std::size_t i = 0; i < letters; ++i)
            tale += static_cast<char>('a' + i * i % 26);
        writeText(*m_files / name, tale);
        return path(name);
    }
    /// Opens the dialog by its command, has `use` play with it, and lets it end.
    void inDialog(const char* action, const std::function<void(AnalysisDialog&)>& use) {
        bool used = false;
        QTimer::singleShot(0, &m_window->window(), [&] {
            auto* dialog = m_window->window().findChild<AnalysisDialog*>("analysisDialog");
            QVERIFY(dialog);
            use(*dialog);
            used = true;
            if (dialog->isVisible())
                dialog->reject();
        });
        m_window->find<QAction>(action)->trigger();
        QVERIFY(used);
    }
    template <class Widget>
    static Widget& in(AnalysisDialog& dialog, const char* name) {
        auto* found = dialog.findChild<Widget*>(name);
        if (!found)
            qFatal("no %s", name);
        return *found;
    }
    static QString text(AnalysisDialog& dialog, const char* label) {
        return in<QLabel>(dialog, label).text();
    }
    static bool canAdd(AnalysisDialog& dialog) {
        return in<QAbstractButton>(dialog, "analysisAdd").isEnabled();
    }
    static QString whyNot(AnalysisDialog& dialog) {
        return in<QAbstractButton>(dialog, "analysisAdd").toolTip();
    }
    static void add(AnalysisDialog& dialog) { in<QAbstractButton>(dialog, "analysisAdd").click(); }
    /// Those that the evaluator has positions for.
    void useShortTexts() {
        m_window->find<QSpinBox>("stepsField")->setValue(16);
        m_window->find<QSpinBox>("lengthField")->setValue(32);
    }
    const std::vector<QueuedGeneration>& items() { return m_window->window().queue().items(); }
    DesignPage& design() { return *m_window->find<DesignPage>("designPage"); }

private slots:
    void init() {
        m_files = std::make_unique<TemporaryFolder>();
        m_window = std::make_unique<WindowOfFakes>();
        m_window->evaluatorLetters = 26;
    }
    void cleanup() { m_window.reset(); }

    void whatIsMissingIsSaidBeforeAnythingIsQueued() {
        m_window->evaluatorLetters = 0;
        m_window->open(1);
        inDialog("newSearchAction", [](AnalysisDialog& dialog) {
            QVERIFY(!canAdd(dialog));
            QVERIFY2(whyNot(dialog).contains("one model only"), qPrintable(whyNot(dialog)));
            QCOMPARE(text(dialog, "analysisSummary"), whyNot(dialog));
            QTest::keyClick(&dialog, Qt::Key_Return); // no way around it
            QVERIFY(dialog.isVisible());
        });
        m_window->close();
        m_window->open(2);
        inDialog("newFrontierAction", [](AnalysisDialog& dialog) {
            QVERIFY2(whyNot(dialog).contains("no evaluator"), qPrintable(whyNot(dialog)));
        });
        QVERIFY(items().empty());
    }

    void aSearchIsCountedAndAMuchLongerOneTakesAYes() {
        m_window->open();
        m_window->window().queue().setPaused(true);
        inDialog("newSearchAction", [](AnalysisDialog& dialog) {
            QCOMPARE(text(dialog, "searchLine"), "C(10, 2) = 45");
            QVERIFY(canAdd(dialog));
            QVERIFY(
                text(dialog, "analysisSummary").startsWith("The baseline and 45 schedules, 32 samples each"));
            QVERIFY(text(dialog, "analysisSummary").contains("FLOP"));
            QVERIFY(text(dialog, "analysisMeans").contains("Judged by reader"));
            QVERIFY(!text(dialog, "analysisMeans").contains("tokenised again"));
            auto& light = in<QSpinBox>(dialog, "searchLight");
            auto& yes = in<QCheckBox>(dialog, "analysisYes");
            QVERIFY(!yes.isVisible());
            light.setValue(5);
            QCOMPARE(text(dialog, "searchLine"), "C(10, 5) = 252");
            QVERIFY(yes.isVisible());
            QVERIFY(yes.text().contains("252 schedules"));
            QVERIFY(!canAdd(dialog));
            yes.setChecked(true);
            QVERIFY(canAdd(dialog));
            light.setValue(6); // 210: the yes was to something else
            QVERIFY(!yes.isChecked() && !canAdd(dialog));
            in<SegmentedSwitch>(dialog, "searchWhich").button(1)->click();
            in<QSpinBox>(dialog, "searchMost").setValue(20);
            QCOMPARE(text(dialog, "searchLine"), "C(10, 6) = 210, of which 20 are drawn");
            QVERIFY(canAdd(dialog) && !yes.isVisible());
            light.setValue(11);
            QVERIFY(text(dialog, "searchLine").contains("10 segments only"));
            QVERIFY(!canAdd(dialog));
            light.setValue(6);
            in<QSpinBox>(dialog, "searchSamples").setValue(4);
            add(dialog);
        });
        QCOMPARE(items().size(), std::size_t{1});
        const QueuedGeneration& item = items().front();
        QCOMPARE(item.name, std::string("Search: 6 light of 10 segments, 20 of 210 schedules, 4 samples"));
        QCOMPARE(std::get<SearchOrder>(orderOf(item.analysis)), (SearchOrder{10, 6, 20, true}));
        QCOMPARE(item.request.samples, 4);
        QCOMPARE(item.request.schedule, StepSchedule::all('H', 256));
        QVERIFY(m_window->seen("queueDock"));
        // The next one begins where this one was.
        inDialog("newSearchAction", [](AnalysisDialog& dialog) {
            QCOMPARE(text(dialog, "searchLine"), "C(10, 6) = 210, of which 20 are drawn");
            QCOMPARE(in<QSpinBox>(dialog, "searchSamples").value(), 4);
        });
    }

    void moreSchedulesThanAnybodyWaitsForAreRefused() {
        m_window->open();
        inDialog("newSearchAction", [](AnalysisDialog& dialog) {
            in<QSpinBox>(dialog, "searchSegments").setValue(100);
            in<QSpinBox>(dialog, "searchLight").setValue(50);
            QVERIFY(whyNot(dialog).contains("Draw some of them"));
            in<QSpinBox>(dialog, "searchSegments").setValue(300); // of 256 steps
            QVERIFY(whyNot(dialog).contains("256 steps only"));
        });
    }

    void anEvaluatorOfAnotherTokenizerIsMentioned() {
        m_window->evaluatorLetters = 20;
        m_window->open();
        inDialog("newFrontierAction", [](AnalysisDialog& dialog) {
            QVERIFY(text(dialog, "analysisMeans").contains("tokenised again"));
        });
    }

    void temperaturesAreReadOrRefusedBesideTheField() {
        QCOMPARE(parseTemperatures("1.2, 0.6  1;0.6"), (std::vector<double>{0.6, 1, 1.2}));
        for (const char* wrong : {"", "warm", "0.6 -1", "0", "nan", "1e9", "0,6 x"})
            QVERIFY_THROWS_EXCEPTION(Error, (void)parseTemperatures(wrong));
        m_window->open();
        m_window->window().queue().setPaused(true);
        inDialog("newFrontierAction", [](AnalysisDialog& dialog) {
            auto& temperatures = in<QLineEdit>(dialog, "frontierTemperatures");
            temperatures.setText("0.8 warm");
            QVERIFY(in<QLabel>(dialog, "frontierTemperaturesLine").isVisible());
            QVERIFY(text(dialog, "frontierTemperaturesLine").contains("“warm” is no temperature"));
            QVERIFY(!canAdd(dialog));
            temperatures.setText("0.8 1.1");
            QVERIFY(!in<QLabel>(dialog, "frontierTemperaturesLine").isVisible());
            auto& list = in<QListWidget>(dialog, "frontierSchedules");
            list.item(0)->setCheckState(Qt::Unchecked);
            QVERIFY(whyNot(dialog).contains("Tick at least one"));
            for (int row = 0; row < list.count(); ++row)
                if (list.item(row)->text() == "all light" || list.item(row)->text() == "head")
                    list.item(row)->setCheckState(Qt::Checked);
            in<QSpinBox>(dialog, "frontierBudget").setValue(50); // what is ticked stays ticked
            add(dialog);
        });
        QCOMPARE(items().size(), std::size_t{1});
        const auto order = std::get<FrontierOrder>(orderOf(items().front().analysis));
        QCOMPARE(order.temperatures, (std::vector<double>{0.8, 1.1}));
        QCOMPARE(order.schedules.size(), std::size_t{2});
        QCOMPARE(printSchedule(order.schedules[0]), std::string("(L256)"));
        QCOMPARE(printSchedule(order.schedules[1]), std::string("(L128,H128)"));
    }

    void aTextThatCannotServeIsRefusedBesideTheField() {
        m_window->open();
        const QString tale = writeTale("tale.txt", 64 * 3 + 5);
        writeTale("short.txt", 63);
        writeText(*m_files / "bytes.txt", "\xff\xfe\xfd");
        writeText(*m_files / "empty.txt", "");
        m_window->find<QSpinBox>("lengthField")->setValue(64);
        inDialog("newImportanceAction", [&](AnalysisDialog& dialog) {
            auto& line = in<QLineEdit>(dialog, "importanceText");
            for (const char* wrong : {"", "nowhere.txt", "empty.txt", "short.txt", "bytes.txt"}) {
                line.setText(*wrong ? path(wrong) : QString());
                QVERIFY2(!canAdd(dialog), wrong);
                QVERIFY2(in<QLabel>(dialog, "importanceTextLine").isVisible(), wrong);
                QVERIFY2(text(dialog, "importanceTextLine").endsWith('.'), wrong);
                QCOMPARE(whyNot(dialog), text(dialog, "importanceTextLine"));
            }
            line.setText(tale);
            QVERIFY(canAdd(dialog));
            QCOMPARE(text(dialog, "importanceTextLine"), "197 tokens, 3 windows of 64");
            QVERIFY(text(dialog, "importanceWindowsLine").contains("holds 3"));
        });
    }

    void importanceMeasuredByTheQueueIsShownOnTheDesignPage() {
        m_window->rules['L'] = [](std::span<const std::int32_t>, float sigma, int, std::span<float> logits) {
            for (std::size_t i = 0; i < logits.size(); ++i)
                logits[i] = static_cast<float>(i) * 0.1f / (0.1f + sigma);
        };
        m_window->open();
        design().importance().setUsualText(writeTale("tale.txt", 64 * 20));
        m_window->find<QSpinBox>("lengthField")->setValue(64);
        inDialog("newImportanceAction", [](AnalysisDialog& dialog) {
            in<QSpinBox>(dialog, "importanceWindows")
                .setValue(512); // as the Design page asks for: 32,768 tokens
            add(dialog);
        });
        QTRY_VERIFY_WITH_TIMEOUT(items().empty() && !m_window->window().engine().busy(), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(design().editor().timeline()->importance().values.size(), std::size_t{20},
                                  kPatience);
    }

    void aTrainersOutputStandsForTheCheckpointsItKept() {
        const auto causal = [&](const std::string& name) {
            writeTinyCausal(*m_files / name, {.vocabulary = 257});
            writeByteTokenizer(*m_files / name);
        };
        for (const char* name : {"small/steps/00000200", "small/steps/00001000", "small", "other"})
            causal(name);
        writeTinyMdlm(*m_files / "masked");
        writeTale("tale.txt", 500);
        QCOMPARE(checkpointsIn(path("small")),
                 (QStringList{path("small/steps/00000200"), path("small/steps/00001000"), path("small")}));
        QCOMPARE(checkpointsIn(path("other")), QStringList{path("other")});

        m_window->open();
        m_window->window().queue().setPaused(true);
        inDialog("newCorrelationAction", [&](AnalysisDialog& dialog) {
            in<QLineEdit>(dialog, "correlationText").setText(path("tale.txt"));
            auto& form = static_cast<CorrelationForm&>(dialog.form());
            auto& list = in<QListWidget>(dialog, "correlationFolders");
            form.addFolders({path("other"), path("masked")});
            QVERIFY2(whyNot(dialog).contains("masked-diffusion"), qPrintable(whyNot(dialog)));
            list.item(1)->setSelected(true);
            in<QAbstractButton>(dialog, "correlationRemove").click();
            QVERIFY(whyNot(dialog).contains("three checkpoints"));
            form.addFolders({path("small"), path("other")}); // each once
            QCOMPARE(list.count(), 4);
            QCOMPARE(list.item(1)->text(), "small/steps/00000200");
            QVERIFY(canAdd(dialog));
            form.addFolders({path("nowhere")});
            QVERIFY(!canAdd(dialog));
            list.item(4)->setSelected(true);
            in<QAbstractButton>(dialog, "correlationRemove").click();
            add(dialog);
        });
        QCOMPARE(items().size(), std::size_t{1});
        QCOMPARE(items().front().state, QueueState::Waiting);
        QVERIFY(items().front().request.pool.empty());
        const auto order = std::get<CorrelationOrder>(orderOf(items().front().analysis));
        QCOMPARE(order.checkpoints.size(), std::size_t{4});
        QCOMPARE(order.checkpoints[1], path("small/steps/00000200").toStdString());
    }

    void aCorrelationDoesNotMindOtherModelsInThePool() {
        m_window->runAnalysis = [](const QueuedGeneration& item, const GenerationMeans& means,
                                   ComputeContext&, AnalysisObserver&, const std::stop_token& stop) {
            while (!stop.stop_requested())
                std::this_thread::yield();
            means.store->releaseQueued(item.id);
            return false;
        };
        m_window->open();
        WantedGeneration correlation{
            "correlation", {}, orderJson(CorrelationOrder{.checkpoints = {"a"}, .text = "t"})};
        correlation.request.schedule = StepSchedule("H");
        GenerationQueue& queue = m_window->window().queue();
        QVERIFY(!queue.add(std::array{correlation, correlation}));
        QTRY_VERIFY_WITH_TIMEOUT(queue.running() != 0, kPatience);
        emit m_window->window().findChild<PoolBar*>()->poolRequested(
            {{.letter = 'H', .name = "teacher", .path = "fake/teacher"}});
        QVERIFY(!queue.isPaused());
        queue.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->window().engine().busy(), kPatience);
    }

    void whatIsBegunAtAChartFillsIt() {
        m_window->open();
        for (const char* button :
             {"importanceAction:newImportanceAction", "searchAction:newSearchAction",
              "predictionAction:newImportanceAction", "predictionAction:newSearchAction",
              "frontierAction:newFrontierAction", "correlationAction:newCorrelationAction"})
            m_window->find<QAbstractButton>(button);
        useShortTexts();
        const auto* plot = m_window->find<PlotWidget>("searchPlot");
        QVERIFY(plot->plot().isEmpty());
        inDialog("newSearchAction", [](AnalysisDialog& dialog) {
            in<QSpinBox>(dialog, "searchSegments").setValue(4);
            in<QSpinBox>(dialog, "searchLight").setValue(1);
            in<QSpinBox>(dialog, "searchSamples").setValue(2);
            add(dialog);
        });
        QTRY_VERIFY_WITH_TIMEOUT(items().empty() && !m_window->window().engine().busy(), kPatience);
        // A chart that nobody sees is not drawn.
        m_window->click("railAnalyse");
        m_window->find<AnalysePage>("analysePage")->showChart(AnalyseChart::Search);
        QTRY_COMPARE_WITH_TIMEOUT(plot->plot().bars.size(), std::size_t{4}, 2000);
        QVERIFY(m_window->find<QLabel>("searchSubtitle")->text().contains("4 schedules"));
    }

    void theFirstJudgedRunBringsTheAnchors() {
        m_window->text = writeTale("tale.txt", 2000);
        m_window->open();
        useShortTexts();
        m_window->find<QSpinBox>("samplesField")->setValue(1);
        m_window->click("generateButton");
        RunLibrary& library = m_window->window().library();
        const auto anchors = [&] {
            const auto found = library.analyses().find(kAnchorsKind);
            return found == library.analyses().end() ? std::size_t{0} : found->second.size();
        };
        QTRY_COMPARE_WITH_TIMEOUT(anchors(), std::size_t{1}, kPatience);
        const nlohmann::json& kept = library.analyses().at(kAnchorsKind).front().result;
        // A reader of 26 letters alike finds real text as likely as any: 2.6 nats a letter.
        QVERIFY(std::abs(kept.at("real").at("perplexity").at("value").get<double>() - std::exp(2.6)) < 1e-3);
        QCOMPARE(kept.at("length").get<int>(), m_window->find<DesignPage>("designPage")->request().length);
        // And the quality chart draws it.
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->find<PlotWidget>("qualityPlot")->plot().anchors.empty(),
                                 kPatience);
    }

    void aRunningAnalysisIsFollowedInTheQueueAndOnTheDesignPage() {
        std::binary_semaphore gate(0);
        m_window->runAnalysis = [&gate](const QueuedGeneration& item, const GenerationMeans& means,
                                        ComputeContext&, AnalysisObserver& observer, const std::stop_token&) {
            observer.advanced(0.36, "schedule 3 of 46: (L26,H230)");
            gate.acquire();
            means.store->finishQueued(item.id);
            return true;
        };
        m_window->open();
        inDialog("newSearchAction", [](AnalysisDialog& dialog) { add(dialog); });
        const auto* model = m_window->find<QTableView>("queueTable")->model();
        QTRY_COMPARE_WITH_TIMEOUT(model->index(0, QueueModel::State).data().toString(),
                                  "36% · schedule 3 of 46: (L26,H230)", kPatience);
        QCOMPARE(m_window->find<QLabel>("generateStatus")->text(), "Analysis: schedule 3 of 46");
        gate.release();
        QTRY_VERIFY_WITH_TIMEOUT(items().empty() && !m_window->window().engine().busy(), kPatience);
        QCOMPARE(m_window->find<QLabel>("generateStatus")->text(), "The analysis is finished");
    }
};

QTEST_MAIN(AnalysisWindowTest)
#include "analysis_window_test.moc"
