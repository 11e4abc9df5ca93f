// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/normalizer.h"

#include "engine/text/json_fields.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <limits>

namespace steploom {
namespace {

[[noreturn]] void refuseText(std::string why) {
    throw Error(ErrorKind::Text, {"cannot bring the text into Unicode's form NFC", "the text to encode",
                                  std::move(why), "Shorten the text, or give it in that form"});
}

void requireSuccess(UErrorCode status) {
    if (U_FAILURE(status))
        refuseText(fmt::format("ICU says {}", u_errorName(status)));
}

} // namespace

Normalizer Normalizer::nfc() {
    Normalizer normalizer;
    normalizer.m_composes = true;
    return normalizer;
}

Normalizer Normalizer::fromJson(const nlohmann::json& description, const std::string& file) {
    Normalizer normalizer;
    const std::string where = file + ", normalizer";
    const auto read = [&](const nlohmann::json& stage) {
        if (const std::string& type = stringOf(stage, "type", where); type != "NFC")
            refuseTokenizer(where, fmt::format("a normalizer \"{}\" changes the text before it is cut", type),
                            "Steploom knows NFC: choose a tokenizer with that or none, or set it to null if "
                            "your texts are normalised already");
        normalizer.m_composes = true;
    };
    if (description.is_null())
        return normalizer;
    if (stringOf(description, "type", where) == "Sequence")
        forEachIn(description, "normalizers", where, read);
    else
        read(description);
    return normalizer;
}

std::string_view Normalizer::apply(std::string_view text, std::string& storage) const {
    const auto isAscii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (!m_composes || std::ranges::all_of(text, isAscii))
        return text;
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        refuseText(fmt::format("it has {} bytes, ICU takes less than two thousand million", text.size()));
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* const composer = icu::Normalizer2::getNFCInstance(status);
    requireSuccess(status);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    const bool composed = composer->isNormalizedUTF8(piece, status);
    requireSuccess(status);
    if (composed)
        return text;
    storage.clear();
    icu::StringByteSink<std::string> sink(&storage);
    composer->normalizeUTF8(0, piece, sink, nullptr, status);
    requireSuccess(status);
    return storage;
}

} // namespace steploom
