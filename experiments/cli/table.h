// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/value_text.h"

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

} // namespace steploom::cli
