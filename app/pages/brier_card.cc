// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/brier_card.h"

#include "app/widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QSignalBlocker>

namespace steploom {
namespace {

template <class Widget>
Widget* withTip(Widget* widget, const QString& name, const QString& accessible, const QString& tip) {
    named(widget, name, accessible);
    widget->setToolTip(tip);
    return widget;
}

/// BrierLM first, then each of the four that it is the mean of.
void addScores(QComboBox& box) {
    for (BrierOrder order = 0; order <= kBrierOrders; ++order)
        box.addItem(brierOrderName(order), order);
    box.setToolTip(BrierCard::tr(
        "BrierLM is the geometric mean of Brier-1 … Brier-4, in per cent, and not defined where "
        "one of them is not above 0; each alone is always defined"));
}

} // namespace

BrierCard::BrierCard(QWidget* parent)
    : AnalysisCard(QStringLiteral("brier"), tr("BrierLM over compute"), tr("Study"), parent) {
    m_score = makeSelector(QStringLiteral("brierScore"), tr("Score"));
    m_score->setMinimumWidth(0);
    addScores(*m_score);
    addControl(m_score);
    connect(m_score, &QComboBox::currentIndexChanged, this, &BrierCard::refresh);
    m_axis = makeSelector(QStringLiteral("brierAxis"), tr("Compute"));
    m_axis->setToolTip(tr("What quality is held against"));
    m_axis->addItem(tr("inference FLOPs"), static_cast<int>(BrierAxis::Inference));
    m_axis->addItem(tr("training FLOPs"), static_cast<int>(BrierAxis::Training));
    m_published = withTip(
        new QCheckBox(tr("published")), QStringLiteral("brierPublished"), tr("Show the paper's six rows"),
        tr("The six rows of CALM's table 1 (arXiv 2510.27688): larger models, another text and "
           "tokenizer, so a reference only"));
    m_published->setChecked(true);
    addControl(m_axis);
    addControl(m_published);
    connect(m_axis, &QComboBox::currentIndexChanged, this, &BrierCard::refresh);
    connect(m_published, &QCheckBox::toggled, this, &BrierCard::refresh);
    setEmptyText(
        tr("No study yet. Begin one above, or with steploom-cli brier-study, over autoregressive, CALM and "
           "masked-diffusion checkpoints: which of them gives more for the same compute?"));
}

void BrierCard::setAnalyses(AnalysisRecords<BrierStudy> studies) {
    m_studies = std::move(studies);
    QStringList labels;
    for (const auto& record : m_studies.records)
        labels += brierLabel(record);
    setChoices(m_studies.records, labels);
    refresh();
}

void BrierCard::draw() {
    const BrierRecord* record = chosen(m_studies.records);
    const auto axis = static_cast<BrierAxis>(m_axis->currentData().toInt());
    const BrierOrder order = m_score->currentData().toInt();
    m_published->setEnabled(order == 0); // there is no more of the paper's
    const bool published = m_published->isChecked() && order == 0;
    const Plot plot = record      ? brierPlot(record->result, axis, published, order)
                      : published ? publishedBrierPlot(axis)
                                  : Plot();
    showPlot(plot);
    setSubtitle(record ? tr("higher is better · 95% intervals")
                       : tr("the published rows alone: no study of your own models yet"));
    QStringList remarks;
    if (record) {
        const BrierLeftOut left = leftOut(record->result, axis, order);
        if (left.undefined > 0)
            remarks += left.undefined == 1
                           ? tr("BrierLM of 1 point is not defined: a mean of its four is not above 0.")
                           : tr("BrierLM of %1 points is not defined: a mean of their four is not "
                                "above 0.")
                                 .arg(left.undefined);
        if (left.untold > 0)
            remarks +=
                left.untold == 1
                    ? tr("1 point is left out: its checkpoint does not say what its training took.")
                    : tr("%1 points are left out: their checkpoints do not say what the training took.")
                          .arg(left.untold);
    }
    if (published && record)
        remarks += tr("The published rows are of other models on another text: a reference, no competitors.");
    setRemarks(remarksOf(record ? &record->stored : nullptr, m_studies.damaged, remarks));
}

AblationCard::AblationCard(QWidget* parent)
    : AnalysisCard(QStringLiteral("ablation"), tr("Temperature and N"), tr("Study"), parent) {
    m_score = makeSelector(QStringLiteral("ablationScore"), tr("Score"));
    m_score->setMinimumWidth(0);
    addScores(*m_score);
    addControl(m_score);
    connect(m_score, &QComboBox::currentIndexChanged, this, &AblationCard::refresh);
    m_model = makeSelector(QStringLiteral("ablationModel"), tr("Model"));
    m_model->setToolTip(tr("The CALM model that the lines are of"));
    m_model->hide();
    addControl(m_model);
    connect(m_model, &QComboBox::currentIndexChanged, this, &AblationCard::refresh);
}

void AblationCard::setAnalyses(AnalysisRecords<BrierStudy> studies) {
    std::erase_if(studies.records,
                  [](const BrierRecord& record) { return ablatedModels(record.result).isEmpty(); });
    m_studies = std::move(studies);
    QStringList labels;
    for (const auto& record : m_studies.records)
        labels += brierLabel(record);
    setChoices(m_studies.records, labels);
    refresh();
}

void AblationCard::draw() {
    const BrierRecord* record = chosen(m_studies.records);
    const QStringList models = record ? ablatedModels(record->result) : QStringList();
    {
        const QSignalBlocker quiet(m_model);
        const QString before = m_model->currentText();
        m_model->clear();
        m_model->addItems(models);
        m_model->setCurrentIndex(std::max(0, m_model->findText(before)));
        m_model->setVisible(models.size() > 1);
    }
    const BrierOrder order = m_score->currentData().toInt();
    const Plot plot =
        models.isEmpty() ? Plot() : ablationPlot(record->result, m_model->currentText().toStdString(), order);
    setEmptyText(models.isEmpty()
                     ? tr("No CALM model was judged at several temperatures yet. Begin a BrierLM study above "
                          "and give it "
                          "temperatures, as in 1 1/2 1/3, and numbers of candidates.")
                     : tr("BrierLM of this model is not defined at any of these temperatures: a mean of its "
                          "four is not "
                          "above 0. Brier-1 is always defined: choose it above, or take more windows."));
    showPlot(plot);
    setSubtitle(models.isEmpty()
                    ? tr("what a temperature below 1 does, and how many candidates it takes")
                    : tr("%1 · batch approximation · 95% intervals").arg(m_model->currentText()));
    QStringList remarks;
    if (!plot.isEmpty())
        remarks += tr("Temperature 1 is one draw, whatever N. The batch approximation is biased for few "
                      "candidates, and "
                      "comes to P^(1/T) as N grows.");
    setRemarks(remarksOf(record ? &record->stored : nullptr, m_studies.damaged, remarks));
}

} // namespace steploom
