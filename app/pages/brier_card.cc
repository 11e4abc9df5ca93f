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

} // namespace

BrierCard::BrierCard(QWidget* parent)
    : AnalysisCard(QStringLiteral("brier"), tr("BrierLM over compute"), tr("Study"), parent) {
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
    const bool published = m_published->isChecked();
    const Plot plot = record      ? brierPlot(record->result, axis, published)
                      : published ? publishedBrierPlot(axis)
                                  : Plot();
    showPlot(plot);
    setSubtitle(
        record ? tr("quality without likelihoods · 95% intervals · higher is better · logarithmic compute")
               : tr("the published rows alone: no study of your own models yet"));
    QStringList remarks;
    if (record) {
        const BrierLeftOut left = leftOut(record->result, axis);
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
    m_model = makeSelector(QStringLiteral("ablationModel"), tr("Model"));
    m_model->setToolTip(tr("The CALM model that the lines are of"));
    m_model->hide();
    addControl(m_model);
    connect(m_model, &QComboBox::currentIndexChanged, this, &AblationCard::refresh);
    setEmptyText(
        tr("No CALM model was judged at several temperatures yet. Begin a BrierLM study above and give it "
           "temperatures, as in 1 1/2 1/3, and numbers of candidates."));
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
    const Plot plot =
        models.isEmpty() ? Plot() : ablationPlot(record->result, m_model->currentText().toStdString());
    showPlot(plot);
    setSubtitle(models.isEmpty()
                    ? tr("what a temperature below 1 does, and how many candidates it takes")
                    : tr("%1 · batch approximation · 95% intervals").arg(m_model->currentText()));
    QStringList remarks;
    if (!models.isEmpty())
        remarks += tr("Temperature 1 is one draw, whatever N. The batch approximation is biased for few "
                      "candidates, and "
                      "comes to P^(1/T) as N grows.");
    setRemarks(remarksOf(record ? &record->stored : nullptr, m_studies.damaged, remarks));
}

} // namespace steploom
