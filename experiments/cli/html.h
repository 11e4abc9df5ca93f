// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace steploom::cli {

/// Text for HTML and SVG, in elements and in quoted attributes. Control characters that no document may hold
/// become U+FFFD; newlines and tabs stay.
std::string escaped(std::string_view text);

/// A whole document around `body`: styles inline, light and dark, nothing loaded from anywhere.
std::string htmlDocument(std::string_view title, std::string_view body);

/// Colour of the pool member at `index` as a CSS variable of htmlDocument: "var(--member-0)".
std::string memberColour(int index);

} // namespace steploom::cli
