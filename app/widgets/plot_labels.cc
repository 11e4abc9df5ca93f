// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_labels.h"

#include <algorithm>
#include <array>

namespace steploom {
namespace {

constexpr double kDistance = 8; ///< px between point and label

std::array<QRectF, 8> candidates(const LabelledPoint& point) {
    const double w = point.size.width(), h = point.size.height();
    const double x = point.at.x(), y = point.at.y();
    const double right = x + kDistance, left = x - kDistance - w;
    const double above = y - h - 2, below = y + 2, middle = y - h / 2;
    return {QRectF(right, middle, w, h), QRectF(right, above, w, h),  QRectF(right, below, w, h),
            QRectF(left, middle, w, h),  QRectF(left, above, w, h),   QRectF(left, below, w, h),
            QRectF(x - w / 2, point.taken.top() - h - 2, w, h), QRectF(x - w / 2, point.taken.bottom() + 2, w, h)};
}

} // namespace

std::vector<QRectF> placeLabels(std::span<const LabelledPoint> points, const QRectF& bounds) {
    std::vector<QRectF> placed(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (points[i].size.isEmpty())
            continue;
        for (const QRectF& candidate : candidates(points[i])) {
            const auto meets = [&](const QRectF& other) { return other.intersects(candidate); };
            const bool free = bounds.contains(candidate) && std::none_of(placed.begin(), placed.end(), meets) &&
                              std::none_of(points.begin(), points.end(),
                                           [&](const LabelledPoint& other) { return meets(other.taken); });
            if (free) {
                placed[i] = candidate;
                break;
            }
        }
    }
    return placed;
}

} // namespace steploom
