// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot.h"

#include <QImage>
#include <QWidget>

#include <memory>

class QLabel;
class QMenu;
class QStackedLayout;

namespace steploom {

/// The one chart of the program and the only class that knows QtCharts (deprecated upstream, so it must stay
/// easy to replace): points with intervals, a line, anchors. Follows the theme, no animation, no OpenGL.
class PlotWidget : public QWidget {
    Q_OBJECT
public:
    enum class Format { Png, Svg, Csv };

    explicit PlotWidget(QWidget* parent = nullptr);
    ~PlotWidget() override;

    void setPlot(const Plot& plot);
    const Plot& plot() const noexcept { return m_plot; }
    /// Shown while there is no point.
    void setEmptyText(const QString& text);

    /// At twice the size on screen, so that it prints well.
    QImage image() const;
    QByteArray svg() const;
    QByteArray csv() const { return plotCsv(m_plot); }
    /// Puts the chart on the clipboard: picture, SVG source with its own type, or comma-separated text.
    void copy(Format format) const;
    /// Writes the chart as the suffix says (.png, .svg, .csv). Returns an empty text, or why it failed.
    QString save(const QString& file) const;

    /// Widget coordinates of a point, for tests and callouts.
    QPointF positionOf(qint64 id) const;

    QSize sizeHint() const override { return {560, 420}; }
    QSize minimumSizeHint() const override { return {240, 180}; }

signals:
    void pointClicked(qint64 id);

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class View;
    void refresh();
    QString describe() const;

    Plot m_plot;
    View* m_view = nullptr;
    QLabel* m_empty = nullptr;
    QStackedLayout* m_stack = nullptr;
};

} // namespace steploom
