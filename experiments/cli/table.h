// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"

#include <string>
#include <string_view>
#include <vector>

namespace steploom::cli {

/// Columns of text, aligned: for people. A column is right-aligned when `align` has an 'r' at its place.
class Table {
public:
    /// `align`: one letter a column, 'l' or 'r'. Empty headings leave the heading line out.
    Table(std::string align, std::vector<std::string> headings);
    void add(std::vector<std::string> cells);
    /// Lines with a newline each; columns two spaces apart, no spaces at the ends of lines.
    std::string text() const;

private:
    std::string m_align;
    std::vector<std::vector<std::string>> m_rows;
    bool m_headed;
};

/// Columns that UTF-8 text takes on a terminal, one a character.
std::size_t displayWidth(std::string_view text) noexcept;

/// Numbers as people read them: four significant digits, intervals as ±, "–" for what is not known.
std::string numberText(double value);
std::string shareText(double share);                ///< "16.7%"
std::string estimateText(const Estimate& estimate); ///< "31.22 ± 0.87"; "31.22" without an interval
std::string countText(double count);                ///< "8.78M"
std::string flopsText(double flops);                ///< "3.2 GFLOP"
std::string memoryText(double bytes);               ///< "2.81 GB"
std::string durationText(double seconds);           ///< "0.8 s", "2 min 10 s"
/// At most `characters` characters of `text` on one line, "…" at the end when some are left out.
std::string shortened(std::string_view text, std::size_t characters);

} // namespace steploom::cli
