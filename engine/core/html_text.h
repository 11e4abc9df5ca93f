// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace steploom {

/// Text for HTML and SVG, in elements and in quoted attributes. Control characters that no document may hold
/// become U+FFFD; newlines and tabs stay.
std::string escapedHtml(std::string_view text);

} // namespace steploom
