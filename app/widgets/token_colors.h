// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

namespace steploom {

/// What the tint of a token on the canvas tells.
enum class TokenColoring { Model, Step, Confidence, Entropy };

/// A tint from none to full of one hue (so it reads the same for every kind of colour vision) that leaves
/// text legible: `share` 0…1 of the scale. Blue for steps, green for confidence, red for entropy; Model has
/// no scale.
QColor scaleTint(TokenColoring coloring, double share);

} // namespace steploom
