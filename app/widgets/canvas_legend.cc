// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_legend.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QLinearGradient>
#include <QPainter>

namespace steploom {
namespace {

constexpr int kSwatch = 12, kScaleWidth = 72, kGap = 6, kApart = 14; // px

} // namespace

CanvasLegend::CanvasLegend(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("canvasLegend"));
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CanvasLegend::describe(TokenColoring coloring, const std::vector<CanvasMember>& members, double scaleEnd,
                            const StepWords& words) {
    m_coloring = coloring;
    m_entries.clear();
    switch (coloring) {
    case TokenColoring::Model:
        for (std::size_t i = 0; i < members.size(); ++i)
            m_entries.push_back({members[i].name, static_cast<int>(i)});
        break;
    case TokenColoring::Step:
        m_entries.push_back({tr("%1 0 to %2").arg(words.one(), formatNumber(scaleEnd)), -1, true});
        break;
    case TokenColoring::Confidence:
        m_entries.push_back(
            {words.kind == GenerationKind::Calm ? tr("share of the draws 0 to 1") : tr("probability 0 to 1"),
             -1, true});
        break;
    case TokenColoring::Entropy:
        m_entries.push_back({tr("entropy 0 to %1 nats").arg(formatNumber(scaleEnd, 3)), -1, true});
        break;
    }
    m_entries.push_back({words.inOrder() ? tr("to write") : tr("masked")});
    setAccessibleName(tr("Legend: %1").arg(text()));
    updateGeometry();
    update();
}

QString CanvasLegend::text() const {
    QStringList texts;
    for (const Entry& entry : m_entries)
        texts += entry.text;
    return texts.join(QStringLiteral(", "));
}

QSize CanvasLegend::sizeHint() const {
    const QFontMetrics metrics(Theme::instance().font(-1));
    int width = 0;
    for (const Entry& entry : m_entries)
        width +=
            (entry.scale ? kScaleWidth : kSwatch) + kGap + metrics.horizontalAdvance(entry.text) + kApart;
    return {width, 20};
}

void CanvasLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paint(painter, rect());
}

void CanvasLegend::paint(QPainter& painter, const QRectF& rect) const {
    const Theme& theme = Theme::instance();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(theme.font(-1));
    double x = rect.left();
    for (const Entry& entry : m_entries) {
        const double width = entry.scale ? kScaleWidth : kSwatch;
        const QRectF swatch(x, rect.center().y() - kSwatch / 2.0, width, kSwatch);
        QBrush fill(entry.member >= 0 ? theme.memberColor(entry.member) : theme.colors().masked);
        if (entry.scale) {
            QLinearGradient gradient(swatch.topLeft(), swatch.topRight());
            gradient.setColorAt(0, scaleTint(m_coloring, 0));
            gradient.setColorAt(1, scaleTint(m_coloring, 1));
            fill = gradient;
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(swatch, 3, 3);
        x += width + kGap;
        const double textWidth = painter.fontMetrics().horizontalAdvance(entry.text);
        painter.setPen(theme.colors().dim);
        painter.drawText(QRectF(x, rect.top(), textWidth + 4, rect.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, entry.text);
        x += textWidth + kApart;
    }
}

} // namespace steploom
