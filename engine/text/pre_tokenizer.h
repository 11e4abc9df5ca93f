// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/text/regex.h"

#include <nlohmann/json.hpp>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// Cuts text into the words that byte-pair encoding works on: the stages of tokenizer.json's `pre_tokenizer`,
/// each cutting the pieces of the one before.
class PreTokenizer {
public:
    /// GPT-2's own, which vocab.json + merges.txt imply.
    static PreTokenizer gpt2();
    /// Qwen2's and Dream's, likewise.
    static PreTokenizer qwen2();
    /// ByteLevel, Split with behaviour Isolated, and sequences of them that end in ByteLevel; throws
    /// Error(Tokenizer) for others. `file` is named in errors.
    static PreTokenizer fromJson(const nlohmann::json& description, const std::string& file);

    /// Views into the text and, for words that got a space before them, into `prefixed`, whose strings stay
    /// where they are.
    struct Words {
        std::vector<std::string_view> views;
        std::deque<std::string> prefixed;
    };
    /// Replaces `words.views` by the words of valid UTF-8 text; earlier strings in `words.prefixed` stay.
    void split(std::string_view text, Words& words) const;

    /// The same for pre-tokenizers that cut alike: part of the tokenizer's fingerprint.
    std::string signature() const;

private:
    struct Stage {
        bool addPrefixSpace = false;
        std::optional<Regex> isolate;
        bool byteLevel = false;
    };
    void addStage(const nlohmann::json& description, const std::string& where);

    std::vector<Stage> m_stages;
};

} // namespace steploom
