// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_card.h"
#include "app/pages/search_plot.h"

namespace steploom {

class SegmentedSwitch;

/// Which segments of a run the second member can have: a bar a schedule, or a map over pairs of segments.
class SearchCard : public AnalysisCard {
    Q_OBJECT
public:
    explicit SearchCard(QWidget* parent = nullptr);
    void setAnalyses(AnalysisRecords<SearchResult> searches);

protected:
    void draw() override;

private:
    AnalysisRecords<SearchResult> m_searches;
    SegmentedSwitch* m_look;
};

} // namespace steploom
