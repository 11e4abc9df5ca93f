// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/correlation_card.h"

namespace steploom {

CorrelationCard::CorrelationCard(QWidget* parent)
    : AnalysisCard(QStringLiteral("correlation"), tr("BrierLM against cross-entropy"), tr("Study"), parent) {
    setEmptyText(
        tr("No study yet. Begin one above, or with steploom-cli correlation, over the checkpoints that a "
           "training has kept: do both measures put them in the same order?"));
}

void CorrelationCard::setAnalyses(AnalysisRecords<CorrelationStudy> studies) {
    m_studies = std::move(studies);
    QStringList labels;
    for (const auto& record : m_studies.records)
        labels += correlationLabel(record);
    setChoices(m_studies.records, labels);
    refresh();
}

void CorrelationCard::draw() {
    const CorrelationRecord* record = chosen(m_studies.records);
    const Plot plot = record ? correlationPlot(record->result) : Plot();
    showPlot(plot);
    setSubtitle(plot.isEmpty() ? tr("a score that needs no likelihood, beside one that does")
                               : tr("Pearson %1 · Spearman %2 · 95% intervals")
                                     .arg(correlationText(record->result.pearson),
                                          correlationText(record->result.spearman)));
    QStringList remarks;
    if (!plot.isEmpty())
        remarks += tr("For comparison, of the paper and not of these models: Pearson −0.966, Spearman −0.991 "
                      "(CALM, arXiv 2510.27688).");
    if (const int left = record ? withoutBrierLm(record->result) : 0)
        remarks += left == 1
                       ? tr("BrierLM of 1 checkpoint is not defined: a mean of its four is not above 0.")
                       : tr("BrierLM of %1 checkpoints is not defined: a mean of their four is not above "
                            "0.")
                             .arg(left);
    setRemarks(remarksOf(record ? &record->stored : nullptr, m_studies.damaged, remarks));
}

} // namespace steploom
