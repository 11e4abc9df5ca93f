// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_legend_box.h"

#include "app/widgets/plot_drawing.h"
#include "app/widgets/plot_view.h"
#include "app/widgets/theme.h"

#include <QFontMetricsF>
#include <QLineF>
#include <QPainter>

namespace steploom {

PlotLegendButton::PlotLegendButton(QWidget* parent) : QAbstractButton(parent) {
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
}

void PlotLegendButton::setEntry(const PlotSeries& series, const PlotLegendEntry& entry, QPointF origin) {
    m_series = series;
    m_entry = entry;
    setObjectName(QStringLiteral("legend:") + series.name);
    setText(series.name);
    setAccessibleName(tr("Show %1").arg(series.name));
    setToolTip(entry.name == series.name ? tr("Hide or show") : series.name);
    const QRect box = entry.box.translated(-origin).toAlignedRect();
    setGeometry(box);
    m_entry.sample.translate(-origin - box.topLeft());
    m_entry.text.translate(-origin - box.topLeft());
    update();
}

void PlotLegendButton::paintEvent(QPaintEvent*) {
    const ThemeColors& colors = Theme::instance().colors();
    QPainter painter(this);
    painter.setFont(PlotView::chartFont());
    const QFontMetricsF metrics(painter.font());
    PainterCanvas canvas(painter);
    if (hasFocus() || underMouse()) {
        painter.setPen(hasFocus() ? QPen(colors.heavy, 1.5) : QPen(Qt::NoPen));
        painter.setBrush(colors.background);
        painter.drawRoundedRect(QRectF(rect()).adjusted(2, 1, -2, -1), 4, 4);
    }
    painter.setOpacity(isChecked() ? 1 : 0.4);
    drawSample(canvas, m_series, m_entry.sample);
    const QPointF base(m_entry.text.left(), m_entry.text.center().y() + 0.36 * metrics.ascent());
    canvas.text(base, m_entry.name, isChecked() ? colors.ink : colors.dim, PlotCanvas::Align::Start, false);
    if (!isChecked()) { // a second cue beside the paleness
        const double y = m_entry.text.center().y();
        canvas.line({base.x(), y}, {base.x() + metrics.horizontalAdvance(m_entry.name), y}, {colors.dim, 1});
    }
}

PlotLegendBox::PlotLegendBox(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("plotLegend"));
    setAccessibleName(tr("Legend"));
    hide();
}

void PlotLegendBox::setLegend(const std::vector<PlotSeries>& series, const PlotLegend& legend,
                              const QSet<QString>& hidden) {
    const QRect box = legend.box.toAlignedRect();
    setGeometry(box);
    while (m_buttons.size() > legend.entries.size()) {
        delete m_buttons.back();
        m_buttons.pop_back();
    }
    while (m_buttons.size() < legend.entries.size()) {
        auto* button = new PlotLegendButton(this);
        connect(button, &QAbstractButton::clicked, this,
                [this, button](bool shown) { emit toggled(button->text(), shown); });
        m_buttons.push_back(button);
    }
    for (std::size_t i = 0; i < m_buttons.size(); ++i) {
        const PlotSeries& shown = series[legend.entries[i].series];
        m_buttons[i]->setEntry(shown, legend.entries[i], box.topLeft());
        m_buttons[i]->setChecked(!hidden.contains(shown.name));
        m_buttons[i]->show();
    }
    setVisible(!m_buttons.empty());
    update();
}

void PlotLegendBox::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor ground = Theme::instance().colors().card;
    ground.setAlphaF(0.85f);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(rect(), 6, 6);
}

} // namespace steploom
