// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/printable_text.h"

#include "engine/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace steploom {
namespace {

struct Range {
    char32_t first, last;
};

/// Ascending.
constexpr Range kNamed[] = {
    {0x00, 0x1F},       // C0 controls; newline and tab have been dealt with
    {0x7F, 0x9F},       // delete, C1 controls
    {0x061C, 0x061C},   // Arabic letter mark
    {0x180E, 0x180E},   // a space of no width
    {0x200E, 0x200F},   // left-to-right and right-to-left mark
    {0x2028, 0x202E},   // separators of lines and paragraphs, embeddings and overrides
    {0x2060, 0x2069},   // word joiner, invisible operators, isolates
    {0x206A, 0x206F},   // deprecated format characters
    {0xFEFF, 0xFEFF},   // byte order mark
    {0xFFF9, 0xFFFB},   // interlinear annotations
    {0xE0000, 0xE007F}, // tags
};

bool isNamed(char32_t character) {
    return std::ranges::any_of(
        kNamed, [&](const Range& range) { return range.first <= character && character <= range.last; });
}

/// Of valid UTF-8: the character that begins at `text`, and its bytes.
std::pair<char32_t, std::size_t> characterAt(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80)
        return {byte(0), 1};
    const std::size_t length = byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
    char32_t character = byte(0) & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i)
        character = character << 6 | (byte(i) & 0x3Fu);
    return {character, length};
}

} // namespace

std::string printableText(std::string_view text) {
    const std::string valid = replaceInvalidUtf8(text);
    const std::string_view all = valid;
    std::string out;
    out.reserve(all.size());
    for (std::size_t at = 0; at < all.size();) {
        const auto [character, length] = characterAt(all.substr(at));
        if (all.substr(at, 2) == "\r\n") {
            // The newline follows.
        } else if (character == '\n' || character == '\t' || (character >= 0x20 && character < 0x7F)) {
            out += all[at];
        } else if (isNamed(character)) {
            fmt::format_to(std::back_inserter(out), "\u27E8U+{:04X}\u27E9",
                           static_cast<std::uint32_t>(character));
        } else {
            out += all.substr(at, length);
        }
        at += length;
    }
    return out;
}

} // namespace steploom
