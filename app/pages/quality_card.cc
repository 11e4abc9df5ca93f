// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/quality_card.h"

#include "app/widgets/plot_widget.h"
#include "app/widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLocale>
#include <QSignalBlocker>

namespace steploom {

QualityCard::QualityCard(QWidget* parent)
    : ChartCard(QStringLiteral("quality"), tr("Quality against compute"), parent) {
    m_measure = named(new QComboBox, QStringLiteral("qualityMeasure"), tr("Measure of quality"));
    m_measure->addItem(tr("perplexity"), static_cast<int>(QualityMeasure::Perplexity));
    m_measure->addItem(tr("BrierLM"), static_cast<int>(QualityMeasure::BrierLm));
    m_measure->setToolTip(tr("Generative perplexity: lower is better. BrierLM: higher is better"));
    m_axis = named(new QComboBox, QStringLiteral("qualityAxis"), tr("What quality is held against"));
    m_axis->addItem(tr("over executed FLOPs"), static_cast<int>(QualityAxis::Flops));
    m_axis->addItem(tr("over FLOPs saved"), static_cast<int>(QualityAxis::Saved));
    m_axis->addItem(tr("over seconds"), static_cast<int>(QualityAxis::Seconds));
    m_judge = makeSelector(QStringLiteral("qualityJudge"), tr("Evaluator"));
    m_judge->setToolTip(tr("Figures of different evaluators do not compare, so one chart shows one"));
    m_group = named(new QCheckBox(tr("group repeats")), QStringLiteral("qualityGroup"), tr("Group repeats"));
    m_group->setToolTip(
        tr("One point for runs that differ only in seed and samples: mean ± 95% t interval over runs"));
    m_logarithmic =
        named(new QCheckBox(tr("log")), QStringLiteral("qualityLog"), tr("Logarithmic quality axis"));
    m_logarithmic->setToolTip(tr("Logarithmic quality axis"));
    for (QWidget* control :
         std::initializer_list<QWidget*>{m_group, m_logarithmic, m_measure, m_judge, m_axis})
        addControl(control);

    for (QComboBox* box : {m_axis, m_judge})
        connect(box, &QComboBox::currentIndexChanged, this, &QualityCard::refresh);
    connect(m_measure, &QComboBox::currentIndexChanged, this, [this] {
        refreshJudges();
        refresh();
    });
    connect(m_group, &QCheckBox::toggled, this, &QualityCard::refresh);
    connect(m_logarithmic, &QCheckBox::toggled, this, &QualityCard::refresh);
    connect(&Theme::instance(), &Theme::changed, this, &QualityCard::refresh);
    refresh();
}

void QualityCard::setRuns(const std::vector<RunSummary>& runs, int all) {
    m_runs = runs;
    m_all = all;
    refreshJudges();
    refresh();
}

void QualityCard::setAnchors(AnchorRecords anchors) {
    m_anchors = std::move(anchors);
    refresh();
}

/// Fills the selector and keeps the choice.
void QualityCard::refreshJudges() {
    const QSignalBlocker quiet(m_judge);
    const QVariant chosen = m_judge->currentData();
    m_judge->clear();
    m_judges = judgesOf(m_runs, choice().measure);
    for (const QualityJudge& judge : m_judges)
        m_judge->addItem(
            (choice().measure == QualityMeasure::Perplexity ? tr("evaluator: %1") : tr("text: %1"))
                .arg(judge.name),
            QString::fromStdString(judge.key));
    m_judge->setCurrentIndex(std::max(0, m_judge->findData(chosen)));
}

QualityChoice QualityCard::choice() const {
    return {.axis = static_cast<QualityAxis>(m_axis->currentData().toInt()),
            .judge = m_judge->currentData().toString().toStdString(),
            .groupBySchedule = m_group->isChecked(),
            .logarithmic = m_logarithmic->isChecked(),
            .measure = static_cast<QualityMeasure>(m_measure->currentData().toInt())};
}

void QualityCard::refresh() {
    QualityPlot quality = qualityPlot(m_runs, choice());
    const bool any = !quality.plot.points.empty();
    QString beyond;
    const int judge = m_judge->currentIndex();
    if (any && judge >= 0 && static_cast<std::size_t>(judge) < m_judges.size())
        if (const auto* anchors = anchorsOf(m_anchors, m_judges[static_cast<std::size_t>(judge)].evaluator))
            beyond = addAnchorLines(quality.plot, *anchors);
    setEmptyText(
        m_runs.empty() ? tr("No runs yet. Generate on the Design page: each run becomes a point here.")
        : choice().measure == QualityMeasure::BrierLm
            ? tr("No run has a BrierLM yet. Measure it with steploom-cli evaluate --run N --text FILE.")
            : tr("No run has a generative perplexity yet. Choose an evaluator on the Design page, then "
                 "generate: the run is judged when it is finished."));
    showPlot(quality.plot);
    for (QWidget* control : std::initializer_list<QWidget*>{m_axis, m_judge, m_group, m_logarithmic})
        control->setEnabled(any);
    m_judge->setVisible(m_judge->count() > 0);
    describe(quality, beyond);
}

void QualityCard::describe(const QualityPlot& quality, const QString& beyond) {
    const bool any = !quality.plot.points.empty();
    const bool perplexity = choice().measure == QualityMeasure::Perplexity;
    const QString n = quality.fewestSamples == quality.mostSamples
                          ? QString::number(quality.mostSamples)
                          : tr("%1 to %2").arg(quality.fewestSamples).arg(quality.mostSamples);
    const int drawn = static_cast<int>(m_runs.size());
    const QString newest = any && m_all > drawn ? tr("newest %1 of %2 runs · ")
                                                      .arg(QLocale(QLocale::English).toString(drawn))
                                                      .arg(QLocale(QLocale::English).toString(m_all))
                                                : QString();
    setSubtitle(
        newest +
        (!any ? tr("quality over what generation took")
              : (perplexity ? tr("%1 samples per run · 95% intervals · hover for entropy · click to "
                                 "open the run")
                            : tr("%1 windows per run · 95% intervals · higher is better · click to open "
                                 "the run"))
                    .arg(n)));
    QStringList remarks;
    const QString measure = perplexity ? tr("perplexity") : tr("BrierLM");
    if (quality.unmeasured > 0)
        remarks += quality.unmeasured == 1 ? tr("1 run has no %1.").arg(measure)
                                           : tr("%1 runs have no %2.").arg(quality.unmeasured).arg(measure);
    if (quality.otherJudges > 0 && perplexity)
        remarks += quality.otherJudges == 1
                       ? tr("1 run was judged by another evaluator.")
                       : tr("%1 runs were judged by other evaluators.").arg(quality.otherJudges);
    else if (quality.otherJudges > 0)
        remarks += quality.otherJudges == 1
                       ? tr("1 run was measured on another text.")
                       : tr("%1 runs were measured on other texts.").arg(quality.otherJudges);
    if (!beyond.isEmpty())
        remarks += beyond;
    setRemarks(remarks);
}

} // namespace steploom
