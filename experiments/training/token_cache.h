// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/progress.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

namespace steploom {

class MappedFile;
class Tokenizer;
class TrainingText;

/// The token ids of a text, tokenised once and kept in a memory-mapped file: two streams, one to train on and
/// one held out. In both the documents stand in the order of the text, each followed by the separator's id.
/// Immutable and safe to share between threads; copies share the mapping.
class TokenCache {
public:
    struct Options {
        /// Share of the text that is held out for validation, 0 to 0.5. Chosen by document, by a hash of its
        /// bytes, so a document stays on its side whatever else is in the text. Where that puts all documents
        /// on one side (a single document, a few long ones), the last share of the tokens is held out
        /// instead.
        double heldOutShare = 0.02;
        /// The token behind each document.
        std::string separator = "<|endoftext|>";
    };

    /// Opens the cache of this text in `folder`, or makes it (and the folder). Its name is its key, a hash of
    /// text files, tokenizer, options and format version; a file of that name that is damaged or something
    /// else is made anew, and written by atomic rename. Tokenises on all processors and in bounded memory.
    ///
    /// Throws Error(Config) for a share that cannot be; Error(Tokenizer) when the tokenizer lacks the
    /// separator; Error(File) when the file cannot be written, the text changed meanwhile, or `stop` was
    /// requested (nothing is left then).
    static TokenCache open(const TrainingText& text, const Tokenizer& tokenizer,
                           const std::filesystem::path& folder, const Options& options,
                           const Progress& progress = {}, std::stop_token stop = {});

    std::size_t trainingTokens() const noexcept { return m_trainingTokens; }
    std::size_t heldOutTokens() const noexcept { return m_heldOutTokens; }
    /// The ids from `first` on, as many as `to` has places. Throws std::out_of_range beyond the stream's end.
    void copyTraining(std::size_t first, std::span<std::int64_t> to) const;
    void copyHeldOut(std::size_t first, std::span<std::int64_t> to) const;

    /// The key: of text, tokenizer and options; what a resumed run must find again. 64 hexadecimal digits.
    const std::string& fingerprint() const noexcept { return m_fingerprint; }
    const std::filesystem::path& path() const noexcept;

private:
    void copy(std::size_t first, std::span<std::int64_t> to) const;

    std::shared_ptr<const MappedFile> m_file;
    std::size_t m_trainingTokens = 0;
    std::size_t m_heldOutTokens = 0;
    std::size_t m_idBytes = 0; ///< 2 or 4
    std::string m_fingerprint;
};

} // namespace steploom
