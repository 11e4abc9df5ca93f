// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace steploom {

/// Text as it may be printed: every character that would be invisible, or would move or turn its neighbours,
/// is shown instead of obeyed. Newlines and tabs stay ("\r\n" counts as a newline). Other ASCII control
/// characters become their pictures (␀ … ␡); C1 controls, marks that change the writing direction, line and
/// paragraph separators, byte order marks and tags become "⟨U+202E⟩"; what is not valid UTF-8 becomes U+FFFD.
/// All else is the same byte for byte.
std::string printableText(std::string_view text);

} // namespace steploom
