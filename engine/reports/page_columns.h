// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace steploom {

/// What a column of a table asks for, in points.
struct ColumnNeed {
    double natural = 0; ///< nothing is broken
    double least = 0;   ///< no word is broken; at most `natural`
};

/// Widths of columns that have `width` together. What is wider than its share is narrowed first; what is left
/// over goes to all in proportion. Nothing when not even the least widths fit.
std::optional<std::vector<double>> columnWidths(std::span<const ColumnNeed> needs, double width);

} // namespace steploom
