// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/byte_level_tokenizer.h"

#include "engine/core/sha256.h"
#include "engine/core/utf8.h"
#include "engine/text/byte_level.h"
#include "engine/text/json_fields.h"

#include <algorithm>
#include <deque>
#include <string_view>
#include <tuple>

namespace steploom {
namespace {

/// Bytes that no valid UTF-8 text holds (RFC 3629).
constexpr bool neverInUtf8(int byte) { return byte == 0xC0 || byte == 0xC1 || byte >= 0xF5; }

/// 4096 → "4,096"
std::string grouped(std::size_t number) {
    std::string digits = std::to_string(number);
    for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

struct Named {
    std::int64_t id;
    std::string_view content;
};

/// Pieces and added tokens by id. An added token that is also a piece must have the piece's id.
std::vector<Named> allById(const TokenizerFile& file) {
    std::vector<Named> all;
    std::unordered_map<std::string_view, std::int64_t> idOfContent;
    for (const auto& [spelling, id] : file.pieces) {
        all.push_back({id, spelling});
        idOfContent.emplace(spelling, id);
    }
    std::unordered_map<std::string_view, std::int64_t> idOfAdded;
    for (const AddedToken& token : file.added) {
        if (!idOfAdded.emplace(token.content, token.id).second)
            refuseTokenizer(file.path, fmt::format("it adds the token \"{}\" twice", token.content),
                            kTakePublishedFile);
        const auto [piece, isNew] = idOfContent.emplace(token.content, token.id);
        if (isNew)
            all.push_back({token.id, token.content});
        else if (piece->second != token.id)
            refuseTokenizer(file.path,
                            fmt::format("the added token \"{}\" has id {}, but the vocabulary has it as {}",
                                        token.content, token.id, piece->second),
                            kTakePublishedFile);
    }
    std::sort(all.begin(), all.end(), [](const Named& a, const Named& b) {
        return std::tie(a.id, a.content) < std::tie(b.id, b.content);
    });
    return all;
}

/// A model's output layer has one row for each id from 0 on, so each id must be exactly one piece.
void requireOneToOne(const std::vector<Named>& all, const std::string& path) {
    if (all.empty())
        refuseTokenizer(path, "its vocabulary is empty", kTakePublishedFile);
    if (all.front().id < 0)
        refuseTokenizer(
            path, fmt::format("the piece \"{}\" has the negative id {}", all.front().content, all.front().id),
            kTakePublishedFile);
    for (std::size_t i = 1; i < all.size(); ++i)
        if (all[i].id == all[i - 1].id)
            refuseTokenizer(path,
                            fmt::format("the pieces \"{}\" and \"{}\" share the id {}", all[i - 1].content,
                                        all[i].content, all[i].id),
                            kTakePublishedFile);
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].id != static_cast<std::int64_t>(i))
            refuseTokenizer(path,
                            fmt::format("no piece has id {}: of {} pieces the next is \"{}\" with id {}", i,
                                        all.size(), all[i].content, all[i].id),
                            kTakePublishedFile);
}

std::int32_t pieceOf(const BytePairEncoding::Pieces& pieces, const std::string& spelling, std::size_t rank,
                     const std::string& path) {
    const auto bytes = bytesOfPiece(spelling);
    const auto piece = bytes ? pieces.find(*bytes) : pieces.end();
    if (piece == pieces.end())
        refuseTokenizer(
            path, fmt::format("merge {} needs the piece \"{}\", which the vocabulary lacks", rank, spelling),
            "Take vocabulary and merges of the same tokenizer");
    return piece->second;
}

std::vector<BytePairEncoding::Merge> mergesOf(const TokenizerFile& file,
                                              const BytePairEncoding::Pieces& pieces) {
    std::vector<BytePairEncoding::Merge> merges;
    merges.reserve(file.merges.size());
    for (const auto& [left, right] : file.merges) {
        const std::size_t rank = merges.size();
        merges.push_back({pieceOf(pieces, left, rank, file.path), pieceOf(pieces, right, rank, file.path),
                          pieceOf(pieces, left + right, rank, file.path)});
    }
    return merges;
}

void requireAllBytes(const BytePairEncoding::Pieces& pieces, const std::string& path) {
    std::vector<std::string> absent;
    for (int byte = 0; byte < 256; ++byte) {
        const char character = static_cast<char>(byte);
        if (!neverInUtf8(byte) && !pieces.contains(std::string_view(&character, 1)))
            absent.push_back(fmt::format("0x{:02X}", byte));
    }
    if (!absent.empty())
        refuseTokenizer(
            path,
            fmt::format("{} bytes have no piece, the first is {}: text that holds them would be lost",
                        absent.size(), absent.front()),
            "Train the tokenizer with the whole byte-level alphabet as its initial alphabet");
}

} // namespace

ByteLevelTokenizer::ByteLevelTokenizer(TokenizerFile file)
    : m_added(std::move(file.added)), m_normalizer(file.normalizer),
      m_preTokenizer(std::move(file.preTokenizer)) {
    file.added = m_added.tokens();
    requireNormalForm(file);
    BytePairEncoding::Pieces pieces = placePieces(file);
    requireAllBytes(pieces, file.path);
    const auto merges = mergesOf(file, pieces);
    m_encoding.emplace(std::move(pieces), merges, file.ignoreMerges);
    requireTemplateIds(file);
    m_before = file.before;
    m_after = file.after;
    for (const char* name : {"<mask>", "[MASK]", "<|mask|>", "<|mdm_mask|>"})
        if (!m_maskToken)
            m_maskToken = idOf(name);
    m_fingerprint = makeFingerprint(file);
}

BytePairEncoding::Pieces ByteLevelTokenizer::placePieces(const TokenizerFile& file) {
    const std::vector<Named> all = allById(file);
    requireOneToOne(all, file.path);
    m_bytes.resize(all.size());
    m_special.resize(all.size());
    BytePairEncoding::Pieces pieces;
    pieces.reserve(file.pieces.size());
    for (const AddedToken& token : file.added) {
        const auto id = static_cast<std::int32_t>(token.id);
        m_bytes[static_cast<std::size_t>(id)] = token.content; // stands for itself, unless it is a piece too
        m_special[static_cast<std::size_t>(id)] = token.special;
        m_byContent.emplace(token.content, id);
    }
    for (const auto& [spelling, wideId] : file.pieces) {
        const auto id = static_cast<std::int32_t>(wideId);
        std::string& bytes = m_bytes[static_cast<std::size_t>(id)];
        if (auto spelled = bytesOfPiece(spelling)) {
            bytes = std::move(*spelled);
            pieces.emplace(bytes, id);
        } else {
            bytes = spelling;
            m_byContent.emplace(spelling, id);
        }
    }
    return pieces;
}

void ByteLevelTokenizer::requireTemplateIds(const TokenizerFile& file) const {
    for (const auto* ids : {&file.before, &file.after})
        for (const std::int32_t id : *ids)
            if (id >= size())
                refuseTokenizer(
                    file.path + ", post_processor",
                    fmt::format("the template adds id {}, the tokenizer has {} pieces", id, size()),
                    kTakePublishedFile);
}

/// A token that is looked for in normalised text must be in normal form itself, or it is never found.
void ByteLevelTokenizer::requireNormalForm(const TokenizerFile& file) const {
    std::string storage;
    for (const AddedToken& token : file.added)
        if (token.normalized && m_normalizer.apply(token.content, storage) != token.content)
            refuseTokenizer(file.path,
                            fmt::format("the added token \"{}\" is not in the form that text is brought into",
                                        token.content),
                            "Write it in Unicode's form NFC");
}

std::string ByteLevelTokenizer::makeFingerprint(const TokenizerFile& file) const {
    Sha256 digest;
    // Lengths before texts, so that no two lists run together to the same bytes.
    const auto add = [&digest](std::string_view text) {
        digest.add(fmt::format("{}:{}", text.size(), text));
    };
    add(m_normalizer.signature() + m_preTokenizer.signature());
    add(file.ignoreMerges ? "ignore_merges" : "");
    for (const std::string& bytes : m_bytes)
        add(bytes);
    for (const auto& [left, right] : file.merges) {
        add(left);
        add(right);
    }
    std::vector<AddedToken> added = file.added;
    std::sort(added.begin(), added.end(),
              [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
    for (const AddedToken& token : added)
        add(fmt::format("{} {} {} {} {}", token.id, token.singleWord, token.lstrip, token.rstrip,
                        token.content));
    return digest.hex();
}

std::vector<std::int32_t> ByteLevelTokenizer::encode(std::string_view text, bool withTemplate) const {
    requireUtf8(text, "the text to encode");
    std::vector<std::int32_t> ids;
    if (withTemplate)
        ids = m_before;
    BytePairEncoding::Scratch scratch;
    PreTokenizer::Words words;
    std::deque<std::string> rewritten;
    for (const AddedTokens::Segment& segment : m_added.split(text, m_normalizer, rewritten)) {
        if (segment.id) {
            ids.push_back(*segment.id);
            continue;
        }
        m_preTokenizer.split(segment.text, words);
        for (const std::string_view word : words.views)
            m_encoding->encode(word, scratch, ids);
    }
    if (withTemplate)
        ids.insert(ids.end(), m_after.begin(), m_after.end());
    return ids;
}

std::string ByteLevelTokenizer::decode(std::span<const std::int32_t> ids, bool skipSpecial) const {
    std::string bytes;
    for (const std::int32_t id : ids)
        if (!skipSpecial || !isSpecial(id))
            bytes += bytesOf(id);
    return replaceInvalidUtf8(bytes);
}

std::string_view ByteLevelTokenizer::bytesOf(std::int32_t id) const {
    return id >= 0 && id < size() ? std::string_view(m_bytes[static_cast<std::size_t>(id)])
                                  : std::string_view();
}

std::optional<std::int32_t> ByteLevelTokenizer::idOf(std::string_view content) const {
    if (const auto known = m_byContent.find(std::string(content)); known != m_byContent.end())
        return known->second;
    if (validUtf8Prefix(content) < content.size())
        return std::nullopt;
    const auto bytes = bytesOfPiece(content);
    const auto piece = bytes ? m_encoding->pieces().find(*bytes) : m_encoding->pieces().end();
    return piece == m_encoding->pieces().end() ? std::nullopt : std::optional(piece->second);
}

bool ByteLevelTokenizer::isSpecial(std::int32_t id) const {
    return id >= 0 && id < size() && m_special[static_cast<std::size_t>(id)];
}

std::string ByteLevelTokenizer::description() const {
    return fmt::format("byte-level BPE, {} pieces", grouped(m_bytes.size()));
}

} // namespace steploom
