// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace steploom {

// Names that people type: without case, and the one that they may have meant.

/// Of an ASCII letter; every other byte stays, so UTF-8 does.
constexpr char lowerCase(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lowerCase(std::string_view text);

/// Insertions, deletions and replacements of bytes that make one of the other (Levenshtein 1966).
std::size_t editDistance(std::string_view a, std::string_view b);

} // namespace steploom
