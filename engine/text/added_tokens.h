// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/text/normalizer.h"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace steploom {

/// A token found in the text as it stands, before pre-tokenisation. The fields are those of tokenizer.json.
struct AddedToken {
    std::int64_t id = 0;
    std::string content;
    bool special = false;
    bool singleWord = false; ///< not inside a word
    bool lstrip = false;     ///< takes the white space before it along
    bool rstrip = false;     ///< takes the white space after it along
    bool normalized = false; ///< looked for after normalisation, hence after the tokens that are not
};

/// Cuts text at added tokens: the leftmost first, of several at one place the longest, as Hugging Face does.
class AddedTokens {
public:
    explicit AddedTokens(std::vector<AddedToken> tokens);

    struct Segment {
        std::string_view text;
        std::optional<std::int32_t> id; ///< empty for the text between added tokens
    };
    /// Segments of valid UTF-8 text in order; none is empty. What lies between the tokens that are not looked
    /// for after normalisation is normalised; `rewritten` gets the texts that this changed, whose strings
    /// stay where they are.
    std::vector<Segment> split(std::string_view text, const Normalizer& normalizer,
                               std::deque<std::string>& rewritten) const;

    const std::vector<AddedToken>& tokens() const noexcept { return m_tokens; }

private:
    /// The contents as a tree of bytes.
    class Tree {
    public:
        void add(std::string_view content, int token);
        bool empty() const noexcept { return m_nodes.size() == 1; }
        /// Index of the longest token that begins the text, or −1.
        int longestAt(std::string_view text) const noexcept;
        /// Whether a token begins with this byte.
        bool mayBegin(char byte) const noexcept { return m_first[static_cast<unsigned char>(byte)]; }

    private:
        struct Node {
            std::vector<std::pair<char, int>> children;
            int token = -1;
        };
        const int* child(int node, char byte) const noexcept;
        std::vector<Node> m_nodes = std::vector<Node>(1);
        std::array<bool, 256> m_first{};
    };
    void cut(std::string_view text, const Tree& tree, std::vector<Segment>& segments) const;

    std::vector<AddedToken> m_tokens;
    Tree m_plain;
    Tree m_normalized;
};

} // namespace steploom
