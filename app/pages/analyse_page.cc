// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analyse_page.h"

#include "app/widgets/controls.h"
#include "app/widgets/plot_widget.h"
#include "app/widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace steploom {

namespace {

template <class Widget>
Widget* named(Widget* widget, const char* name, const QString& accessible) {
    widget->setObjectName(QLatin1String(name));
    widget->setAccessibleName(accessible);
    return widget;
}

} // namespace

AnalysePage::AnalysePage(Session* session, QWidget* parent) : QWidget(parent), m_session(session) {
    setObjectName(QStringLiteral("analysePage"));
    auto* header = new QHBoxLayout;
    QLabel* pageTitle = makeLabel(tr("Analyse"));
    pageTitle->setFont(Theme::instance().font(1, true));
    header->addWidget(pageTitle);
    header->addSpacing(Theme::kGrid);
    m_switch = named(new SegmentedSwitch({tr("Quality"), tr("Training")}), "analyseSwitch", tr("Chart"));
    header->addWidget(m_switch);
    header->addStretch();
    const struct {
        const char* name;
        QString text;
        PlotWidget::Format format;
    } exports[] = {{"copyPng", tr("PNG"), PlotWidget::Format::Png},
                   {"copySvg", tr("SVG"), PlotWidget::Format::Svg},
                   {"copyCsv", tr("CSV"), PlotWidget::Format::Csv}};
    for (const auto& each : exports) {
        auto* button =
            named(new QPushButton(each.text), each.name, tr("Copy the chart as %1").arg(each.text));
        button->setToolTip(tr("Copy the chart as %1; its context menu saves it to a file").arg(each.text));
        connect(button, &QPushButton::clicked, this, [this, format = each.format, text = each.text] {
            (showsTraining() ? m_training->plot() : m_plot)->copy(format);
            (showsTraining() ? m_training->remarks() : m_remarks)->setText(tr("Copied as %1.").arg(text));
        });
        m_exports.push_back(button);
        header->addWidget(button);
    }
    m_charts = new QStackedWidget;
    m_charts->addWidget(makeQualityCard());
    m_training = new TrainingCard;
    m_charts->addWidget(m_training);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 12, 12, 12);
    layout->setSpacing(Theme::kGrid);
    layout->addLayout(header);
    layout->addWidget(m_charts, 1);

    connect(m_switch, &SegmentedSwitch::currentChanged, this, [this](int chart) {
        m_charts->setCurrentIndex(chart);
        refreshExports();
    });
    connect(m_training, &TrainingCard::plotChanged, this, &AnalysePage::refreshExports);
    connect(m_axis, &QComboBox::currentIndexChanged, this, &AnalysePage::refresh);
    connect(m_judge, &QComboBox::currentIndexChanged, this, &AnalysePage::refresh);
    connect(m_group, &QCheckBox::toggled, this, &AnalysePage::refresh);
    connect(m_logarithmic, &QCheckBox::toggled, this, &AnalysePage::refresh);
    connect(m_plot, &PlotWidget::pointClicked, m_session, &Session::openRunRequested);
    connect(&Theme::instance(), &Theme::changed, this, &AnalysePage::refresh);
    refresh();
}

Card* AnalysePage::makeQualityCard() {
    m_axis = named(new QComboBox, "qualityAxis", tr("What quality is held against"));
    m_axis->addItem(tr("over executed FLOPs"), static_cast<int>(QualityAxis::Flops));
    m_axis->addItem(tr("over FLOPs saved"), static_cast<int>(QualityAxis::Saved));
    m_axis->addItem(tr("over seconds"), static_cast<int>(QualityAxis::Seconds));
    m_judge = named(new QComboBox, "qualityJudge", tr("Evaluator"));
    m_judge->setToolTip(tr("Figures of different evaluators do not compare, so one chart shows one"));
    m_group = named(new QCheckBox(tr("group repeats")), "qualityGroup", tr("Group repeats"));
    m_group->setToolTip(
        tr("One point for runs that differ only in seed and samples: mean ± 95% t interval over runs"));
    m_logarithmic = named(new QCheckBox(tr("log")), "qualityLog", tr("Logarithmic perplexity axis"));
    m_logarithmic->setToolTip(tr("Logarithmic perplexity axis"));

    QLabel* title = makeLabel(tr("Quality against compute"), "title");
    m_subtitle = named(makeLabel({}, "dim"), "qualitySubtitle", {});
    m_subtitle->setWordWrap(true);
    auto* titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(title);
    titles->addWidget(m_subtitle);
    auto* controls = new QHBoxLayout;
    controls->setSpacing(Theme::kGrid);
    controls->addLayout(titles, 1);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_group, m_logarithmic, m_judge, m_axis})
        controls->addWidget(widget, 0, Qt::AlignVCenter);

    m_plot = named(new PlotWidget, "qualityPlot", tr("Quality against compute"));
    m_remarks = named(makeLabel({}, "dim"), "qualityRemarks", {});
    m_remarks->setWordWrap(true);

    auto* card = new Card;
    auto* cardLayout = new QVBoxLayout(card);
    cardLayout->setContentsMargins(16, 12, 16, 12);
    cardLayout->setSpacing(Theme::kGrid);
    cardLayout->addLayout(controls);
    cardLayout->addWidget(m_plot, 1);
    cardLayout->addWidget(m_remarks);
    return card;
}

bool AnalysePage::showsTraining() const { return m_charts->currentWidget() == m_training; }

void AnalysePage::setTrainings(const std::vector<TrainingSummary>& trainings, TrainingCard::Reader read) {
    m_training->setTrainings(trainings, std::move(read));
}

void AnalysePage::setRuns(const std::vector<RunSummary>& runs) {
    m_runs = runs;
    refreshJudges();
    refresh();
}

/// Fills the selector and keeps the choice.
void AnalysePage::refreshJudges() {
    const QSignalBlocker quiet(m_judge);
    const QVariant chosen = m_judge->currentData();
    m_judge->clear();
    for (const QualityJudge& judge : judgesOf(m_runs))
        m_judge->addItem(tr("evaluator: %1").arg(judge.name), QString::fromStdString(judge.key));
    m_judge->setCurrentIndex(std::max(0, m_judge->findData(chosen)));
}

QualityChoice AnalysePage::choice() const {
    QualityChoice choice;
    choice.axis = static_cast<QualityAxis>(m_axis->currentData().toInt());
    choice.judge = m_judge->currentData().toString().toStdString();
    choice.groupBySchedule = m_group->isChecked();
    choice.logarithmic = m_logarithmic->isChecked();
    return choice;
}

void AnalysePage::refresh() {
    const QualityPlot quality = qualityPlot(m_runs, choice());
    const bool any = !quality.plot.points.empty();
    m_plot->setEmptyText(
        m_runs.empty()
            ? tr("No runs yet. Generate on the Design page: each run becomes a point here.")
            : tr("No run has a generative perplexity yet. Choose an evaluator on the Design page, then "
                 "generate: the run is judged when it is finished."));
    m_plot->setPlot(quality.plot);
    for (QWidget* control : std::initializer_list<QWidget*>{m_axis, m_judge, m_group, m_logarithmic})
        control->setEnabled(any);
    refreshExports();
    m_judge->setVisible(m_judge->count() > 0);

    const QString samples = quality.fewestSamples == quality.mostSamples
                                ? QString::number(quality.mostSamples)
                                : tr("%1 to %2").arg(quality.fewestSamples).arg(quality.mostSamples);
    m_subtitle->setText(
        any ? tr("%1 samples per run · 95% intervals · hover for entropy · click to open the run")
                  .arg(samples)
            : tr("generative perplexity over what generation took"));
    QStringList remarks;
    if (quality.unmeasured > 0)
        remarks += quality.unmeasured == 1 ? tr("1 run has no perplexity.")
                                           : tr("%1 runs have no perplexity.").arg(quality.unmeasured);
    if (quality.otherJudges > 0)
        remarks += quality.otherJudges == 1
                       ? tr("1 run was judged by another evaluator.")
                       : tr("%1 runs were judged by other evaluators.").arg(quality.otherJudges);
    m_remarks->setText(remarks.join(u' '));
}

void AnalysePage::refreshExports() {
    const bool any = !(showsTraining() ? m_training->plot() : m_plot)->plot().isEmpty();
    for (QPushButton* button : m_exports)
        button->setEnabled(any);
}

} // namespace steploom
