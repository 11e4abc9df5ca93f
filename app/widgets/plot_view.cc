// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_view.h"

#include "app/widgets/plot_drawing.h"
#include "app/widgets/plot_widget.h"
#include "app/widgets/theme.h"

#include <QApplication>
#include <QDrag>
#include <QFontMetricsF>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <utility>

namespace steploom {
namespace {

constexpr double kRing = 8; ///< px around what is hovered

/// What hangs at the mouse while a schedule is dragged.
QPixmap tagOf(const QString& schedule, double ratio) {
    const ThemeColors& colors = Theme::instance().colors();
    const QFontMetricsF metrics(PlotView::chartFont());
    const QString text = metrics.elidedText(schedule, Qt::ElideMiddle, 260);
    const QSizeF size(std::ceil(metrics.horizontalAdvance(text)) + 16, std::ceil(metrics.height()) + 10);
    QPixmap tag((size * ratio).toSize());
    tag.setDevicePixelRatio(ratio);
    tag.fill(Qt::transparent);
    QPainter painter(&tag);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(PlotView::chartFont());
    painter.setPen(QPen(colors.heavy, 1));
    painter.setBrush(colors.card);
    painter.drawRoundedRect(QRectF(QPointF(), size).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setPen(colors.ink);
    painter.drawText(QRectF(QPointF(), size), Qt::AlignCenter, text);
    return tag;
}

} // namespace

PlotView::PlotView(QWidget* parent) : QAbstractScrollArea(parent) {
    setObjectName(QStringLiteral("plotView"));
    setAccessibleName(PlotWidget::tr("Chart"));
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
}

PlotStyle PlotView::style() {
    const ThemeColors& colors = Theme::instance().colors();
    QColor line = colors.heavy;
    line.setAlphaF(0.65f);
    return {colors.card, colors.ink, colors.dim, colors.line, line, Theme::instance().font().family()};
}

/// A pixel larger than the window's small print: marks are read from afar.
QFont PlotView::chartFont() {
    QFont font = Theme::instance().font();
    font.setPixelSize(12);
    return font;
}

void PlotView::setPlot(const Plot& plot) {
    hover({}, std::nullopt, {}); // while what it refers to is there
    m_pressed = {};
    m_plot = plot;
    refresh();
}

void PlotView::refresh() {
    const QFontMetricsF metrics(chartFont());
    m_layout = layOut(m_plot, viewport()->size(), metrics, verticalScrollBar()->value());
    const double hidden = m_layout.rowHeight > 0 ? m_layout.barsHeight(m_plot) - m_layout.area.height() : 0;
    verticalScrollBar()->setRange(0, std::max(0, static_cast<int>(std::ceil(hidden - 0.5))));
    verticalScrollBar()->setPageStep(static_cast<int>(m_layout.area.height()));
    verticalScrollBar()->setSingleStep(std::max(1, static_cast<int>(m_layout.rowHeight)));
    m_layout.scrolled = verticalScrollBar()->value();
    m_drawing = {};
    viewport()->update();
    emit laidOut();
}

void PlotView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    refresh();
}

void PlotView::scrollContentsBy(int, int) {
    m_layout.scrolled = verticalScrollBar()->value();
    m_drawing = {};
    viewport()->update();
}

PlotMark PlotView::markAt(QPoint viewportPosition) const {
    return steploom::markAt(m_plot, m_layout, viewportPosition);
}

void PlotView::hover(const PlotMark& mark, std::optional<QPointF> pointer, QPoint global) {
    m_pointer = pointer;
    m_hovered = mark;
    const PlotMarkFacts facts = mark.any() ? this->facts(mark) : PlotMarkFacts{};
    viewport()->setCursor(facts.id != 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    viewport()->update();
    if (facts.tooltip.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(
            global, QStringLiteral("<p style='white-space:pre'>%1</p>").arg(facts.tooltip.toHtmlEscaped()),
            this);
}

void PlotView::showMark(const PlotMark& mark) {
    if (!mark.any())
        return;
    if (mark.kind == PlotMark::Kind::Bar) {
        const QRectF row = m_layout.row(static_cast<std::size_t>(mark.index));
        QScrollBar* bar = verticalScrollBar();
        if (row.top() < m_layout.area.top())
            bar->setValue(bar->value() - static_cast<int>(std::ceil(m_layout.area.top() - row.top())));
        else if (row.bottom() > m_layout.area.bottom())
            bar->setValue(bar->value() + static_cast<int>(std::ceil(row.bottom() - m_layout.area.bottom())));
    }
    hover(mark, std::nullopt, viewport()->mapToGlobal(facts(mark).at.toPoint()));
}

/// Its schedule, as text, for the timeline, a file or another program.
void PlotView::drag(const PlotMark& mark) {
    const PlotMarkFacts dragged = facts(mark);
    if (dragged.schedule.isEmpty())
        return;
    QToolTip::hideText();
    auto* drag = new QDrag(this);
    drag->setMimeData(PlotWidget::scheduleData(dragged.schedule));
    drag->setPixmap(tagOf(dragged.schedule, devicePixelRatioF()));
    drag->setHotSpot({-12, -8});
    drag->exec(Qt::CopyAction);
}

/// The rest of the mouse would be answered with an empty tool tip, which takes ours away.
bool PlotView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip)
        return true;
    if (event->type() == QEvent::Leave)
        hover({}, std::nullopt, {});
    return QAbstractScrollArea::viewportEvent(event);
}

void PlotView::mousePressEvent(QMouseEvent* event) {
    m_pressed = event->button() == Qt::LeftButton ? markAt(event->position().toPoint()) : PlotMark{};
    m_pressedAt = event->position().toPoint();
    event->accept();
}

void PlotView::mouseMoveEvent(QMouseEvent* event) {
    const QPoint at = event->position().toPoint();
    if ((event->buttons() & Qt::LeftButton) && m_pressed.any()) {
        if ((at - m_pressedAt).manhattanLength() >= QApplication::startDragDistance())
            drag(std::exchange(m_pressed, {}));
        return;
    }
    hover(markAt(at),
          m_layout.area.contains(event->position()) ? std::optional(event->position()) : std::nullopt,
          event->globalPosition().toPoint());
}

void PlotView::mouseReleaseEvent(QMouseEvent* event) {
    const PlotMark pressed = std::exchange(m_pressed, {});
    if (event->button() != Qt::LeftButton || !pressed.any() || markAt(event->position().toPoint()) != pressed)
        return;
    if (const qint64 id = facts(pressed).id; id != 0)
        emit activated(id);
}

/// The arrow keys walk through what is drawn, Return opens it.
void PlotView::keyPressEvent(QKeyEvent* event) {
    const int key = event->key();
    if ((key == Qt::Key_Return || key == Qt::Key_Enter) && m_hovered.any()) {
        if (const qint64 id = facts(m_hovered).id; id != 0)
            emit activated(id);
        return;
    }
    const int dx = key == Qt::Key_Right ? 1 : key == Qt::Key_Left ? -1 : 0;
    const int dy = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
    const PlotMark next = dx != 0 || dy != 0 ? stepFrom(m_plot, m_hovered, dx, dy) : PlotMark{};
    if (next.any())
        showMark(next);
    else
        QAbstractScrollArea::keyPressEvent(event);
}

void PlotView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    m_focusShown = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
    viewport()->update();
}

void PlotView::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    m_focusShown = false;
    viewport()->update();
    if (!m_pointer && event->reason() != Qt::PopupFocusReason)
        hover({}, std::nullopt, {});
}

std::optional<QPointF> PlotView::crossing() const {
    if (m_layout.cell > 0)
        return std::nullopt;
    if (m_hovered.any() && m_layout.rowHeight == 0)
        return facts(m_hovered).at;
    return m_pointer;
}

std::optional<QPointF> PlotView::crosshair() const {
    const std::optional<QPointF> at = crossing();
    const QRectF& area = m_layout.area;
    if (!at || area.isEmpty())
        return std::nullopt;
    return QPointF(m_layout.frame.xAt((at->x() - area.left()) / area.width()),
                   m_layout.frame.yAt((area.bottom() - at->y()) / area.height()));
}

void PlotView::paintEvent(QPaintEvent*) {
    if (m_drawing.isNull()) {
        const double ratio = devicePixelRatioF();
        m_drawing = QPixmap((QSizeF(viewport()->size()) * ratio).toSize());
        m_drawing.setDevicePixelRatio(ratio);
        const PlotStyle style = PlotView::style();
        m_drawing.fill(style.background);
        QPainter painter(&m_drawing);
        painter.setFont(chartFont());
        PainterCanvas canvas(painter);
        drawPlot(canvas, m_plot, m_layout, style, QFontMetricsF(painter.font()));
    }
    QPainter painter(viewport());
    painter.drawPixmap(0, 0, m_drawing);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(chartFont());
    paintCrosshair(painter);
    paintHovered(painter);
    if (m_focusShown) {
        painter.setPen(QPen(Theme::instance().colors().heavy, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(viewport()->rect()).adjusted(1, 1, -1, -1), 6, 6);
    }
}

void PlotView::paintHovered(QPainter& painter) const {
    const ThemeColors& colors = Theme::instance().colors();
    if (!m_hovered.any())
        return;
    if (m_hovered.kind == PlotMark::Kind::Bar) {
        QColor veil = colors.ink;
        veil.setAlphaF(0.06f);
        const QRectF row = m_layout.row(static_cast<std::size_t>(m_hovered.index));
        painter.setClipRect(QRectF(0, m_layout.area.top(), viewport()->width(), m_layout.area.height()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(veil);
        painter.drawRoundedRect(QRectF(2, row.top(), viewport()->width() - 4, row.height()), 4, 4);
        painter.setClipping(false);
        return;
    }
    painter.setPen(QPen(colors.ink, 1.5));
    painter.setBrush(Qt::NoBrush);
    if (m_hovered.kind == PlotMark::Kind::Cell) {
        const PlotCell& cell = m_plot.heatMap.cells[static_cast<std::size_t>(m_hovered.index)];
        painter.drawRoundedRect(m_layout.cellAt(cell.column, cell.row), 4, 4);
        return;
    }
    const double radius = m_hovered.kind == PlotMark::Kind::Point ? kRing : kRing - 3;
    painter.drawEllipse(facts(m_hovered).at, radius, radius);
}

/// Through the mouse or what is hovered, its values at the axes.
void PlotView::paintCrosshair(QPainter& painter) const {
    const std::optional<QPointF> at = crossing();
    const std::optional<QPointF> values = crosshair();
    if (!at || !values)
        return;
    const ThemeColors& colors = Theme::instance().colors();
    const QRectF& area = m_layout.area;
    const QFontMetricsF metrics(painter.font());
    QColor ink = colors.dim;
    ink.setAlphaF(0.7f);
    const auto tag = [&](const QString& text, QPointF corner, bool leftwards) {
        QRectF box(corner, QSizeF(metrics.horizontalAdvance(text) + 10, metrics.height() + 4));
        box.moveLeft(leftwards ? corner.x() - box.width() : corner.x() - box.width() / 2);
        box.moveLeft(std::clamp(box.left(), 0.0, std::max(0.0, viewport()->width() - box.width())));
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.dim);
        painter.drawRoundedRect(box, 4, 4);
        painter.setPen(colors.card);
        painter.drawText(box, Qt::AlignCenter, text);
    };
    painter.setPen(QPen(ink, 1, Qt::DotLine));
    painter.drawLine(QPointF(at->x(), area.top()), QPointF(at->x(), area.bottom()));
    const bool bars = m_layout.rowHeight > 0;
    if (!bars)
        painter.drawLine(QPointF(area.left(), at->y()), QPointF(area.right(), at->y()));
    tag(valueText(values->x(), m_layout.frame.xUnit), {at->x(), area.bottom() + 3}, false);
    if (!bars)
        tag(valueText(values->y(), m_layout.frame.yUnit),
            {area.left() - 4, at->y() - (metrics.height() + 4) / 2}, true);
}

} // namespace steploom
