// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/printable_text.h"

#include "engine/core/utf8.h"
#include "engine/reports/inert_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace steploom {
namespace {

struct Range {
    std::uint32_t first, last;
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

bool isNamed(std::uint32_t character) {
    if ((character & 0xFFFEu) == 0xFFFEu || (character >= 0xFDD0u && character <= 0xFDEFu))
        return true; // no characters at all, which Cairo refuses as text
    return std::ranges::any_of(
        kNamed, [&](const Range& range) { return range.first <= character && character <= range.last; });
}

} // namespace

std::string printableText(std::string_view text) {
    const std::string valid = replaceInvalidUtf8(text);
    std::string out;
    out.reserve(valid.size());
    const char* end = valid.data() + valid.size();
    forEachCharacter(valid, [&](std::uint32_t character, std::string_view bytes) {
        const char* following = bytes.data() + bytes.size();
        if (character == '\r' && following != end && *following == '\n')
            return;
        if (character != '\n' && character != '\t' && isNamed(character))
            fmt::format_to(std::back_inserter(out), "\u27E8U+{:04X}\u27E9", character);
        else
            out += bytes;
    });
    return out;
}

} // namespace steploom
