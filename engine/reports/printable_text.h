// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace steploom {

/// Text as it may be printed: every character that would be invisible, or would move or turn its neighbours,
/// is named instead of obeyed, as "⟨U+202E⟩": control characters, marks that change the writing direction,
/// separators of lines and paragraphs, byte order marks and tags. (Not their pictures, ␛: few fonts have
/// them.) Newlines and tabs stay; "\r\n" counts as a newline. What is not valid UTF-8 becomes U+FFFD. All
/// else is the same byte for byte.
std::string printableText(std::string_view text);

} // namespace steploom
