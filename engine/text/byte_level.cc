// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/byte_level.h"

#include "engine/text/characters.h"

#include <array>

namespace steploom {
namespace {

constexpr char32_t kAlphabetEnd = 0x144; ///< 256 + the 68 bytes that are not printable
constexpr int kNoByte = -1;

constexpr bool isPrintable(int byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr std::array<int, kAlphabetEnd> makeByteOfCharacter() {
    std::array<int, kAlphabetEnd> table{};
    table.fill(kNoByte);
    std::size_t next = 0x100;
    for (int byte = 0; byte < 256; ++byte)
        table[isPrintable(byte) ? static_cast<std::size_t>(byte) : next++] = byte;
    return table;
}

constexpr auto kByteOfCharacter = makeByteOfCharacter();

} // namespace

std::optional<std::string> bytesOfPiece(std::string_view piece) {
    std::string bytes;
    bytes.reserve(piece.size());
    while (!piece.empty()) {
        const Character character = firstCharacter(piece);
        const int byte = character.code < kAlphabetEnd ? kByteOfCharacter[character.code] : kNoByte;
        if (byte == kNoByte)
            return std::nullopt;
        bytes += static_cast<char>(byte);
        piece.remove_prefix(character.bytes);
    }
    return bytes;
}

} // namespace steploom
