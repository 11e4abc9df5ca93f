// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_labels.h"

#include <algorithm>
#include <array>

namespace steploom {
namespace {

constexpr double kDistance = 8; ///< px between point and label
constexpr double kLift = 5;     ///< px above or below the point's whisker

std::array<QRectF, 8> candidates(const LabelledPoint& point) {
    const double w = point.size.width(), h = point.size.height();
    const double x = point.at.x(), y = point.at.y();
    const double right = x + kDistance, left = x - kDistance - w;
    const double above = y - h - kLift, below = y + kLift, middle = y - h / 2;
    return {QRectF(right, middle, w, h),
            QRectF(right, above, w, h),
            QRectF(right, below, w, h),
            QRectF(left, middle, w, h),
            QRectF(left, above, w, h),
            QRectF(left, below, w, h),
            QRectF(x - w / 2, point.taken.top() - h - 2, w, h),
            QRectF(x - w / 2, point.taken.bottom() + 2, w, h)};
}

bool crosses(const QLineF& stroke, const QRectF& rect) {
    if (rect.contains(stroke.p1()) || rect.contains(stroke.p2()))
        return true;
    const QLineF diagonals[] = {{rect.topLeft(), rect.bottomRight()}, {rect.bottomLeft(), rect.topRight()}};
    return std::any_of(std::begin(diagonals), std::end(diagonals), [&](const QLineF& diagonal) {
        return stroke.intersects(diagonal, nullptr) == QLineF::BoundedIntersection;
    });
}

} // namespace

std::vector<QRectF> placeLabels(std::span<const LabelledPoint> points, const QRectF& bounds,
                                std::span<const QLineF> strokes) {
    std::vector<QRectF> placed(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (points[i].size.isEmpty())
            continue;
        QRectF struck; // the best place that some stroke crosses
        for (const QRectF& candidate : candidates(points[i])) {
            const auto meets = [&](const QRectF& other) { return other.intersects(candidate); };
            const bool free = bounds.contains(candidate) &&
                              std::none_of(placed.begin(), placed.end(), meets) &&
                              std::none_of(points.begin(), points.end(),
                                           [&](const LabelledPoint& other) { return meets(other.taken); });
            if (!free)
                continue;
            if (std::none_of(strokes.begin(), strokes.end(),
                             [&](const QLineF& stroke) { return crosses(stroke, candidate); })) {
                placed[i] = candidate;
                break;
            }
            if (struck.isEmpty())
                struck = candidate;
        }
        if (placed[i].isEmpty())
            placed[i] = struck;
    }
    return placed;
}

} // namespace steploom
