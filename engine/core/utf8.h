// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace steploom {

/// Length in bytes of the longest prefix of `text` that is valid UTF-8 (RFC 3629: no surrogates, no overlong
/// forms). Equals `text.size()` when all of it is valid.
std::size_t validUtf8Prefix(std::string_view text) noexcept;

/// Throws Error(Text) naming the byte offset when `text` is not valid UTF-8. `where` says whose text it is
/// ("the prompt", a path).
void requireUtf8(std::string_view text, std::string_view where);

/// `text` with every byte that is not part of a valid character replaced by U+FFFD, one for each maximal
/// invalid run start (the rule of the Unicode standard, as Python's errors="replace").
std::string replaceInvalidUtf8(std::string_view text);

/// Number of trailing bytes of `text` that begin a character which further bytes could still complete (0…3).
std::size_t incompleteUtf8Suffix(std::string_view text) noexcept;

/// Characters (not bytes) of valid UTF-8 text; for positions in messages.
std::size_t characterCount(std::string_view text) noexcept;

} // namespace steploom
