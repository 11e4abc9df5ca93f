// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/text/added_tokens.h"
#include "engine/text/normalizer.h"
#include "engine/text/pre_tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace steploom {

/// What the files of a byte-level BPE tokenizer say, read and checked for form. Whether pieces, ids and
/// merges fit together is for the tokenizer that is built from it.
struct TokenizerFile {
    std::string path;                                         ///< named in errors
    std::vector<std::pair<std::string, std::int64_t>> pieces; ///< spelling in the byte-level alphabet, id
    std::vector<std::pair<std::string, std::string>> merges;  ///< spellings, in order of rank
    std::vector<AddedToken> added;
    Normalizer normalizer;
    PreTokenizer preTokenizer;
    bool ignoreMerges = false;
    /// What the template post-processor puts around a text.
    std::vector<std::int32_t> before, after;

    /// Reads a tokenizer.json.
    static TokenizerFile readJson(const std::filesystem::path& path);
    /// The same from its text; errors name `path`.
    static TokenizerFile parseJson(std::string_view text, const std::string& path);
    /// Reads vocab.json and merges.txt, which do not say how text is cut: tokenizer_config.json beside them
    /// does, by its tokenizer_class (GPT-2's without one), and names the added tokens; else added_tokens.json
    /// does. "<|endoftext|>" is one of them where the vocabulary has it.
    static TokenizerFile readVocabulary(const std::filesystem::path& folder);
};

} // namespace steploom
