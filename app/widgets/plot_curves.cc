// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_curves.h"

#include <algorithm>
#include <cmath>

namespace steploom {

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

} // namespace steploom
