// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace steploom {

// What a model wrote may hold anything. These make it text, and nothing but text, in each format of a report.

/// Valid UTF-8 without control characters but newline and tab: others become their pictures (U+2400 on: NUL
/// is "␀", escape "␛"), what is no character U+FFFD. A carriage return before a newline goes.
std::string visibleText(std::string_view text);

/// visibleText() for HTML and SVG, in elements and in quoted attributes; well-formed XML too.
std::string inertHtml(std::string_view text);

/// Whether characters in it turn the direction of text (U+202A…202E, U+2066…2069, U+200E, U+200F, U+061C), so
/// that it may look like other text than it is.
bool turnsDirection(std::string_view text) noexcept;

/// Calls `each` for every code point of valid UTF-8, with its bytes.
void forEachCharacter(std::string_view text,
                      const std::function<void(std::uint32_t codePoint, std::string_view bytes)>& each);

} // namespace steploom
