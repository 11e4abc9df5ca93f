// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot_layout.h"

#include <QAbstractScrollArea>
#include <QPixmap>

#include <optional>

namespace steploom {

/// The chart of a PlotWidget: draws it, shows what is under the mouse or reached by the arrow keys, and
/// scrolls where there are more bars than fit.
class PlotView : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit PlotView(QWidget* parent = nullptr);

    void setPlot(const Plot& plot);
    const PlotLayout& layoutOfPlot() const noexcept { return m_layout; }
    /// Draws again, in the colours and font of now.
    void refresh();
    const PlotMark& hovered() const noexcept { return m_hovered; }
    PlotMarkFacts facts(const PlotMark& mark) const { return factsOf(m_plot, m_layout, mark); }
    PlotMark markAt(QPoint viewportPosition) const;
    /// Values at the crosshair; nothing while there is none.
    std::optional<QPointF> crosshair() const;

    static PlotStyle style();
    static QFont chartFont();

signals:
    /// A click or Return on something that stands for a run.
    void activated(qint64 id);
    /// The chart lies elsewhere in its viewport.
    void laidOut();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void hover(const PlotMark& mark, std::optional<QPointF> pointer, QPoint global);
    void showMark(const PlotMark& mark);
    void drag(const PlotMark& mark);
    void paintHovered(QPainter& painter) const;
    void paintCrosshair(QPainter& painter) const;
    /// The place that the crosshair goes through, px.
    std::optional<QPointF> crossing() const;

    Plot m_plot;
    PlotLayout m_layout;
    QPixmap m_drawing; ///< null: to be drawn
    PlotMark m_hovered, m_pressed;
    QPoint m_pressedAt;
    std::optional<QPointF> m_pointer; ///< of the mouse, within the chart
    bool m_focusShown = false;        ///< it came by Tab: one has to see where one is
};

} // namespace steploom
