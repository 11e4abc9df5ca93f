// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/table.h"

#include <algorithm>

namespace steploom::cli {

Table::Table(std::string align, std::vector<std::string> headings)
    : m_align(std::move(align)), m_headed(!headings.empty()) {
    if (m_headed)
        m_rows.push_back(std::move(headings));
}

void Table::add(std::vector<std::string> cells) { m_rows.push_back(std::move(cells)); }

std::string Table::text() const {
    std::vector<std::size_t> widths(m_align.size(), 0);
    for (const auto& row : m_rows)
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], displayWidth(row[column]));
    std::string out;
    for (const auto& row : m_rows) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            const std::string space(widths[column] - displayWidth(row[column]), ' ');
            line += column == 0 ? "" : "  ";
            line += m_align[column] == 'r' ? space + row[column] : row[column] + space;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::size_t displayWidth(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) != 0x80u; }));
}

} // namespace steploom::cli
