// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// A byte-level BPE tokenizer in the Hugging Face format. Immutable and safe to share between threads.
class Tokenizer {
public:
    /// Reads a `tokenizer.json` file, or a folder that holds one, or a folder with `vocab.json` and
    /// `merges.txt` (GPT-2, Qwen2, Dream). Throws Error(Tokenizer) for what cannot be read or is of another
    /// kind (WordPiece, Unigram).
    static std::shared_ptr<const Tokenizer> load(const std::filesystem::path& path);
    /// The same from the text of a `tokenizer.json`; errors name `path`.
    static std::shared_ptr<const Tokenizer> parse(std::string_view json, const std::string& path);
    /// Whether `load(folder)` would find the files of a tokenizer there.
    static bool isPresentIn(const std::filesystem::path& folder);

    virtual ~Tokenizer() = default;

    /// Token ids of UTF-8 text. Added tokens in the text become their ids. With `withTemplate` the template
    /// post-processor adds its special tokens (Llama's <|begin_of_text|>). Throws Error(Text) on invalid
    /// UTF-8.
    virtual std::vector<std::int32_t> encode(std::string_view text, bool withTemplate = false) const = 0;
    /// Text of the ids; bytes that do not form a character become U+FFFD. Unknown ids are left out.
    virtual std::string decode(std::span<const std::int32_t> ids, bool skipSpecial = false) const = 0;
    /// The raw bytes of one token; empty for an unknown id. May be part of a character.
    virtual std::string_view bytesOf(std::int32_t id) const = 0;
    /// Id of a piece or added token by its exact content ("<|endoftext|>").
    virtual std::optional<std::int32_t> idOf(std::string_view content) const = 0;
    virtual bool isSpecial(std::int32_t id) const = 0;
    /// The mask token if the tokenizer names one ("<mask>", "[MASK]", "<|mask|>", "<|mdm_mask|>").
    virtual std::optional<std::int32_t> maskToken() const = 0;
    /// Highest id + 1, added tokens included.
    virtual int size() const = 0;
    /// Equal for two tokenizers that map text to the same ids (hash of pieces, merges and added tokens).
    virtual const std::string& fingerprint() const = 0;
    /// "byte-level BPE, 4,096 pieces"
    virtual std::string description() const = 0;
};

/// Decodes ids as they come and hands out only whole characters: half a UTF-8 character waits for its rest.
class StreamDecoder {
public:
    explicit StreamDecoder(std::shared_ptr<const Tokenizer> tokenizer) : m_tokenizer(std::move(tokenizer)) {}
    /// Text that became complete with this token; may be empty.
    std::string add(std::int32_t id);
    /// What is left at the end, broken characters as U+FFFD.
    std::string finish();

private:
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::string m_pending;
};

} // namespace steploom
