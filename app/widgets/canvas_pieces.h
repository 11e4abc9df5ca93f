// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace steploom {

class Tokenizer;

/// A part of the text that is shown in one box: a token, some neighbours that form one character together,
/// what of a token lies before or after a line break, or a masked position.
struct CanvasPiece {
    int position = 0;      ///< of its first token
    int count = 1;         ///< tokens it is made of; more than one when characters cross token borders
    int leadingSpaces = 0; ///< become the gap before the box
    QString text;          ///< printable; empty for a masked position and for white space
    bool masked = false;
    bool lineBreak = false; ///< the line ends after this piece

    friend bool operator==(const CanvasPiece&, const CanvasPiece&) = default;
};

/// Cuts a sequence into pieces. `bytes` holds the raw bytes of each position's token and is empty where the
/// position is masked, `masked` says which are. Byte-level tokens may hold a part of a UTF-8 character: such
/// neighbours share a piece; while a neighbour is still masked the part is shown as a dotted circle. Bytes
/// that form no character whatever comes become U+FFFD.
std::vector<CanvasPiece> canvasPieces(std::span<const std::string_view> bytes,
                                      const std::vector<bool>& masked);

/// `text` as a person reads it in one line: quoted, with line breaks, tabs and other control characters
/// escaped.
QString quotedText(std::string_view bytes);

} // namespace steploom
