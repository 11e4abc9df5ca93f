// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace steploom {

/// Range and marks of the axis of a chart.
struct AxisTicks {
    double low = 0;
    double high = 1;
    std::vector<double> marks; ///< ascending, all within [low, high]
};

/// Marks at 1, 2, 2.5 or 5 times a power of ten, about `wanted` of them, around [low, high]; the range grows
/// to whole marks. Equal or non-finite ends give a range around the value.
AxisTicks linearTicks(double low, double high, int wanted);
/// Marks at 1, 2, 5 times powers of ten, or powers alone where many decades are spanned, or linear ones
/// within less than a third of a decade or where fewer than three of those fall into the range. Needs low >
/// 0.
AxisTicks logTicks(double low, double high, int wanted);

} // namespace steploom
