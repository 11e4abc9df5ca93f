// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace steploom {

/// Byte-level vocabularies (GPT-2) write every byte as one printable character: the printable bytes of
/// Latin-1 as themselves, the other 68 as U+0100 and on, in their order ("Ġ" is the space). Returns the bytes
/// that `piece` stands for, or nothing when it holds a character outside this alphabet.
std::optional<std::string> bytesOfPiece(std::string_view piece);

} // namespace steploom
