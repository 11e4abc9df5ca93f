// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_curves.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

constexpr double kSample = 22, kGap = 8, kPadding = 8; ///< px
constexpr double kWidestName = 260;

} // namespace

QPolygonF visibleStroke(const QPolygonF& stroke) {
    QPolygonF seen;
    for (qsizetype i = 0; i < stroke.size();) {
        const double column = std::floor(stroke[i].x());
        qsizetype end = i, lowest = i, highest = i;
        for (; end < stroke.size() && std::floor(stroke[end].x()) == column; ++end) {
            if (stroke[end].y() < stroke[lowest].y())
                lowest = end;
            if (stroke[end].y() > stroke[highest].y())
                highest = end;
        }
        qsizetype kept[] = {i, lowest, highest, end - 1};
        std::ranges::sort(kept);
        const auto repeats = std::ranges::unique(kept);
        std::for_each(std::begin(kept), repeats.begin(), [&](qsizetype each) { seen += stroke[each]; });
        i = end;
    }
    return seen;
}

PlotLegend legendOf(const Plot& plot, const QRectF& area, const QFontMetricsF& metrics) {
    PlotLegend legend;
    const double height = metrics.height() + 4;
    const double room = std::min(kWidestName, area.width() / 2 - kSample - kGap - 2 * kPadding);
    const auto most = static_cast<std::size_t>(std::max(0.0, (area.height() - 2 * kPadding) / height));
    double width = 0;
    for (std::size_t i = 0; i < plot.curves.size() && legend.entries.size() < most; ++i) {
        if (plot.curves[i].values.empty() || plot.curves[i].name.isEmpty())
            continue;
        const QString name = metrics.elidedText(plot.curves[i].name, Qt::ElideMiddle, room);
        width = std::max(width, metrics.horizontalAdvance(name));
        legend.entries.push_back({i, {}, {}, name});
    }
    if (legend.entries.empty())
        return legend;
    const QSizeF size(kSample + kGap + width + 2 * kPadding,
                      height * static_cast<double>(legend.entries.size()) + kPadding);
    legend.box = QRectF(QPointF(area.right() - size.width() - 4, area.top() + 4), size);
    double y = legend.box.top() + kPadding / 2;
    const double x = legend.box.left() + kPadding;
    for (PlotLegendEntry& entry : legend.entries) {
        entry.sample = QLineF(x, y + height / 2, x + kSample, y + height / 2);
        entry.text = QRectF(x + kSample + kGap, y, width + 1, height);
        y += height;
    }
    return legend;
}

} // namespace steploom
