// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot.h"

#include <QImage>
#include <QSet>
#include <QWidget>

#include <optional>

class QLabel;
class QMimeData;
class QStackedLayout;

namespace steploom {

class PlotLegendBox;
class PlotView;

/// The one chart of the program: points with intervals, curves with bands, a line, anchors; or bars; or a
/// heat map. A legend whose entries hide and show their series, a crosshair, arrow keys. Follows the theme,
/// no animation.
class PlotWidget : public QWidget {
    Q_OBJECT
public:
    enum class Format { Png, Svg, Csv };

    explicit PlotWidget(QWidget* parent = nullptr);
    ~PlotWidget() override;

    /// Series that were hidden stay hidden.
    void setPlot(const Plot& plot);
    const Plot& plot() const noexcept { return m_plot; }
    /// Shown while there is no point.
    void setEmptyText(const QString& text);

    void setSeriesShown(const QString& series, bool shown);
    bool isSeriesShown(const QString& series) const { return !m_hidden.contains(series); }

    /// At twice the size on screen, so that it prints well; all bars, also where the window scrolls.
    QImage image() const;
    QByteArray svg() const;
    QByteArray csv() const;
    /// Puts the chart, without what is hidden, on the clipboard: picture, SVG source with its own type, or
    /// comma-separated text.
    void copy(Format format) const;
    /// Writes the chart as the suffix says (.png, .svg, .csv). Returns an empty text, or why it failed.
    QString save(const QString& file) const;

    /// Widget coordinates of a point, bar or cell, for tests and callouts.
    QPointF positionOf(qint64 id) const;
    /// Values at the crosshair; nothing while there is none.
    std::optional<QPointF> crosshair() const;
    /// What a schedule is dragged and copied as: text that the timeline takes.
    static QMimeData* scheduleData(const QString& schedule);

    QSize sizeHint() const override { return {560, 420}; }
    QSize minimumSizeHint() const override { return {240, 180}; }

signals:
    void pointClicked(qint64 id);
    /// Somebody wants this schedule (as notation) on the timeline.
    void scheduleChosen(const QString& schedule);

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void refresh();
    void placeLegend();
    QString describe() const;
    Plot shown() const { return withoutSeries(m_plot, m_hidden); }

    Plot m_plot;
    QSet<QString> m_hidden;
    PlotView* m_view = nullptr;
    PlotLegendBox* m_legend = nullptr;
    QLabel* m_empty = nullptr;
    QStackedLayout* m_stack = nullptr;
};

} // namespace steploom
