// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_pieces.h"

#include "engine/core/utf8.h"

#include <algorithm>
#include <string>

namespace steploom {
namespace {

constexpr QChar kUnfinished(0x25CC); ///< dotted circle: a character whose other bytes are still masked
constexpr int kTabSpaces = 4;

bool continuesCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Adds the pieces of one box's text: split at line breaks, leading white space counted.
void addText(std::vector<CanvasPiece>& pieces, int position, int count, const QString& text) {
    CanvasPiece piece{position, count};
    const std::size_t before = pieces.size();
    bool pending = false;
    for (const QChar c : text) {
        if (c == u'\n') {
            piece.lineBreak = true;
            pieces.push_back(piece);
            piece = {position, count};
            pending = false;
            continue;
        }
        if (c == u'\r')
            continue;
        pending = true;
        const bool space = c.isSpace() && c != QChar::Nbsp;
        if (space && piece.text.isEmpty())
            piece.leadingSpaces += c == u'\t' ? kTabSpaces : 1;
        else
            piece.text += space ? QChar(u' ') : c.category() == QChar::Other_Control ? QChar(0x00B7) : c;
    }
    if (pending || pieces.size() == before)
        pieces.push_back(piece);
}

/// Most tokens are a word of ASCII with a space before it or none: nothing to decode, nothing to split.
bool addPlainWord(std::vector<CanvasPiece>& pieces, int position, std::string_view bytes) {
    const std::size_t space = bytes.starts_with(' ') ? 1 : 0;
    const std::string_view word = bytes.substr(std::min(space, bytes.size()));
    if (word.empty() || !std::ranges::all_of(word, [](char c) { return c > ' ' && c < '\x7F'; }))
        return false;
    pieces.push_back({position, 1, static_cast<int>(space),
                      QString::fromLatin1(word.data(), static_cast<qsizetype>(word.size()))});
    return true;
}

} // namespace

std::vector<CanvasPiece> canvasPieces(std::span<const std::string_view> bytes,
                                      const std::vector<bool>& masked) {
    std::vector<CanvasPiece> pieces;
    pieces.reserve(bytes.size());
    const int size = static_cast<int>(bytes.size());
    std::string joined;
    for (int first = 0; first < size;) {
        if (masked[static_cast<std::size_t>(first)]) {
            pieces.push_back({first, 1, 0, {}, true});
            ++first;
            continue;
        }
        if (addPlainWord(pieces, first, bytes[static_cast<std::size_t>(first)])) {
            ++first;
            continue;
        }
        joined.assign(bytes[static_cast<std::size_t>(first)]);
        int next = first + 1;
        // A character needs four bytes at most, so the chain ends soon even on random tokens: each further
        // token must complete the pending character or the suffix is no longer incomplete.
        while (next < size && !masked[static_cast<std::size_t>(next)] && incompleteUtf8Suffix(joined) > 0) {
            joined += bytes[static_cast<std::size_t>(next)];
            ++next;
        }
        std::string_view whole = joined;
        QString text;
        const bool maskedBefore = first > 0 && masked[static_cast<std::size_t>(first) - 1];
        if (maskedBefore && !whole.empty() && continuesCharacter(whole.front())) {
            const auto begin = std::find_if_not(whole.begin(), whole.end(), continuesCharacter);
            whole.remove_prefix(static_cast<std::size_t>(begin - whole.begin()));
            text += kUnfinished;
        }
        const std::size_t rest = next < size ? incompleteUtf8Suffix(whole) : 0;
        const std::string repaired = replaceInvalidUtf8(whole.substr(0, whole.size() - rest));
        text += QString::fromUtf8(repaired.data(), static_cast<qsizetype>(repaired.size()));
        if (rest > 0)
            text += kUnfinished;
        addText(pieces, first, next - first, text);
        first = next;
    }
    return pieces;
}

QString quotedText(std::string_view bytes) {
    const std::string repaired = replaceInvalidUtf8(bytes);
    QString quoted = QStringLiteral("“");
    for (const QChar c : QString::fromStdString(repaired)) {
        if (c == u'\n')
            quoted += QStringLiteral("\\n");
        else if (c == u'\r')
            quoted += QStringLiteral("\\r");
        else if (c == u'\t')
            quoted += QStringLiteral("\\t");
        else if (c.category() == QChar::Other_Control)
            quoted += QStringLiteral("\\u%1").arg(static_cast<uint>(c.unicode()), 4, 16, QLatin1Char('0'));
        else
            quoted += c;
    }
    // Half a character shows its bytes: U+FFFD would hide which they are.
    if (validUtf8Prefix(bytes) != bytes.size()) {
        quoted = QStringLiteral("bytes");
        for (const char byte : bytes)
            quoted += QStringLiteral(" %1").arg(static_cast<uint>(static_cast<unsigned char>(byte)), 2, 16,
                                                QLatin1Char('0'));
        return quoted;
    }
    return quoted + QStringLiteral("”");
}

} // namespace steploom
