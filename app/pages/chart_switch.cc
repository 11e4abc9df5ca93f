// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/chart_switch.h"

#include <QComboBox>
#include <QSignalBlocker>

namespace steploom {

ChartSwitch::ChartSwitch(const QStringList& charts, QWidget* parent)
    : QWidget(parent), m_pills(new SegmentedSwitch(charts, this)), m_box(new QComboBox(this)) {
    m_pills->setObjectName(QStringLiteral("analyseSwitch"));
    m_pills->setAccessibleName(tr("Chart"));
    m_box->setObjectName(QStringLiteral("analyseBox"));
    m_box->setAccessibleName(tr("Chart"));
    m_box->addItems(charts);
    m_box->hide();
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(m_pills, &SegmentedSwitch::currentChanged, this, [this](int index) {
        const QSignalBlocker quiet(m_box);
        m_box->setCurrentIndex(index);
        emit currentChanged(index);
    });
    connect(m_box, &QComboBox::currentIndexChanged, m_pills, &SegmentedSwitch::setCurrentIndex);
}

int ChartSwitch::currentIndex() const { return m_pills->currentIndex(); }

void ChartSwitch::setCurrentIndex(int index) { m_pills->setCurrentIndex(index); }

QSize ChartSwitch::sizeHint() const { return m_pills->sizeHint(); }

QSize ChartSwitch::minimumSizeHint() const {
    return {m_box->sizeHint().width(), std::max(m_pills->sizeHint().height(), m_box->sizeHint().height())};
}

void ChartSwitch::resizeEvent(QResizeEvent*) {
    const bool roomy = width() >= m_pills->sizeHint().width();
    m_pills->setVisible(roomy);
    m_box->setVisible(!roomy);
    const auto place = [this](QWidget* widget) {
        const QSize size = widget->sizeHint();
        widget->setGeometry(0, (height() - size.height()) / 2, size.width(), size.height());
    };
    place(m_pills);
    place(m_box);
}

} // namespace steploom
