// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/tokenizer_file.h"

#include "engine/core/json_text.h"
#include "engine/core/read_file.h"
#include "engine/core/utf8.h"
#include "engine/text/json_fields.h"
#include "engine/text/template_processing.h"

#include <algorithm>
#include <sstream>

namespace steploom {
namespace {

using nlohmann::json;

constexpr const char* kWhat = "cannot load the tokenizer";
constexpr const char* kEndOfText = "<|endoftext|>";
constexpr const char* kUseByteLevelBpe =
    "Steploom reads byte-level BPE, the kind of GPT-2 and Llama 3: choose a model that has such a tokenizer";

std::string readWhole(const std::filesystem::path& path) {
    return readFile(path, ErrorKind::Tokenizer, kWhat);
}

json parseDocument(std::string_view text, const std::string& path) {
    return parseJson(text, ErrorKind::Tokenizer, {kWhat, path, {}, kTakePublishedFile});
}

/// An integer that int64 can hold.
std::int64_t idOf(const json& value, const std::string& whose, const std::string& where) {
    const bool tooLarge =
        value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    if (!value.is_number_integer() || tooLarge)
        refuseTokenizer(where,
                        fmt::format("the id of \"{}\" is {}, not an integer that can be an id", whose,
                                    value.is_number() ? value.dump() : value.type_name()),
                        kTakePublishedFile);
    return value.get<std::int64_t>();
}

void readPieces(const json& vocabulary, const std::string& where, TokenizerFile& file) {
    file.pieces.reserve(vocabulary.size());
    for (const auto& [piece, id] : vocabulary.items())
        file.pieces.emplace_back(piece, idOf(id, piece, where));
}

/// "a b" → (a, b); pieces of a byte-level vocabulary hold no space.
std::pair<std::string, std::string> parseMerge(std::string_view text, std::size_t rank,
                                               const std::string& where) {
    const std::size_t space = text.find(' ');
    if (space == text.npos || space == 0 || space + 1 == text.size() ||
        text.find(' ', space + 1) != text.npos)
        refuseTokenizer(where,
                        fmt::format("merge {} is \"{}\", not two pieces with a space between", rank, text),
                        kTakePublishedFile);
    return {std::string(text.substr(0, space)), std::string(text.substr(space + 1))};
}

void readMerges(const json& model, const std::string& where, TokenizerFile& file) {
    forEachIn(model, "merges", where, [&](const json& merge) {
        const std::size_t rank = file.merges.size();
        if (merge.is_string())
            file.merges.push_back(parseMerge(merge.get_ref<const std::string&>(), rank, where));
        else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
            file.merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
        else
            refuseTokenizer(where, fmt::format("merge {} is neither a string nor two strings", rank),
                            kTakePublishedFile);
    });
}

void readModel(const json& document, TokenizerFile& file) {
    const std::string where = file.path + ", model";
    const json* model = fieldOf(document, "model");
    if (!model || !model->is_object())
        refuseTokenizer(file.path, "it has no \"model\"",
                        "Give a tokenizer.json, or the folder that holds vocab.json and merges.txt");
    // Files from before 2020 do not name the type; merges tell BPE from the others.
    if (fieldOf(*model, "type") || !fieldOf(*model, "merges"))
        if (const std::string& type = stringOf(*model, "type", where); type != "BPE")
            refuseTokenizer(where, fmt::format("its type is \"{}\"", type), kUseByteLevelBpe);
    if (flagOf(*model, "byte_fallback", false, where))
        refuseTokenizer(where, "it is BPE over characters with byte_fallback (SentencePiece)",
                        kUseByteLevelBpe);
    for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (fieldOf(*model, affix) && !stringOf(*model, affix, where).empty())
            refuseTokenizer(where, fmt::format("it has a {}", affix), kUseByteLevelBpe);
    if (const json* dropout = fieldOf(*model, "dropout"); dropout && *dropout != 0)
        refuseTokenizer(where, "it has a dropout, so one text has many encodings", "Set \"dropout\" to null");
    const json* vocabulary = fieldOf(*model, "vocab");
    if (!vocabulary || !vocabulary->is_object())
        refuseTokenizer(where, "it has no \"vocab\" of pieces and ids", kTakePublishedFile);
    readPieces(*vocabulary, where + ".vocab", file);
    readMerges(*model, where, file);
    file.ignoreMerges = flagOf(*model, "ignore_merges", false, where);
}

/// The contents are kept as a tree that takes 64 bytes of memory for each of theirs.
constexpr std::size_t kLongestAddedToken = 1000, kMostAddedBytes = 4'000'000;

void readAddedTokens(const json& document, TokenizerFile& file) {
    if (!fieldOf(document, "added_tokens"))
        return;
    std::size_t bytes = 0;
    forEachIn(document, "added_tokens", file.path, [&](const json& entry) {
        const std::string where = fmt::format("{}, added token {}", file.path, file.added.size());
        AddedToken token;
        token.content = stringOf(entry, "content", where);
        if (token.content.empty())
            refuseTokenizer(where, "its content is empty, so it is found everywhere", kTakePublishedFile);
        bytes += token.content.size();
        if (token.content.size() > kLongestAddedToken || bytes > kMostAddedBytes)
            refuseTokenizer(
                where,
                fmt::format("its content has {} bytes, those up to it {}: more than the {} and {} "
                            "that added tokens may have",
                            token.content.size(), bytes, kLongestAddedToken, kMostAddedBytes),
                kTakePublishedFile);
        const json* id = fieldOf(entry, "id");
        token.id = idOf(id ? *id : json(), token.content, where);
        token.special = flagOf(entry, "special", false, where);
        token.singleWord = flagOf(entry, "single_word", false, where);
        token.lstrip = flagOf(entry, "lstrip", false, where);
        token.rstrip = flagOf(entry, "rstrip", false, where);
        token.normalized = flagOf(entry, "normalized", !token.special, where);
        file.added.push_back(std::move(token));
    });
}

void refuseNormalizer(const json& document, const std::string& path) {
    const json* normalizer = fieldOf(document, "normalizer");
    if (!normalizer)
        return;
    const std::string where = path + ", normalizer";
    const std::string& type = stringOf(*normalizer, "type", where);
    const json* members = fieldOf(*normalizer, "normalizers");
    if (type == "Sequence" && members && members->is_array() && members->empty())
        return;
    refuseTokenizer(
        where, fmt::format("a normalizer \"{}\" changes the text before it is cut", type),
        "Steploom takes text as it is: choose a tokenizer without a normalizer, or set it to null if your "
        "texts are normalised already");
}

void refuseOtherDecoders(const json& document, const std::string& path) {
    const json* decoder = fieldOf(document, "decoder");
    if (!decoder) // the pieces say which bytes they are
        return;
    const std::string where = path + ", decoder";
    const auto requireByteLevel = [&where](const json& stage) {
        if (const std::string& type = stringOf(stage, "type", where); type != "ByteLevel")
            refuseTokenizer(where, fmt::format("its type is \"{}\", not ByteLevel", type), kUseByteLevelBpe);
    };
    if (stringOf(*decoder, "type", where) == "Sequence")
        forEachIn(*decoder, "decoders", where, requireByteLevel);
    else
        requireByteLevel(*decoder);
}

} // namespace

TokenizerFile TokenizerFile::readJson(const std::filesystem::path& path) {
    return parseJson(readWhole(path), path.string());
}

TokenizerFile TokenizerFile::parseJson(std::string_view text, std::string path) {
    TokenizerFile file;
    file.path = std::move(path);
    const json document = parseDocument(text, file.path);
    if (!document.is_object())
        refuseTokenizer(file.path, fmt::format("it is {}, not an object", document.type_name()),
                        kTakePublishedFile);
    readModel(document, file);
    refuseNormalizer(document, file.path);
    refuseOtherDecoders(document, file.path);
    readAddedTokens(document, file);
    const json* preTokenizer = fieldOf(document, "pre_tokenizer");
    if (!preTokenizer)
        refuseTokenizer(file.path, "it has no pre_tokenizer, so it is not byte-level", kUseByteLevelBpe);
    file.preTokenizer = PreTokenizer::fromJson(*preTokenizer, file.path);
    if (const json* processor = fieldOf(document, "post_processor"))
        readTemplate(*processor, file.path, file.before, file.after);
    return file;
}

TokenizerFile TokenizerFile::readGpt2(const std::filesystem::path& folder) {
    TokenizerFile file;
    file.path = (folder / "vocab.json").string();
    const json vocabulary = parseDocument(readWhole(file.path), file.path);
    if (!vocabulary.is_object())
        refuseTokenizer(file.path, fmt::format("it is {}, not an object", vocabulary.type_name()),
                        kTakePublishedFile);
    readPieces(vocabulary, file.path, file);

    const std::string where = (folder / "merges.txt").string();
    const std::string text = readWhole(folder / "merges.txt");
    if (const std::size_t valid = validUtf8Prefix(text); valid < text.size())
        refuseTokenizer(where, fmt::format("byte {} is not valid UTF-8", valid), kTakePublishedFile);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r'))
            line.pop_back();
        if (!line.empty() && !line.starts_with("#version"))
            file.merges.push_back(parseMerge(line, file.merges.size(), where));
    }
    const auto endOfText = std::find_if(file.pieces.begin(), file.pieces.end(),
                                        [](const auto& piece) { return piece.first == kEndOfText; });
    if (endOfText != file.pieces.end())
        file.added.push_back({.id = endOfText->second, .content = kEndOfText, .special = true});
    file.preTokenizer = PreTokenizer::gpt2();
    return file;
}

} // namespace steploom
