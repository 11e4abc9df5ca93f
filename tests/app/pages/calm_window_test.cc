// SPDX-License-Identifier: GPL-3.0-or-later
// Models that write in order, in the real window: a CALM pool from the golden folders, and an autoregressive
// one.
#include "app/bridge/run_table_columns.h"
#include "app/pages/analyse_page.h"
#include "app/pages/brier_form.h"
#include "app/pages/brier_plot.h"
#include "app/pages/catch_up.h"
#include "app/pages/pool_bar.h"
#include "app/pages/report_page.h"
#include "app/widgets/canvas_panel.h"
#include "app/widgets/page_preview.h"
#include "app/widgets/plot_widget.h"
#include "app/widgets/timeline_widget.h"
#include "engine/analyses/autoencoder_analysis.h"
#include "engine/analyses/brier_study.h"
#include "engine/analyses/kinds.h"
#include "engine/runs/run_store.h"
#include "tests/app/pages/window_of_fakes.h"
#include "tests/engine/sampling/calm_pool.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QtTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kChunk = 4; ///< K of the golden
constexpr int kLength = 40;

/// By what the folders are called: CALM, autoregressive, else masked diffusion.
ModelPool poolOf(std::vector<PoolMemberSpec> specs, const std::filesystem::path&, ComputeContext& context) {
    const std::string path = specs.front().path;
    if (path.find("calm") != std::string::npos) {
        const Checkpoint whole = Checkpoint::open(goldenPath("calm_k4/calm"));
        std::vector<PoolMember> members;
        int vocabulary = 0;
        for (const PoolMemberSpec& spec : specs) {
            std::shared_ptr<CalmModel> model =
                spec.letter == 'H' ? CalmModel::load(whole, Precision::F32, context)
                                   : CalmModel::load(withoutLastLayer(whole, "transformer.layers."),
                                                     Precision::F32, context);
            vocabulary = model->facts().vocabulary;
            members.push_back({spec, std::move(model)});
        }
        return ModelPool(std::move(members), makeLetterTokenizer(vocabulary));
    }
    std::vector<PoolMember> members;
    const bool autoregressive = path.find("reader") != std::string::npos;
    for (const PoolMemberSpec& spec : specs)
        members.push_back({spec, autoregressive ? std::shared_ptr<Model>(std::make_shared<FakeCausal>(
                                                      26, 64, [](auto, int) { return 2.6; }))
                                                : std::make_shared<FakeDenoiser>(27, 64)});
    return ModelPool(std::move(members), makeLetterTokenizer(26));
}

std::vector<DemoPool> demos() {
    return {{"calm",
             "CALM",
             "",
             {{.letter = 'H', .name = "full", .path = "calm/full"},
              {.letter = 'L', .name = "small", .path = "calm/small"}}},
            {"autoregressive", "reader", "", {{.letter = 'H', .name = "reader", .path = "reader"}}},
            {"masked-diffusion",
             "heavy",
             "",
             {{.letter = 'H', .name = "heavy", .path = "heavy"},
              {.letter = 'L', .name = "light", .path = "light"}}}};
}

BrierStudyPoint judged(const char* model, GenerationKind kind, double flops, double score,
                       double temperature = 1, int candidates = 1) {
    BrierStudyPoint point{.model = model, .kind = kind, .temperature = temperature, .candidates = candidates};
    point.inferenceFlops = flops;
    point.trainingFlops = 100 * flops;
    point.brier.score = Estimate{score, score - 0.2, score + 0.2, 64};
    return point;
}

BrierStudy study() {
    BrierStudy study;
    study.points = {judged("reader", GenerationKind::Autoregressive, 3e7, 4.2),
                    judged("calm-full", GenerationKind::Calm, 1e7, 3.1),
                    judged("calm-full", GenerationKind::Calm, 5e7, 3.6, 0.5, 50),
                    judged("calm-full", GenerationKind::Calm, 9e7, 3.8, 0.5, 200),
                    judged("heavy", GenerationKind::MaskedDiffusion, 9e8, 2.4)};
    study.points.back().trainingFlops.reset();
    study.points.push_back(judged("H: calm-full, L: calm-small", GenerationKind::Calm, 8e6, 2.9));
    study.points.back().schedule = "(L8,H16,L8)";
    return study;
}

} // namespace

class CalmWindowTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<WindowOfFakes> m_window;

    template <class Widget>
    Widget* find(const QString& name) {
        return m_window->find<Widget>(name);
    }
    TimelineWidget* timeline() { return find<TimelineWidget>("timeline"); }
    QString notation() { return find<QLineEdit>("scheduleNotation")->text(); }
    QString text(const QString& label) { return find<QLabel>(label)->text(); }
    /// Chooses a demo pool and waits for it.
    void choose(const char* key) {
        find<QAction>(QString("demoPool:") + key)->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(QByteArray(generationKindName((*m_window)->session().pool().kind()).data()),
                                  QByteArray(key), kPatience);
    }
    void paint(double from, double to, int lane) {
        const auto at = [&](double step) { return timeline()->pointAt(step, lane).toPoint(); };
        QTest::mousePress(timeline(), Qt::LeftButton, {}, at(from));
        QTest::mouseMove(timeline(), at((from + to) / 2));
        QTest::mouseMove(timeline(), at(to));
        QTest::mouseRelease(timeline(), Qt::LeftButton, {}, at(to));
    }
    void generate() {
        QSignalSpy ended(&(*m_window)->engine(), &EngineThread::runEnded);
        find<QAction>("generateAction")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT((*m_window)->library().runs().size(), std::size_t{1}, kPatience);
    }

private slots:
    void init() {
        m_window = std::make_unique<WindowOfFakes>();
        m_window->loadPool = poolOf;
        m_window->demoPools = demos();
        m_window->open();
        m_window->window().resize(1440, 900);
    }
    void cleanup() { m_window.reset(); }

    void membersThatSitOutCatchUp() {
        const auto found = catchUpsOf(parseSchedule("(H4,L3,H2,L1)"), 2);
        QCOMPARE(found.size(), std::size_t{2});
        QCOMPARE(found[0].letter, 'H'); // the three of L
        QCOMPARE(found[0].steps, 3);
        QCOMPARE(found[0].returns, 1);
        QCOMPARE(found[1].letter, 'L'); // two of H after the prompt, then two more
        QCOMPARE(found[1].steps, 4);
        QCOMPARE(found[1].returns, 2);
        QVERIFY(catchUpsOf(parseSchedule("(H10)"), 2).empty());
    }

    void aPoolOfOtherLettersKeepsTheLength() {
        const int length = find<QSpinBox>("lengthField")->value();
        (*m_window)->engine().loadPool({{.letter = 'F', .name = "full", .path = "calm/full"},
                                        {.letter = 'S', .name = "small", .path = "calm/small"}});
        QTRY_COMPARE_WITH_TIMEOUT((*m_window)->session().pool().kind(), GenerationKind::Calm, kPatience);
        QCOMPARE(find<QSpinBox>("lengthField")->value(), length);
        QCOMPARE(find<QSpinBox>("stepsField")->value(), length / kChunk);
        QCOMPARE(parseSchedule(notation().toStdString()).steps(), length / kChunk);
    }

    void aDemoPoolOfVectorsSetsStepsFieldsAndWords() {
        QVERIFY(m_window->seen("stepsField") && m_window->seen("orderGroup"));
        choose("calm");
        find<QSpinBox>("lengthField")->setValue(kLength);
        QCOMPARE(find<QSpinBox>("stepsField")->value(), kLength / kChunk);
        QVERIFY(find<QSpinBox>("stepsField")->isReadOnly());
        for (const char* hidden :
             {"orderGroup", "topPField", "float32GumbelField", "topKField", "mostDrawsField"})
            QVERIFY2(!m_window->seen(hidden), hidden);
        for (const char* shown :
             {"temperatureMethodField", "candidatesField", "promptFitField", "costCatchUp"})
            QVERIFY2(m_window->seen(shown), shown);
        QVERIFY(!m_window->find<SegmentedSwitch>("rulerUnit")->button(2)->isVisible());
        QVERIFY(!m_window->find<SegmentedSwitch>("textKind")->button(1)->isVisible());
        QVERIFY(timeline()->accessibleDescription().startsWith("10 vectors"));
        // Without a prompt a chunk is given: it ends with the token that texts begin with.
        QVERIFY2(text("textLine").startsWith("4 tokens given, 36 to write"), qPrintable(text("textLine")));
        QCOMPARE(timeline()->idleSteps().size(), std::size_t{1});
        find<QComboBox>("temperatureMethodField")->setCurrentIndex(1);
        QVERIFY(m_window->seen("mostDrawsField") && !m_window->seen("candidatesField"));

        choose("masked-diffusion"); // and back
        QCOMPARE(find<QSpinBox>("stepsField")->value(), 256);
        QVERIFY(m_window->seen("orderGroup") && !m_window->seen("costCatchUp"));
        QVERIFY(m_window->find<SegmentedSwitch>("rulerUnit")->button(2)->isVisible());
    }

    void whatCannotBeRunIsSaidInWords() {
        choose("calm");
        find<QSpinBox>("lengthField")->setValue(42);
        const QAction* generate = find<QAction>("generateAction");
        QVERIFY(!generate->isEnabled());
        QVERIFY2(generate->property("whyNot").toString().contains("42"),
                 qPrintable(generate->property("whyNot").toString()));
        find<QSpinBox>("lengthField")->setValue(kLength);
        QVERIFY(generate->isEnabled());
        find<QDoubleSpinBox>("temperatureField")->setValue(0.4);
        QVERIFY(!generate->isEnabled()); // 1/2 and 1/3 are the nearest
        find<QDoubleSpinBox>("temperatureField")->setValue(0.33);
        QVERIFY(generate->isEnabled()); // it means 1/3
        find<QDoubleSpinBox>("temperatureField")->setValue(0.4);
        find<QComboBox>("temperatureMethodField")->setCurrentIndex(1);
        QVERIFY(generate->isEnabled());
        find<QPlainTextEdit>("textField")->setPlainText("abcdefghij"); // two and a half chunks
        QVERIFY2(text("textLine").contains("12 tokens given"), qPrintable(text("textLine")));
        find<QComboBox>("promptFitField")->setCurrentIndex(1);
        QVERIFY2(text("textLine").contains("8 tokens given"), qPrintable(text("textLine")));
        QVERIFY(text("textLine").contains("left out"));
    }

    void aPaintedScheduleIsGeneratedLookedAtAndReported() {
        choose("calm");
        find<QSpinBox>("lengthField")->setValue(kLength);
        find<QSpinBox>("samplesField")->setValue(2);
        find<QPlainTextEdit>("textField")->setPlainText("abcdefgh");
        find<QDoubleSpinBox>("temperatureField")->setValue(0.5);
        find<QSpinBox>("candidatesField")->setValue(20);
        auto* field = find<QLineEdit>("scheduleNotation");
        field->setText("(H10)");
        emit field->textEdited("(H10)");
        emit field->returnPressed();
        QCOMPARE(text("costCatchUp"), "–");
        paint(4.5, 6.5, 1);
        QCOMPARE(notation(), "(H4,L3,H3)");
        QCOMPARE(text("costCatchUp"), "H 3 · L 2");
        QVERIFY(text("costCalls").startsWith("8 of 10"));
        generate();

        const RunSummary run = (*m_window)->library().runs().front();
        const auto sampler = std::ranges::find_if(runTableColumns(), [](const RunTableColumn& column) {
            return std::string_view(column.key) == "sampler";
        });
        QCOMPARE(runFigure(run, static_cast<int>(sampler - runTableColumns().begin())).toString(), "calm");
        QCOMPARE(run.finishedSamples, 2);
        auto* canvas = find<TokenCanvas>("tokenCanvas");
        QCOMPARE(canvas->maskedCount(), 0);
        const QString tip = canvas->tooltipOf(4 * kChunk + 1);
        QVERIFY2(tip.contains("vector 4 · L small") && tip.contains("of 20 draws"), qPrintable(tip));
        QVERIFY2(canvas->tooltipOf(1).contains("given"), qPrintable(canvas->tooltipOf(1)));
        find<CanvasPanel>("canvasPanel")->setStep(4);
        QCOMPARE(canvas->maskedCount(), kLength - 5 * kChunk);
        QVERIFY2(text("stepText").startsWith("vector 4 · L · 4 tokens · 20 to write"),
                 qPrintable(text("stepText")));

        emit(*m_window)->session().reportRunsRequested({run.id});
        auto* report = find<ReportPage>("reportPage");
        QVERIFY(report->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(report->preview().isComplete(), kPatience);
    }

    void anAutoregressivePoolWritesTokens() {
        choose("autoregressive");
        find<QSpinBox>("lengthField")->setValue(12);
        QCOMPARE(find<QSpinBox>("stepsField")->value(), 12);
        QVERIFY(m_window->seen("topKField") && m_window->seen("topPField") &&
                !m_window->seen("candidatesField"));
        QVERIFY(timeline()->accessibleDescription().startsWith("12 tokens"));
        find<QPlainTextEdit>("textField")->setPlainText("abc");
        find<QSpinBox>("topKField")->setValue(5);
        find<QSpinBox>("samplesField")->setValue(1);
        generate();
        auto* canvas = find<TokenCanvas>("tokenCanvas");
        QVERIFY2(canvas->tooltipOf(5).contains("token 5 · H reader"), qPrintable(canvas->tooltipOf(5)));
        QVERIFY(canvas->tooltipOf(5).contains("probability"));
    }

    void aStudyIsChartedBesideThePublishedRows() {
        {
            RunStore store(m_window->storeFile());
            store.keepAnalysis({.kind = kBrierStudyKind,
                                .settings = {{"windows", 64}, {"text", "tale.txt"}},
                                .result = study(),
                                .created = "2026-03-06T10:00:00Z"});
            AutoencoderQuality quality{.chunks = 512, .divergence = {0.8, 0.001, 1.9}, .collapsed = 1};
            quality.token = {0.995, 0.99, 0.999, 512};
            store.keepAnalysis({.kind = kAutoencoderKind,
                                .settings = {{"autoencoder", "autoencoder"}, {"text", "tale.txt"}},
                                .result = quality,
                                .created = "2026-03-06T10:00:00Z"});
        }
        auto* page = find<AnalysePage>("analysePage");
        find<QAction>("goToAnalyse")->trigger();
        page->showChart(AnalyseChart::Brier);
        (*m_window)->library().refresh();
        PlotWidget* plot = page->card(AnalyseChart::Brier)->plot();
        QTRY_COMPARE_WITH_TIMEOUT(plot->plot().points.size(), study().points.size() + 6, kPatience);
        QVERIFY(plot->plot().x.logarithmic);
        find<QCheckBox>("brierPublished")->setChecked(false);
        QCOMPARE(plot->plot().points.size(), study().points.size());
        find<QComboBox>("brierScore")->setCurrentIndex(1);
        QCOMPARE(plot->plot().y.title, "Brier-1");
        find<QComboBox>("brierScore")->setCurrentIndex(0);
        find<QComboBox>("brierAxis")->setCurrentIndex(1); // one does not tell what its training took
        QCOMPARE(plot->plot().points.size(), study().points.size() - 1);
        QVERIFY(text("brierRemarks").contains("1 point is left out"));

        page->showChart(AnalyseChart::Ablation);
        const Plot& ablation = page->card(AnalyseChart::Ablation)->plot()->plot();
        QCOMPARE(ablation.curves.size(), std::size_t{2}); // N = 50, N = 200
        QCOMPARE(ablation.curves.front().values.size(), std::size_t{2});

        page->showChart(AnalyseChart::Autoencoder);
        const Plot& dimensions = page->card(AnalyseChart::Autoencoder)->plot()->plot();
        QCOMPARE(dimensions.bars.size(), std::size_t{3});
        QCOMPARE(dimensions.bars.front().label, "z3"); // says most
        QVERIFY(dimensions.bars.back().quiet);
        QVERIFY(text("autoencoderTokens").startsWith("99.5"));
        QCOMPARE(text("autoencoderCollapsed"), "1 of 3");
    }

    void typedTemperaturesAreFractions() {
        QCOMPARE(parseWholeTemperatures("1 1/2, 0.25; 1/2"), (std::vector<double>{0.25, 0.5, 1}));
        QVERIFY_EXCEPTION_THROWN((void)parseWholeTemperatures("0.4"), Error);
        QVERIFY_EXCEPTION_THROWN((void)parseWholeTemperatures(""), Error);
        QCOMPARE(parseCandidates("200 10,10"), (std::vector<int>{10, 200}));
        QVERIFY_EXCEPTION_THROWN((void)parseCandidates("many"), Error);
    }
};

QTEST_MAIN(CalmWindowTest)
#include "calm_window_test.moc"
