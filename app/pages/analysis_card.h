// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_records.h"
#include "app/pages/chart_card.h"

class QComboBox;

namespace steploom {

/// A chart of one stored analysis, chosen among those of its kind; the newest at first. Drawn when it is
/// seen.
class AnalysisCard : public ChartCard {
    Q_OBJECT
public:
    /// `choose`: what the selector is called.
    AnalysisCard(const QString& name, const QString& title, const QString& choose, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;
    /// Shows the choice; called when the card is seen and something has changed.
    virtual void draw() = 0;
    void refresh();

    /// Fills the selector and keeps the choice where that analysis is still there.
    template <class Result>
    void setChoices(const std::vector<AnalysisRecord<Result>>& records, const QStringList& labels) {
        QStringList keys;
        for (const auto& record : records)
            keys += QString::fromStdString(record.stored.settings.dump());
        fillSelector(keys, labels);
    }
    /// The chosen one; null when there is none.
    template <class Result>
    const AnalysisRecord<Result>* chosen(const std::vector<AnalysisRecord<Result>>& records) const {
        const int index = choice();
        return index < 0 || static_cast<std::size_t>(index) >= records.size()
                   ? nullptr
                   : &records[static_cast<std::size_t>(index)];
    }
    /// What is said of any analysis: that it is partial, that others are damaged. Empty sentences are left
    /// out.
    static QStringList remarksOf(const StoredAnalysis* stored, int damaged, QStringList others = {});

private:
    void fillSelector(const QStringList& keys, const QStringList& labels);
    int choice() const;

    QComboBox* m_selector;
};

} // namespace steploom
