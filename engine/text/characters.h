// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace steploom {

/// A character of UTF-8 text and the bytes it takes.
struct Character {
    char32_t code;
    std::size_t bytes;
};

/// The first character of text that is not empty and known to be valid UTF-8.
Character firstCharacter(std::string_view text) noexcept;
/// The last character of such text.
Character lastCharacter(std::string_view text) noexcept;

/// Unicode's White_Space property: what `\s` means to Hugging Face's tokenizers. (PCRE2's own `\s` has U+180E
/// too.)
constexpr bool isWhiteSpace(char32_t code) noexcept {
    return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
           code == 0x205F || code == 0x3000;
}
/// The same set as the inside of a PCRE2 character class.
inline constexpr std::string_view kWhiteSpaceClass = R"(\x09-\x0D\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A})"
                                                     R"(\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";

} // namespace steploom
