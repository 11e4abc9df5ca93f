// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/text/tokenizer.h"

#include <memory>
#include <string>
#include <vector>

namespace steploom::testing {

/// A tokenizer whose ids are the indices of the given pieces (raw bytes); it decodes, it does not encode.
class PieceTokenizer : public Tokenizer {
public:
    explicit PieceTokenizer(std::vector<std::string> pieces) : m_pieces(std::move(pieces)) {}

    std::vector<std::int32_t> encode(std::string_view, bool) const override { return {}; }
    std::string decode(std::span<const std::int32_t> ids, bool) const override {
        std::string text;
        for (const std::int32_t id : ids)
            text += bytesOf(id);
        return text;
    }
    std::string_view bytesOf(std::int32_t id) const override {
        return m_pieces.at(static_cast<std::size_t>(id));
    }
    std::optional<std::int32_t> idOf(std::string_view) const override { return {}; }
    bool isSpecial(std::int32_t) const override { return false; }
    std::optional<std::int32_t> maskToken() const override { return {}; }
    int size() const override { return static_cast<int>(m_pieces.size()); }
    const std::string& fingerprint() const override { return m_fingerprint; }
    std::string description() const override { return "pieces"; }

private:
    std::vector<std::string> m_pieces;
    std::string m_fingerprint = "pieces";
};

} // namespace steploom::testing
