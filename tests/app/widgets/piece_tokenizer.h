// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/text/tokenizer.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace steploom::testing {

/// A tokenizer whose ids are the indices of the given pieces (raw bytes); it encodes by the longest piece
/// that fits, what none fits is left out.
class PieceTokenizer : public Tokenizer {
public:
    explicit PieceTokenizer(std::vector<std::string> pieces) : m_pieces(std::move(pieces)) {}

    std::vector<std::int32_t> encode(std::string_view text, bool) const override {
        std::vector<std::int32_t> ids;
        while (!text.empty()) {
            std::size_t longest = 0;
            for (std::size_t id = 0; id < m_pieces.size(); ++id)
                if (m_pieces[id].size() > longest && text.starts_with(m_pieces[id])) {
                    if (longest > 0)
                        ids.pop_back();
                    longest = m_pieces[id].size();
                    ids.push_back(static_cast<std::int32_t>(id));
                }
            text.remove_prefix(std::max<std::size_t>(1, longest));
        }
        return ids;
    }
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
