// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/importance_card.h"

namespace steploom {

ImportanceCard::ImportanceCard(QWidget* parent)
    : AnalysisCard(QStringLiteral("importance"), tr("Step importance"), tr("Pool and text"), parent),
      m_measure(named(new SegmentedSwitch({tr("KL"), tr("cross-entropy")}),
                      QStringLiteral("importanceMeasure"), tr("Measure"))) {
    m_measure->button(0)->setToolTip(
        tr("How far each member's prediction lies from the first one's: Σ p log(p/q) at a masked position"));
    m_measure->button(1)->setToolTip(tr("Each member's −log p(truth) at a masked position"));
    addControl(m_measure);
    setEmptyText(
        tr("No step importance yet. Measure it above, on the Design page, or with steploom-cli importance: "
           "how much each member differs from the first over the course of a run."));
    connect(m_measure, &SegmentedSwitch::currentChanged, this, &ImportanceCard::refresh);
}

void ImportanceCard::setAnalyses(AnalysisRecords<ImportanceProfile> importances) {
    m_importances = std::move(importances);
    QStringList labels;
    for (const auto& record : m_importances.records)
        labels += importanceLabel(record.stored);
    setChoices(m_importances.records, labels);
    refresh();
}

void ImportanceCard::draw() {
    const ImportanceRecord* record = chosen(m_importances.records);
    m_measure->setVisible(record != nullptr);
    const auto measure =
        m_measure->currentIndex() == 0 ? ImportanceMeasure::Divergence : ImportanceMeasure::CrossEntropy;
    showPlot(record ? importancePlot(record->result, measure) : Plot());
    setSubtitle(record ? tr("means over %1 windows of the same text, masked to t · 95% intervals")
                             .arg(record->result.windows)
                       : tr("what each step is worth to the pool's first member"));
    setRemarks(remarksOf(record ? &record->stored : nullptr, m_importances.damaged,
                         {record ? importanceFinding(record->result) : QString()}));
}

} // namespace steploom
