// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analysis_card.h"

#include "app/widgets/theme.h"

#include <QComboBox>
#include <QSignalBlocker>

namespace steploom {

AnalysisCard::AnalysisCard(const QString& name, const QString& title, const QString& choose, QWidget* parent)
    : ChartCard(name, title, parent), m_selector(makeSelector(name + QStringLiteral("Selector"), choose)) {
    m_selector->setToolTip(choose);
    m_selector->hide();
    addControl(m_selector);
    connect(m_selector, &QComboBox::currentIndexChanged, this, &AnalysisCard::refresh);
    connect(&Theme::instance(), &Theme::changed, this, &AnalysisCard::refresh);
}

void AnalysisCard::showEvent(QShowEvent* event) {
    ChartCard::showEvent(event);
    refresh();
}

void AnalysisCard::refresh() {
    if (isVisible())
        draw(); // else showEvent catches up
}

void AnalysisCard::fillSelector(const QStringList& keys, const QStringList& labels) {
    const QSignalBlocker quiet(m_selector);
    const QVariant before = m_selector->currentData();
    m_selector->clear();
    for (int i = 0; i < keys.size(); ++i) {
        m_selector->addItem(distinguished(labels[i], labels, i), keys[i]);
        m_selector->setItemData(i, labels[i], Qt::ToolTipRole);
    }
    if (m_selector->count() > 0)
        m_selector->setCurrentIndex(std::max(0, m_selector->findData(before)));
    m_selector->setVisible(m_selector->count() > 0);
}

int AnalysisCard::choice() const { return m_selector->currentIndex(); }

QStringList AnalysisCard::remarksOf(const StoredAnalysis* stored, int damaged, QStringList others) {
    if (stored != nullptr && isPartial(*stored))
        others += tr("Not whole yet: what is measured so far.");
    others += damagedText(damaged);
    others.removeAll(QString());
    return others;
}

} // namespace steploom
