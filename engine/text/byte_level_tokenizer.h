// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/text/byte_pair_encoding.h"
#include "engine/text/tokenizer.h"
#include "engine/text/tokenizer_file.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace steploom {

/// The tokenizer that a TokenizerFile describes: added tokens, normalizer, pre-tokenizer, byte-pair encoding,
/// template.
class ByteLevelTokenizer final : public Tokenizer {
public:
    /// Throws Error(Tokenizer) when pieces, ids, merges and added tokens do not fit together.
    explicit ByteLevelTokenizer(TokenizerFile file);

    std::vector<std::int32_t> encode(std::string_view text, bool withTemplate) const override;
    std::string decode(std::span<const std::int32_t> ids, bool skipSpecial) const override;
    std::string_view bytesOf(std::int32_t id) const override;
    std::optional<std::int32_t> idOf(std::string_view content) const override;
    bool isSpecial(std::int32_t id) const override;
    std::optional<std::int32_t> maskToken() const override { return m_maskToken; }
    int size() const override { return static_cast<int>(m_bytes.size()); }
    const std::string& fingerprint() const override { return m_fingerprint; }
    std::string description() const override;

private:
    BytePairEncoding::Pieces placePieces(const TokenizerFile& file);
    void placeAddedTokens(const TokenizerFile& file);
    void requireTemplateIds(const TokenizerFile& file) const;
    void requireNormalForm(const TokenizerFile& file) const;
    std::string makeFingerprint(const TokenizerFile& file) const;

    std::vector<std::string> m_bytes; ///< by id
    std::vector<bool> m_special;      ///< by id
    /// Added tokens, and pieces spelled outside the byte-level alphabet, which no text is encoded to.
    std::unordered_map<std::string, std::int32_t> m_byContent;
    AddedTokens m_added;
    Normalizer m_normalizer;
    PreTokenizer m_preTokenizer;
    std::optional<BytePairEncoding> m_encoding; ///< set once m_bytes, whose strings it views, is complete
    std::vector<std::int32_t> m_before, m_after;
    std::optional<std::int32_t> m_maskToken;
    std::string m_fingerprint;
};

} // namespace steploom
