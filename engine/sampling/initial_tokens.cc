// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/core/utf8.h"
#include "engine/sampling/generation_request.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

/// A stretch of a template: fixed text, or a hole of some tokens.
struct Piece {
    std::string_view text; ///< empty for a hole
    int hole = 0;
};

bool isLetter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Whether `text` begins with "[mask", in any case, and not with a longer word such as "[masked".
bool beginsHole(std::string_view text) {
    constexpr std::string_view kWord = "[mask";
    if (text.size() < kWord.size())
        return false;
    for (std::size_t i = 0; i < kWord.size(); ++i)
        if (text[i] != kWord[i] && text[i] != kWord[i] - 'a' + 'A')
            return false;
    return text.size() == kWord.size() || !isLetter(text[kWord.size()]);
}

[[noreturn]] void refuseHole(std::string_view whole, std::size_t byte, std::string why) {
    throw Error(ErrorKind::Request, {"cannot read the template",
                                     fmt::format("character {}", characterCount(whole.substr(0, byte)) + 1),
                                     std::move(why), "Write [mask] for one token, [mask:12] for twelve"});
}

/// Reads the hole that begins at `byte` and moves behind it.
Piece readHole(std::string_view whole, std::size_t& byte, int longest) {
    const std::size_t begin = byte;
    byte += std::string_view("[mask").size();
    if (byte < whole.size() && whole[byte] == ']') {
        ++byte;
        return {{}, 1};
    }
    if (byte >= whole.size() || whole[byte] != ':')
        refuseHole(whole, begin, "this hole is not closed");
    const std::size_t digits = ++byte;
    int tokens = 0;
    for (; byte < whole.size() && whole[byte] >= '0' && whole[byte] <= '9'; ++byte) {
        tokens = tokens * 10 + (whole[byte] - '0');
        if (tokens > longest)
            refuseHole(whole, begin, fmt::format("this hole alone is longer than the length, {}", longest));
    }
    if (byte >= whole.size())
        refuseHole(whole, begin, "this hole is not closed");
    if (whole[byte] != ']' || byte == digits)
        refuseHole(whole, begin, "after the colon of this hole stands no number of tokens");
    if (tokens == 0)
        refuseHole(whole, begin, "this hole has no token");
    ++byte;
    return {{}, tokens};
}

std::vector<Piece> readTemplate(std::string_view whole, int longest) {
    std::vector<Piece> pieces;
    std::size_t textBegin = 0, byte = 0;
    const auto endText = [&] {
        if (byte > textBegin)
            pieces.push_back({whole.substr(textBegin, byte - textBegin)});
    };
    while (byte < whole.size()) {
        if (!beginsHole(whole.substr(byte))) {
            ++byte;
            continue;
        }
        endText();
        pieces.push_back(readHole(whole, byte, longest));
        textBegin = byte;
    }
    endText();
    return pieces;
}

} // namespace

std::vector<std::int32_t> initialTokens(const GenerationRequest& request, const Tokenizer& tokenizer,
                                        std::int32_t maskToken) {
    if (request.branch)
        return traceOf(*request.branch, request.length, maskToken).tokens;
    const bool isTemplate = !request.templateText.empty();
    const std::string whose = isTemplate ? "the template" : "the prompt";
    const std::string& whole = isTemplate ? request.templateText : request.prompt;
    requireUtf8(whole, whose);

    std::vector<Piece> pieces;
    if (isTemplate)
        pieces = readTemplate(whole, request.length);
    else if (!whole.empty())
        pieces.push_back({whole});

    const auto length = static_cast<std::size_t>(request.length);
    std::vector<std::int32_t> tokens;
    std::size_t count = 0; // also of what is beyond the length: a few bytes of holes may stand for millions
    for (const Piece& piece : pieces) {
        if (piece.hole > 0) {
            count += static_cast<std::size_t>(piece.hole);
            tokens.resize(std::min(count, length), maskToken);
            continue;
        }
        const std::vector<std::int32_t> encoded = tokenizer.encode(piece.text);
        if (std::find(encoded.begin(), encoded.end(), maskToken) != encoded.end())
            throw Error(ErrorKind::Request,
                        {"cannot run the request", whose, "it holds the model's own mask token as text",
                         "Write holes as [mask] in a template"});
        count += encoded.size();
        if (count <= length)
            tokens.insert(tokens.end(), encoded.begin(), encoded.end());
    }
    if (count > length)
        throw Error(ErrorKind::Request, {"cannot run the request", whose,
                                         fmt::format("it has {} tokens, the length is {}: {} too many", count,
                                                     length, count - length),
                                         "Shorten it, or choose a greater length"});
    tokens.resize(length, maskToken);
    if (std::find(tokens.begin(), tokens.end(), maskToken) == tokens.end())
        throw Error(
            ErrorKind::Request,
            {"cannot run the request", whose,
             fmt::format("its {} tokens fill the length, {}: nothing is left to write", length, length),
             "Shorten it, or choose a greater length"});
    return tokens;
}

} // namespace steploom
