// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot.h"

#include <QByteArrayList>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

QByteArray csvText(const QString& text) {
    QString quoted = text;
    quoted.replace(u'"', QStringLiteral("\"\""));
    return '"' + quoted.toUtf8() + '"';
}

QByteArray csvNumber(double value) {
    return std::isfinite(value) ? QByteArray::number(value, 'g', QLocale::FloatingPointShortest)
                                : QByteArray();
}

/// Columns that most charts do without.
struct Extras {
    bool across = false, series = false, schedule = false;

    QByteArray line(const PlotInterval& interval, const QString& name, const QString& notation) const {
        QByteArray text;
        if (across)
            text += ',' + csvNumber(interval.low) + ',' + csvNumber(interval.high);
        if (series)
            text += ',' + csvText(name);
        if (schedule)
            text += ',' + csvText(notation);
        return text + '\n';
    }
    QByteArray header() const {
        return QByteArray(across ? ",x low,x high" : "") + (series ? ",series" : "") +
               (schedule ? ",schedule" : "") + '\n';
    }
};

QByteArray barsCsv(const Plot& plot) {
    QByteArray csv = "label," + csvText(plot.x.title) + ",low,high,id,remark,schedule\n";
    for (const PlotBar& bar : plot.bars)
        csv += csvText(bar.label) + ',' + csvNumber(bar.value) + ',' + csvNumber(bar.interval.low) + ',' +
               csvNumber(bar.interval.high) + ',' + QByteArray::number(bar.id) + ',' + csvText(bar.remark) +
               ',' + csvText(bar.schedule) + '\n';
    return csv;
}

QByteArray cellsCsv(const Plot& plot) {
    QByteArray csv = csvText(plot.x.title) + ',' + csvText(plot.y.title) + ',' +
                     csvText(plot.heatMap.valueTitle) + ",id,schedule\n";
    for (const PlotCell& cell : plot.heatMap.cells)
        if (std::isfinite(cell.value))
            csv += QByteArray::number(cell.column + 1) + ',' + QByteArray::number(cell.row + 1) + ',' +
                   csvNumber(cell.value) + ',' + QByteArray::number(cell.id) + ',' + csvText(cell.schedule) +
                   '\n';
    return csv;
}

} // namespace

QByteArray plotCsv(const Plot& plot) {
    if (!plot.bars.empty())
        return barsCsv(plot);
    if (!plot.heatMap.cells.empty())
        return cellsCsv(plot);
    const Extras extras{
        .across = std::ranges::any_of(plot.points, [](const auto& each) { return each.across.isFinite(); }),
        .series = std::ranges::any_of(plot.points, [](const auto& each) { return !each.series.isEmpty(); }),
        .schedule =
            std::ranges::any_of(plot.points, [](const auto& each) { return !each.schedule.isEmpty(); })};
    QByteArray csv =
        "label," + csvText(plot.x.title) + ',' + csvText(plot.y.title) + ",low,high,id" + extras.header();
    for (const PlotPoint& point : plot.points)
        csv += csvText(point.label) + ',' + csvNumber(point.x) + ',' + csvNumber(point.y) + ',' +
               csvNumber(point.low) + ',' + csvNumber(point.high) + ',' + QByteArray::number(point.id) +
               extras.line(point.across, point.series, point.schedule);
    for (const PlotCurve& curve : plot.curves)
        for (std::size_t i = 0; i < curve.values.size(); ++i) {
            const PlotInterval band = i < curve.band.size() ? curve.band[i] : PlotInterval{};
            csv += csvText(curve.name) + ',' + csvNumber(curve.values[i].x()) + ',' +
                   csvNumber(curve.values[i].y()) + ',' + csvNumber(band.low) + ',' + csvNumber(band.high) +
                   ',' + extras.line({}, curve.name, {});
        }
    return csv;
}

} // namespace steploom
