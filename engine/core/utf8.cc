// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/utf8.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {
namespace {

struct Step {
    std::size_t length; ///< bytes consumed: a whole character, or the maximal part of a broken one
    bool valid;
    bool endsEarly; ///< broken only because the text ends
};

bool within(unsigned char byte, unsigned low, unsigned high) { return byte >= low && byte <= high; }

/// Reads one character at the start of `text` (not empty). The bounds of the second byte are those of table
/// 3-7 of the Unicode standard: they exclude overlong forms, surrogates and values past U+10FFFF.
Step readCharacter(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80)
        return {1, true, false};
    std::size_t length = 0;
    unsigned low = 0x80, high = 0xBF;
    if (within(first, 0xC2, 0xDF)) {
        length = 2;
    } else if (within(first, 0xE0, 0xEF)) {
        length = 3;
        low = first == 0xE0 ? 0xA0 : low;
        high = first == 0xED ? 0x9F : high;
    } else if (within(first, 0xF0, 0xF4)) {
        length = 4;
        low = first == 0xF0 ? 0x90 : low;
        high = first == 0xF4 ? 0x8F : high;
    } else {
        return {1, false, false};
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (i == text.size())
            return {i, false, true};
        if (!within(static_cast<unsigned char>(text[i]), low, high))
            return {i, false, false};
        low = 0x80;
        high = 0xBF;
    }
    return {length, true, false};
}

} // namespace

std::size_t validUtf8Prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const Step step = readCharacter(text.substr(at));
        if (!step.valid)
            break;
        at += step.length;
    }
    return at;
}

void requireUtf8(std::string_view text, std::string_view where) {
    const std::size_t valid = validUtf8Prefix(text);
    if (valid == text.size())
        return;
    throw Error(ErrorKind::Text, {"the text is not valid UTF-8", std::string(where),
                                  fmt::format("byte {} (0x{:02X}) does not begin or continue a character",
                                              valid, static_cast<unsigned char>(text[valid])),
                                  "Convert it to UTF-8, for example with iconv -t UTF-8"});
}

std::string replaceInvalidUtf8(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Step step = readCharacter(text.substr(at));
        result += step.valid ? text.substr(at, step.length) : std::string_view("\xEF\xBF\xBD");
        at += step.length;
    }
    return result;
}

std::size_t incompleteUtf8Suffix(std::string_view text) noexcept {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const std::string_view suffix = text.substr(text.size() - back);
        if ((static_cast<unsigned char>(suffix[0]) & 0xC0) == 0x80)
            continue;
        const Step step = readCharacter(suffix);
        return step.endsEarly && step.length == back ? back : 0;
    }
    return 0;
}

std::size_t characterCount(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

} // namespace steploom
