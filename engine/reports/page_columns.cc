// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_columns.h"

#include <algorithm>

namespace steploom {

std::optional<std::vector<double>> columnWidths(std::span<const ColumnNeed> needs, double width) {
    double natural = 0, least = 0;
    for (const ColumnNeed& need : needs) {
        natural += need.natural;
        least += need.least;
    }
    if (least > width)
        return std::nullopt;
    std::vector<double> widths;
    if (natural <= width) {
        for (const ColumnNeed& need : needs)
            widths.push_back(natural > 0 ? need.natural * width / natural : width / needs.size());
        return widths;
    }
    // One common limit for all that give way, but for those whose longest word is wider: found by bisection,
    // since what a limit leaves grows with it.
    const auto at = [&](double limit, const ColumnNeed& need) {
        return std::clamp(limit, need.least, need.natural);
    };
    double low = 0, high = width;
    for (int i = 0; i < 50; ++i) {
        const double middle = (low + high) / 2;
        double sum = 0;
        for (const ColumnNeed& need : needs)
            sum += at(middle, need);
        (sum <= width ? low : high) = middle;
    }
    for (const ColumnNeed& need : needs)
        widths.push_back(at(low, need));
    return widths;
}

} // namespace steploom
