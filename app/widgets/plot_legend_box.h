// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot_legend.h"

#include <QAbstractButton>
#include <QSet>

namespace steploom {

/// An entry of the legend in the window: on while its series is shown.
class PlotLegendButton : public QAbstractButton {
    Q_OBJECT
public:
    explicit PlotLegendButton(QWidget* parent);
    void setEntry(const PlotSeries& series, const PlotLegendEntry& entry, QPointF origin);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    PlotSeries m_series;
    PlotLegendEntry m_entry; ///< px of the button
};

/// The legend over a chart: each entry can be clicked, or reached by Tab and pressed, to hide and show its
/// series.
class PlotLegendBox : public QWidget {
    Q_OBJECT
public:
    explicit PlotLegendBox(QWidget* parent);
    void setLegend(const std::vector<PlotSeries>& series, const PlotLegend& legend,
                   const QSet<QString>& hidden);

signals:
    void toggled(const QString& series, bool shown);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<PlotLegendButton*> m_buttons;
};

} // namespace steploom
