// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/inert_text.h"

#include "engine/core/html_text.h"
#include "engine/core/utf8.h"

namespace steploom {

namespace {

constexpr std::string_view kReplacement = "\uFFFD";

std::uint32_t codePointOf(std::string_view bytes) noexcept {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
    };
    switch (bytes.size()) {
    case 1:
        return byte(0);
    case 2:
        return (byte(0) & 0x1Fu) << 6u | (byte(1) & 0x3Fu);
    case 3:
        return (byte(0) & 0x0Fu) << 12u | (byte(1) & 0x3Fu) << 6u | (byte(2) & 0x3Fu);
    default:
        return (byte(0) & 0x07u) << 18u | (byte(1) & 0x3Fu) << 12u | (byte(2) & 0x3Fu) << 6u |
               (byte(3) & 0x3Fu);
    }
}

std::size_t lengthOf(unsigned char first) noexcept {
    return first < 0x80u ? 1 : first < 0xE0u ? 2 : first < 0xF0u ? 3 : 4;
}

} // namespace

void forEachCharacter(std::string_view text,
                      const std::function<void(std::uint32_t codePoint, std::string_view bytes)>& each) {
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view bytes = text.substr(at, lengthOf(static_cast<unsigned char>(text[at])));
        each(codePointOf(bytes), bytes);
        at += bytes.size();
    }
}

std::string visibleText(std::string_view text) {
    const std::string valid = replaceInvalidUtf8(text);
    std::string out;
    out.reserve(valid.size());
    forEachCharacter(valid, [&](std::uint32_t c, std::string_view bytes) {
        if (c == '\r' && bytes.data() + 1 < valid.data() + valid.size() && bytes.data()[1] == '\n')
            return;
        if (c < 0x20u && c != '\n' && c != '\t') {
            out += "\xE2\x90"; // U+2400 + c
            out += static_cast<char>(0x80u + c);
        } else if (c == 0x7Fu) {
            out += "\u2421";
        } else if ((c >= 0x80u && c < 0xA0u) || (c & 0xFFFEu) == 0xFFFEu || (c >= 0xFDD0u && c <= 0xFDEFu)) {
            out += kReplacement;
        } else {
            out += bytes;
        }
    });
    return out;
}

std::string inertHtml(std::string_view text) { return escapedHtml(visibleText(text)); }

bool turnsDirection(std::string_view text) noexcept {
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("\u061C") || rest.starts_with("\u200E") || rest.starts_with("\u200F"))
            return true;
        if (rest.size() >= 3 && rest[0] == '\xE2' &&
            ((rest[1] == '\x80' && rest[2] >= '\xAA' && rest[2] <= '\xAE') ||
             (rest[1] == '\x81' && rest[2] >= '\xA6' && rest[2] <= '\xA9')))
            return true;
    }
    return false;
}

} // namespace steploom
