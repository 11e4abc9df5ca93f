// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/token_colors.h"

#include "app/widgets/theme.h"

#include <algorithm>

namespace steploom {

QColor scaleTint(TokenColoring coloring, double share) {
    const ThemeColors& colors = Theme::instance().colors();
    QColor color = coloring == TokenColoring::Confidence ? colors.good
                   : coloring == TokenColoring::Entropy  ? colors.heat
                                                         : colors.heavy;
    constexpr double kWeakest = 0.06,
                     kStrongest = 0.54; // alpha; ink on the strongest keeps a contrast above 4.5
    color.setAlphaF(static_cast<float>(kWeakest + (kStrongest - kWeakest) * std::clamp(share, 0.0, 1.0)));
    return color;
}

} // namespace steploom
