// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_notice.h"

#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

#include <cmath>

namespace steploom {

RunNotice::RunNotice(const QString& name, QWidget* parent) : QFrame(parent) {
    setObjectName(name);
    setLook(this, "notice");
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(12, 5, 5, 5);
    m_row->setSpacing(Theme::kGrid);
    QString labelName = name;
    if (labelName.endsWith(QStringLiteral("Bar")))
        labelName.chop(3);
    m_text = makeLabel({});
    m_text->setObjectName(labelName + QStringLiteral("Text"));
    m_bar = new QProgressBar;
    m_bar->setFixedSize(160, 6);
    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    m_bar->setAccessibleName(tr("Progress"));
    m_bar->hide();
    m_row->addWidget(m_text);
    m_row->addWidget(m_bar);
    m_row->addStretch(1);
    hide();
}

QPushButton* RunNotice::addButton(const QString& name, const QString& text, const QString& tip) {
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    button->setToolTip(tip);
    m_row->addWidget(button);
    return button;
}

void RunNotice::say(const QString& text) {
    m_text->setText(text);
    m_bar->hide();
    show();
}

void RunNotice::showProgress(const QString& text, double share) {
    m_text->setText(text);
    m_bar->setValue(static_cast<int>(std::lround(share * 1000)));
    m_bar->show();
    show();
}

QString RunNotice::text() const { return m_text->text(); }

} // namespace steploom
