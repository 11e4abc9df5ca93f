// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/tokenizer_file.h"

#include "engine/core/json_text.h"
#include "engine/core/read_file.h"
#include "engine/core/utf8.h"
#include "engine/text/json_fields.h"
#include "engine/text/template_processing.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <system_error>

namespace steploom {
namespace {

using nlohmann::json;

constexpr const char* kWhat = "cannot load the tokenizer";
constexpr const char* kEndOfText = "<|endoftext|>";
constexpr const char* kUseByteLevelBpe =
    "Steploom reads byte-level BPE, the kind of GPT-2 and Llama 3: choose a model that has such a tokenizer";

json parseObject(std::string_view text, const std::string& path) {
    json document = parseJson(text, ErrorKind::Tokenizer, {kWhat, path, {}, kTakePublishedFile});
    if (!document.is_object())
        refuseTokenizer(path, fmt::format("it is {}, not an object", document.type_name()),
                        kTakePublishedFile);
    return document;
}

json readObject(const std::filesystem::path& path) {
    return parseObject(readFile(path, ErrorKind::Tokenizer, kWhat), path.string());
}

bool isThere(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
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

AddedToken readAddedToken(const json& entry, std::int64_t id, const std::string& where) {
    AddedToken token{.id = id, .content = stringOf(entry, "content", where)};
    if (token.content.empty())
        refuseTokenizer(where, "its content is empty, so it is found everywhere", kTakePublishedFile);
    token.special = flagOf(entry, "special", false, where);
    token.singleWord = flagOf(entry, "single_word", false, where);
    token.lstrip = flagOf(entry, "lstrip", false, where);
    token.rstrip = flagOf(entry, "rstrip", false, where);
    token.normalized = flagOf(entry, "normalized", !token.special, where);
    return token;
}

void readAddedTokens(const json& document, TokenizerFile& file) {
    if (!fieldOf(document, "added_tokens"))
        return;
    forEachIn(document, "added_tokens", file.path, [&file](const json& entry) {
        const std::string where = fmt::format("{}, added token {}", file.path, file.added.size());
        const json* id = fieldOf(entry, "id");
        file.added.push_back(
            readAddedToken(entry, idOf(id ? *id : json(), stringOf(entry, "content", where), where), where));
    });
}

/// tokenizer_config.json's added_tokens_decoder: {"151643": {"content": …, "special": …}, …}.
void readTokensById(const json& tokens, const std::string& where, TokenizerFile& file) {
    for (const auto& [key, entry] : tokens.items()) {
        const bool digits = !key.empty() && key.size() < 10 &&
                            std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
        if (!digits)
            refuseTokenizer(where, fmt::format("\"{}\" cannot be an id", key), kTakePublishedFile);
        file.added.push_back(readAddedToken(entry, std::stoll(key), fmt::format("{}, token {}", where, key)));
    }
}

/// added_tokens.json of older folders: {"<|endoftext|>": 151643, …}. It does not say which are special.
void readTokensByContent(const json& tokens, const std::string& where, TokenizerFile& file) {
    for (const auto& [content, id] : tokens.items()) {
        if (content.empty())
            refuseTokenizer(where, "a token's content is empty, so it is found everywhere",
                            kTakePublishedFile);
        file.added.push_back({.id = idOf(id, content, where), .content = content, .special = true});
    }
}

/// The contents are kept as a tree that takes some 64 bytes of memory for each of theirs.
void requireBounded(const std::vector<AddedToken>& added, const std::string& path) {
    constexpr std::size_t kLongest = 1000, kMost = 4'000'000;
    std::size_t bytes = 0;
    for (const AddedToken& token : added) {
        bytes += token.content.size();
        if (token.content.size() > kLongest || bytes > kMost)
            refuseTokenizer(
                path,
                fmt::format("the added token with id {} has {} bytes, those up to it {}: more than "
                            "the {} and {} that added tokens may have",
                            token.id, token.content.size(), bytes, kLongest, kMost),
                kTakePublishedFile);
    }
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

/// How the tokenizers that publish vocab.json and merges.txt cut text.
void readClass(const json& config, const std::string& where, TokenizerFile& file) {
    constexpr std::array kGpt2{"GPT2Tokenizer", "GPT2TokenizerFast"};
    constexpr std::array kQwen2{"Qwen2Tokenizer", "Qwen2TokenizerFast", "DreamTokenizer"};
    const std::string name =
        fieldOf(config, "tokenizer_class") ? stringOf(config, "tokenizer_class", where) : kGpt2[0];
    if (std::ranges::find(kQwen2, name) != kQwen2.end()) {
        file.preTokenizer = PreTokenizer::qwen2();
        file.normalizer = Normalizer::nfc();
    } else if (std::ranges::find(kGpt2, name) != kGpt2.end()) {
        file.preTokenizer = PreTokenizer::gpt2();
    } else {
        refuseTokenizer(where,
                        fmt::format("tokenizer_class is \"{}\": how that cuts text is not known here", name),
                        fmt::format("Put the model's tokenizer.json beside it; known are {} and {}",
                                    fmt::join(kGpt2, ", "), fmt::join(kQwen2, ", ")));
    }
}

} // namespace

TokenizerFile TokenizerFile::readJson(const std::filesystem::path& path) {
    return parseJson(readFile(path, ErrorKind::Tokenizer, kWhat), path.string());
}

TokenizerFile TokenizerFile::parseJson(std::string_view text, const std::string& path) {
    TokenizerFile file;
    file.path = path;
    const json document = parseObject(text, path);
    readModel(document, file);
    if (const json* normalizer = fieldOf(document, "normalizer"))
        file.normalizer = Normalizer::fromJson(*normalizer, file.path);
    refuseOtherDecoders(document, file.path);
    readAddedTokens(document, file);
    requireBounded(file.added, file.path);
    const json* preTokenizer = fieldOf(document, "pre_tokenizer");
    if (!preTokenizer)
        refuseTokenizer(file.path, "it has no pre_tokenizer, so it is not byte-level", kUseByteLevelBpe);
    file.preTokenizer = PreTokenizer::fromJson(*preTokenizer, file.path);
    if (const json* processor = fieldOf(document, "post_processor"))
        readTemplate(*processor, file.path, file.before, file.after);
    return file;
}

TokenizerFile TokenizerFile::readVocabulary(const std::filesystem::path& folder) {
    TokenizerFile file;
    file.path = (folder / "vocab.json").string();
    readPieces(readObject(folder / "vocab.json"), file.path, file);

    const std::string where = (folder / "merges.txt").string();
    const std::string text = readFile(folder / "merges.txt", ErrorKind::Tokenizer, kWhat);
    if (const std::size_t valid = validUtf8Prefix(text); valid < text.size())
        refuseTokenizer(where, fmt::format("byte {} is not valid UTF-8", valid), kTakePublishedFile);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r'))
            line.pop_back();
        if (!line.empty() && !line.starts_with("#version"))
            file.merges.push_back(parseMerge(line, file.merges.size(), where));
    }

    const std::filesystem::path configPath = folder / "tokenizer_config.json",
                                older = folder / "added_tokens.json";
    const json config = isThere(configPath) ? readObject(configPath) : json::object();
    readClass(config, configPath.string(), file);
    const json* byId = fieldOf(config, "added_tokens_decoder");
    if (byId && byId->is_object())
        readTokensById(*byId, configPath.string(), file);
    else if (isThere(older))
        readTokensByContent(readObject(older), older.string(), file);
    const auto isEndOfText = [](const auto& token) { return token.content == kEndOfText; };
    for (const auto& [piece, id] : file.pieces)
        if (piece == kEndOfText && std::ranges::none_of(file.added, isEndOfText))
            file.added.push_back({.id = id, .content = kEndOfText, .special = true});
    requireBounded(file.added, file.path);
    return file;
}

} // namespace steploom
