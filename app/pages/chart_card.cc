// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/chart_card.h"

#include "app/widgets/plot_widget.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace steploom {

ChartCard::ChartCard(const QString& name, const QString& title, QWidget* parent)
    : Card(parent), m_name(name) {
    setObjectName(name + QStringLiteral("Card"));
    m_subtitle = named(makeLabel({}, "dim"), name + QStringLiteral("Subtitle"), {});
    m_subtitle->setWordWrap(true);
    m_subtitle->setMinimumWidth(200);
    auto* titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(makeLabel(title, "title"));
    titles->addWidget(m_subtitle);
    m_controls = new QHBoxLayout;
    m_controls->setSpacing(Theme::kGrid);
    m_actions = named(new QWidget, name + QStringLiteral("Actions"), tr("Actions"));
    auto* actions = new QHBoxLayout(m_actions);
    actions->setContentsMargins({});
    actions->setSpacing(Theme::kGrid);
    m_actions->hide();
    auto* head = new QHBoxLayout;
    head->setSpacing(Theme::kGrid);
    head->addLayout(titles, 1);
    head->addLayout(m_controls);
    head->addWidget(m_actions, 0, Qt::AlignVCenter);

    m_plot = named(new PlotWidget, name + QStringLiteral("Plot"), title);
    m_middle = new QHBoxLayout;
    m_middle->setSpacing(2 * Theme::kGrid);
    m_middle->addWidget(m_plot, 1);
    m_remarks = named(makeLabel({}, "dim"), name + QStringLiteral("Remarks"), {});
    m_remarks->setWordWrap(true);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(Theme::kGrid);
    layout->addLayout(head);
    layout->addLayout(m_middle, 1);
    layout->addWidget(m_remarks);

    connect(m_plot, &PlotWidget::pointClicked, this, &ChartCard::runChosen);
    connect(m_plot, &PlotWidget::scheduleChosen, this, &ChartCard::scheduleChosen);
}

void ChartCard::setActions(const QList<QAction*>& actions) {
    qDeleteAll(m_actions->findChildren<PillButton*>(Qt::FindDirectChildrenOnly));
    for (QAction* action : actions) {
        auto* button = new PillButton(action->text());
        button->setDefaultAction(action);
        button->setAccessibleName(action->text());
        button->setObjectName(m_name + QStringLiteral("Action:") + action->objectName());
        m_actions->layout()->addWidget(button);
    }
    m_actions->setVisible(!actions.isEmpty());
}

void ChartCard::addControl(QWidget* control) { m_controls->addWidget(control, 0, Qt::AlignVCenter); }

void ChartCard::addAside(QWidget* widget) { m_middle->addWidget(widget); }

void ChartCard::showPlot(const Plot& plot) {
    m_plot->setPlot(plot);
    emit plotChanged();
}

void ChartCard::setSubtitle(const QString& text) { m_subtitle->setText(text); }

void ChartCard::setRemarks(const QStringList& sentences) {
    m_remarks->setText(sentences.join(u' '));
    m_remarks->setVisible(!sentences.isEmpty());
}

void ChartCard::setEmptyText(const QString& text) { m_plot->setEmptyText(text); }

QComboBox* ChartCard::makeSelector(const QString& name, const QString& accessible) {
    auto* selector = named(new QComboBox, name, accessible);
    selector->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    selector->setMinimumWidth(150); // shortens what is written rather than the window
    selector->setMaximumWidth(480);
    selector->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    return selector;
}

} // namespace steploom
