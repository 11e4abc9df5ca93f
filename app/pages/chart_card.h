// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"
#include "app/widgets/plot.h"

#include <QList>

class QAction;
class QComboBox;
class QHBoxLayout;
class QLabel;

namespace steploom {

class PlotWidget;

/// Names a widget for tests and for those who do not see it.
template <class Widget>
Widget* named(Widget* widget, const QString& name, const QString& accessible) {
    widget->setObjectName(name);
    widget->setAccessibleName(accessible);
    return widget;
}

/// A chart with title, subtitle, controls and actions at its head and remarks below it. Its parts are called
/// after it: "searchPlot", "searchSubtitle", "searchRemarks", "searchActions".
class ChartCard : public Card {
    Q_OBJECT
public:
    ChartCard(const QString& name, const QString& title, QWidget* parent = nullptr);

    PlotWidget* plot() const noexcept { return m_plot; }
    /// Buttons at the head, after the controls; they follow their actions. The actions stay the caller's.
    void setActions(const QList<QAction*>& actions);

signals:
    /// There is something to copy, or nothing any more.
    void plotChanged();
    void runChosen(qint64 run);
    /// Somebody wants this schedule (as notation) on the timeline.
    void scheduleChosen(const QString& notation);

protected:
    void addControl(QWidget* control);
    /// Beside the plot.
    void addAside(QWidget* widget);
    void showPlot(const Plot& plot);
    void setSubtitle(const QString& text);
    void setRemarks(const QStringList& sentences);
    /// Shown in place of the chart where there is nothing: says what to do.
    void setEmptyText(const QString& text);
    /// A box that shortens what does not fit in.
    QComboBox* makeSelector(const QString& name, const QString& accessible);

private:
    QString m_name;
    QLabel* m_subtitle;
    QLabel* m_remarks;
    PlotWidget* m_plot;
    QHBoxLayout* m_controls;
    QHBoxLayout* m_middle;
    QWidget* m_actions;
};

} // namespace steploom
