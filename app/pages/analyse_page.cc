// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analyse_page.h"

#include "app/pages/autoencoder_card.h"
#include "app/pages/brier_card.h"
#include "app/pages/chart_switch.h"
#include "app/pages/correlation_card.h"
#include "app/pages/frontier_card.h"
#include "app/pages/importance_card.h"
#include "app/pages/prediction_card.h"
#include "app/pages/quality_card.h"
#include "app/pages/search_card.h"
#include "app/widgets/plot_widget.h"
#include "app/widgets/shortcut_tip.h"
#include "app/widgets/theme.h"
#include "engine/analyses/kinds.h"
#include "engine/runs/known_importance.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace steploom {
namespace {

template <class Result>
AnalysisRecords<Result> read(const AnalysesByKind& analyses, const char* kind) {
    const auto found = analyses.find(kind);
    return found == analyses.end() ? AnalysisRecords<Result>() : readAnalyses<Result>(found->second);
}

} // namespace

AnalysePage::AnalysePage(Session* session, QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("analysePage"));
    auto* header = new QHBoxLayout;
    QLabel* pageTitle = makeLabel(tr("Analyse"));
    pageTitle->setFont(Theme::instance().font(1, true));
    header->addWidget(pageTitle);
    header->addSpacing(Theme::kGrid);
    // The order of AnalyseChart.
    m_switch = new ChartSwitch({tr("Quality"), tr("Importance"), tr("Search"), tr("Prediction"),
                                tr("Frontier"), tr("Correlation"), tr("BrierLM"), tr("Ablation"),
                                tr("Autoencoder"), tr("Training")});
    header->addWidget(m_switch, 1);
    m_notice = makeLabel({}, "dim");
    m_notice->setObjectName(QStringLiteral("analyseNotice"));
    header->addWidget(m_notice);
    m_calculator = named(new FlatButton(Glyph::Calculator, tr("Compute calculator")),
                         QStringLiteral("analyseCalculator"), tr("Compute calculator"));
    m_calculator->hide();
    header->addWidget(m_calculator);
    const struct {
        const char* name;
        QString text;
        PlotWidget::Format format;
    } exports[] = {{"copyPng", tr("PNG"), PlotWidget::Format::Png},
                   {"copySvg", tr("SVG"), PlotWidget::Format::Svg},
                   {"copyCsv", tr("CSV"), PlotWidget::Format::Csv}};
    for (const auto& each : exports) {
        auto* button = named(new QPushButton(each.text), QLatin1String(each.name),
                             tr("Copy the chart as %1").arg(each.text));
        button->setToolTip(tr("Copy the chart as %1; its context menu saves it to a file").arg(each.text));
        connect(button, &QPushButton::clicked, this, [this, format = each.format, text = each.text] {
            card(chart())->plot()->copy(format);
            m_notice->setText(tr("Copied as %1").arg(text));
        });
        m_exports.push_back(button);
        header->addWidget(button);
    }

    m_charts = new QStackedWidget;
    for (ChartCard* card :
         std::initializer_list<ChartCard*>{m_quality = new QualityCard, m_importance = new ImportanceCard,
         m_search = new SearchCard, m_prediction = new PredictionCard, m_frontier = new FrontierCard,
         m_correlation = new CorrelationCard, m_brier = new BrierCard, m_ablation = new AblationCard,
         m_autoencoder = new AutoencoderCard, m_training = new TrainingCard}) {
        m_charts->addWidget(card);
        connect(card, &ChartCard::plotChanged, this, &AnalysePage::refreshExports);
        connect(card, &ChartCard::runChosen, session, &Session::openRunRequested);
        connect(card, &ChartCard::scheduleChosen, this, &AnalysePage::scheduleChosen);
    }

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 12, 12, 12);
    layout->setSpacing(Theme::kGrid);
    layout->addLayout(header);
    layout->addWidget(m_charts, 1);

    connect(m_switch, &ChartSwitch::currentChanged, this, [this](int chart) {
        m_charts->setCurrentIndex(chart);
        m_notice->clear();
        refreshExports();
    });
    refreshExports();
}

void AnalysePage::setCalculatorAction(QAction* calculator) {
    connect(m_calculator, &QToolButton::clicked, calculator, &QAction::trigger);
    setTipWithShortcut(m_calculator, calculator, tr("Compute calculator"));
    m_calculator->show();
}

PlotWidget* AnalysePage::plot() const noexcept { return m_quality->plot(); }

void AnalysePage::showChart(AnalyseChart chart) { m_switch->setCurrentIndex(static_cast<int>(chart)); }

AnalyseChart AnalysePage::chart() const { return static_cast<AnalyseChart>(m_charts->currentIndex()); }

ChartCard* AnalysePage::card(AnalyseChart chart) const {
    return static_cast<ChartCard*>(m_charts->widget(static_cast<int>(chart)));
}

void AnalysePage::setRuns(const std::vector<RunSummary>& runs, int all) { m_quality->setRuns(runs, all); }

void AnalysePage::setTrainings(const std::vector<TrainingSummary>& trainings, TrainingCard::Reader read) {
    m_training->setTrainings(trainings, std::move(read));
}

void AnalysePage::setAnalyses(const AnalysesByKind& analyses) {
    const auto importances = read<ImportanceProfile>(analyses, kImportanceKind);
    const auto searches = read<SearchResult>(analyses, kSearchKind);
    const auto anchors = read<PerplexityAnchors>(analyses, kAnchorsKind);
    m_quality->setAnchors(anchors);
    m_importance->setAnalyses(importances);
    m_search->setAnalyses(searches);
    m_prediction->setAnalyses(searches, importances);
    m_frontier->setAnalyses(read<Frontier>(analyses, kFrontierKind), anchors);
    m_correlation->setAnalyses(read<CorrelationStudy>(analyses, kCorrelationKind));
    const auto studies = read<BrierStudy>(analyses, kBrierStudyKind);
    m_brier->setAnalyses(studies);
    m_ablation->setAnalyses(studies);
    m_autoencoder->setAnalyses(read<AutoencoderQuality>(analyses, kAutoencoderKind));
}

void AnalysePage::refreshExports() {
    const bool any = !card(chart())->plot()->plot().isEmpty();
    for (QPushButton* button : m_exports)
        button->setEnabled(any);
}

} // namespace steploom
