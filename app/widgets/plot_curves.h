// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPolygonF>

namespace steploom {

/// The stroke of a curve as it can be seen, from its values in px by x (rising or falling): of those that
/// share a column of one pixel the first, lowest, highest and last. Looks the same and costs no more than the
/// chart is wide.
QPolygonF visibleStroke(const QPolygonF& stroke);

} // namespace steploom
