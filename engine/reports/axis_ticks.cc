// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/axis_ticks.h"

#include <algorithm>
#include <cmath>

namespace steploom {

AxisTicks linearTicks(double low, double high, int wanted) {
    if (!std::isfinite(low) || !std::isfinite(high))
        return {0, 1, {0, 1}};
    if (low > high)
        std::swap(low, high);
    if (low == high) {
        const double room = low == 0 ? 1 : std::abs(low) * 0.1;
        low -= room;
        high += room;
    }
    const double rough = (high - low) / std::max(1, wanted);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    double step = 10 * power;
    for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
        if (factor * power >= rough * (1 - 1e-9)) {
            step = factor * power;
            break;
        }
    }
    const double first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
    AxisTicks ticks{first * step, last * step, {}};
    for (double i = first; i <= last; ++i)
        ticks.marks.push_back(i * step); // the product, not a running sum: 0.3 stays 0.3
    return ticks;
}

AxisTicks logTicks(double low, double high, int wanted) {
    if (!(low > 0) || !std::isfinite(high) || high < low)
        return {1, 10, {1, 10}};
    const double room = low == high ? 0.1 : 0.03 * std::log10(high / low);
    low = std::pow(10, std::log10(low) - room);
    high = std::pow(10, std::log10(high) + room);
    const double decades = std::log10(high / low);
    if (decades < 1.0 / 3) {
        AxisTicks ticks = linearTicks(low, high, wanted);
        std::erase_if(ticks.marks, [](double mark) { return mark <= 0; });
        ticks.low = std::max(ticks.low, ticks.marks.front());
        return ticks;
    }
    const int every = std::max(1, static_cast<int>(std::ceil(decades / std::max(1, wanted))));
    const bool between = decades * 3 <= wanted * 1.5;
    AxisTicks ticks{low, high, {}};
    for (int exponent = static_cast<int>(std::floor(std::log10(low))); std::pow(10, exponent) <= high;
         ++exponent) {
        if (exponent % every != 0)
            continue;
        for (const int factor : {1, 2, 5}) {
            const double mark = factor * std::pow(10, exponent);
            if (mark >= low && mark <= high && (factor == 1 || between))
                ticks.marks.push_back(mark);
        }
    }
    if (ticks.marks.size() < 3) { // a decade without its ends: linear marks say more
        std::vector<double> marks = linearTicks(low, high, wanted).marks;
        std::erase_if(marks, [&](double mark) { return mark < low || mark > high; });
        if (marks.size() > ticks.marks.size())
            ticks.marks = std::move(marks);
    }
    return ticks;
}

} // namespace steploom
