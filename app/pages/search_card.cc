// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/search_card.h"

#include <algorithm>

namespace steploom {

SearchCard::SearchCard(QWidget* parent)
    : AnalysisCard(QStringLiteral("search"), tr("Segment search"), tr("Search"), parent),
      m_look(named(new SegmentedSwitch({tr("bars"), tr("pairs")}), QStringLiteral("searchLook"),
                   tr("Bars or map over pairs"))) {
    m_look->button(1)->setToolTip(tr("A cell for each pair of segments"));
    m_look->hide();
    addControl(m_look);
    setEmptyText(
        tr("No search yet. Begin one above, or with steploom-cli search: it tries which segments of a run "
           "the second model can do, and the result appears here while it goes on."));
    connect(m_look, &SegmentedSwitch::currentChanged, this, &SearchCard::refresh);
}

void SearchCard::setAnalyses(AnalysisRecords<SearchResult> searches) {
    m_searches = std::move(searches);
    QStringList labels;
    for (const auto& record : m_searches.records)
        labels += searchLabel(record.stored);
    setChoices(m_searches.records, labels);
    refresh();
}

void SearchCard::draw() {
    const SearchRecord* record = chosen(m_searches.records);
    const Plot map = record ? searchMap(*record) : Plot();
    m_look->setVisible(!map.isEmpty());
    const bool pairs = m_look->currentIndex() == 1 && !map.isEmpty();
    showPlot(pairs ? map : record ? searchBars(*record) : Plot());
    QString subtitle = tr("which segments can be another model's");
    if (record) {
        const auto& entries = record->result.entries;
        const auto dropped = std::ranges::count_if(entries, &SearchEntry::dropped);
        subtitle = entries.size() == 1 ? tr("1 schedule") : tr("%1 schedules").arg(entries.size());
        if (dropped > 0)
            subtitle += tr(", %1 dropped early").arg(dropped);
        subtitle += tr(" · paired by sample, 95% intervals · hover for p · click to open the run");
    }
    setSubtitle(subtitle);
    setRemarks(remarksOf(record ? &record->stored : nullptr, m_searches.damaged,
                         {record ? searchFinding(*record) : QString()}));
}

} // namespace steploom
