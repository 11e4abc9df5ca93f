// SPDX-License-Identifier: GPL-3.0-or-later
// Input: a tokenizer.json; or, after a '+', a merge patch (RFC 7396) to a sound one, because what a fuzzer
// changes in a whole file mostly loses one of the 256 byte pieces. The input's last bytes are also the text
// that is encoded.
#include "engine/core/json_text.h"
#include "engine/text/tokenizer.h"
#include "tests/fuzz/byte_tokenizer.h"
#include "tests/fuzz/property.h"

#include <algorithm>

using namespace steploom;
using namespace steploom::fuzz;

namespace {

constexpr std::size_t kLongestText = 100;

/// The tokenizer.json that the input stands for; throws Error for a patch that is no JSON.
std::string documentOf(std::string_view input) {
    static const nlohmann::json sound = nlohmann::json::parse(byteTokenizerText());
    if (!input.starts_with('+'))
        return std::string(input);
    nlohmann::json document = sound;
    document.merge_patch(
        parseJson(input.substr(1), ErrorKind::Tokenizer, {"cannot read the patch", "fuzzed", {}, "None"}));
    return document.dump();
}

std::string withoutSpaces(std::string text) {
    std::erase(text, ' ');
    return text;
}

void useTokenizer(const std::shared_ptr<const Tokenizer>& tokenizer, std::string_view text, bool keepsText) {
    const std::vector<std::int32_t> ids = tokenizer->encode(text, true);
    for (const std::int32_t id : ids)
        require(id >= 0 && id < tokenizer->size(), "encoding gives ids of the vocabulary");
    const std::string decoded = tokenizer->decode(ids);
    require(validUtf8Prefix(decoded) == decoded.size(), "decoding gives valid UTF-8");

    StreamDecoder stream(tokenizer);
    std::string streamed;
    for (const std::int32_t id : ids)
        streamed += stream.add(id);
    streamed += stream.finish();
    require(streamed == decoded, "decoding piece by piece gives the same text");
    if (keepsText) // but for the space that a ByteLevel stage may put before a word
        require(withoutSpaces(tokenizer->decode(tokenizer->encode(text))) == withoutSpaces(std::string(text)),
                "a byte-level tokenizer loses nothing");
    (void)tokenizer->idOf(text);
    (void)tokenizer->description();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = textOf(data, size);
    const std::string text = replaceInvalidUtf8(input.substr(size - std::min(size, kLongestText)));
    answers([&] {
        const std::string document = documentOf(input);
        const auto tokenizer = Tokenizer::parse(document, "fuzzed.json");
        require(Tokenizer::parse(document, "other.json")->fingerprint() == tokenizer->fingerprint(),
                "one file has one fingerprint");
        // A normalizer changes characters; an added token may be spelled as a piece that stands for other
        // bytes, or take white space along.
        const bool keepsText = input.starts_with('+') && document.find("strip\":true") == document.npos &&
                               input.find("added_tokens") == input.npos &&
                               input.find("normalizer") == input.npos && input.find('\\') == input.npos;
        useTokenizer(tokenizer, text, keepsText);
    });
    return 0;
}
