// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineF>
#include <QPointF>
#include <QRectF>
#include <QSizeF>

#include <span>
#include <vector>

namespace steploom {

/// A point of a plot whose label looks for a place.
struct LabelledPoint {
    QPointF at;   ///< px
    QSizeF size;  ///< of the label
    QRectF taken; ///< what the point's marker covers
};

/// A rectangle for each label: beside, above or below its point, free of every marker and other label, and
/// inside `bounds`; off the strokes (whiskers, lines) as well where that is possible. Labels without room get
/// an empty rectangle. Earlier points choose first.
std::vector<QRectF> placeLabels(std::span<const LabelledPoint> points, const QRectF& bounds,
                                std::span<const QLineF> strokes = {});

} // namespace steploom
