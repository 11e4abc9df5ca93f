// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/frontier_card.h"

#include <QCheckBox>

namespace steploom {

FrontierCard::FrontierCard(QWidget* parent)
    : AnalysisCard(QStringLiteral("frontier"), tr("Frontier over temperature"), tr("Frontier"), parent),
      m_logarithmic(
          named(new QCheckBox(tr("log")), QStringLiteral("frontierLog"), tr("Logarithmic perplexity axis"))) {
    m_logarithmic->setToolTip(tr("Logarithmic perplexity axis"));
    addControl(m_logarithmic);
    setEmptyText(tr("No frontier yet. Begin one above, or with steploom-cli frontier: schedules at several "
                    "temperatures, since one that is only less varied has a lower perplexity too."));
    connect(m_logarithmic, &QCheckBox::toggled, this, &FrontierCard::refresh);
}

void FrontierCard::setAnalyses(AnalysisRecords<Frontier> frontiers, AnchorRecords anchors) {
    m_frontiers = std::move(frontiers);
    m_anchors = std::move(anchors);
    QStringList labels;
    for (const auto& record : m_frontiers.records)
        labels += frontierLabel(record);
    setChoices(m_frontiers.records, labels);
    refresh();
}

void FrontierCard::draw() {
    const FrontierRecord* record = chosen(m_frontiers.records);
    Plot plot = record ? frontierPlot(*record, m_logarithmic->isChecked()) : Plot();
    QString beyond;
    if (record && !plot.points.empty())
        if (const auto* anchors =
                anchorsOf(m_anchors, textSetting(record->stored.settings, "evaluator_sha256")))
            beyond = addAnchorLines(plot, *anchors);
    showPlot(plot);
    m_logarithmic->setVisible(!plot.isEmpty());
    setSubtitle(plot.isEmpty()
                    ? tr("perplexity is worth nothing without variety")
                    : tr("lower and further right is better · figures at the points: temperature · "
                         "95% intervals · click to open the run"));
    setRemarks(
        remarksOf(record ? &record->stored : nullptr, m_frontiers.damaged + m_anchors.damaged, {beyond}));
}

} // namespace steploom
