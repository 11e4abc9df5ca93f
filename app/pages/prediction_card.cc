// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/prediction_card.h"

namespace steploom {

PredictionCard::PredictionCard(QWidget* parent)
    : AnalysisCard(QStringLiteral("prediction"), tr("Predicted against measured"), tr("Search"), parent) {}

void PredictionCard::setAnalyses(AnalysisRecords<SearchResult> searches,
                                 AnalysisRecords<ImportanceProfile> importances) {
    m_searches = std::move(searches);
    m_importances = std::move(importances);
    QStringList labels;
    for (const auto& record : m_searches.records)
        labels += searchLabel(record.stored);
    setChoices(m_searches.records, labels);
    refresh();
}

void PredictionCard::draw() {
    const SearchRecord* search = chosen(m_searches.records);
    const ImportanceRecord* importance =
        search ? importanceFor(search->stored.settings, m_importances.records) : nullptr;
    PredictionStudy study;
    QString problem;
    if (importance) {
        try {
            study = comparePrediction(search->result, importance->result);
        } catch (const Error& error) { // a schedule of models that the importance lacks
            problem = QString::fromStdString(error.parts().what + ": " + error.parts().why);
        }
    }
    setEmptyText(
        !search       ? tr("Nothing to compare yet. It takes a segment search and the step importance of the "
                                 "same models: begin them above.")
        : !importance ? tr("No step importance of this search's models is stored. Measure it above, or with "
                           "steploom-cli importance.")
                      : tr("The search has no schedule yet that was measured on all samples."));
    const Plot plot = predictionPlot(study);
    showPlot(plot);
    setSubtitle(plot.isEmpty() ? tr("does step importance say which schedules cost most?")
                               : tr("Pearson %1 · Spearman %2 · 95% intervals")
                                     .arg(correlationText(study.pearson), correlationText(study.spearman)));
    QStringList remarks{problem};
    if (importance) {
        remarks += tr("Step importance: %1.").arg(importanceLabel(importance->stored));
        const auto dropped = search->result.entries.size() - study.points.size();
        if (dropped > 0 && problem.isEmpty())
            remarks += dropped == 1 ? tr("1 schedule was dropped early and is left out.")
                                    : tr("%1 schedules were dropped early and are left out.").arg(dropped);
    }
    setRemarks(remarksOf(search ? &search->stored : nullptr, m_searches.damaged, remarks));
}

} // namespace steploom
