// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/training/word_counts.h"

#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace steploom {

/// The words of a text as lists of pieces, and how often each two pieces stand side by side in them. Takes
/// time in proportion to what a merge changes: every pair knows the words that it may be in, and a heap whose
/// entries may be out of date, but never too low, knows the most frequent.
class PairMerging {
public:
    using Piece = std::int32_t;
    struct Merge {
        Piece left, right, result;
    };

    /// `alphabet[byte]` is the piece of each byte, 0 to 255.
    PairMerging(const WordCounts& words, std::span<const Piece, 256> alphabet);

    /// Merges the most frequent pair; of equals the one of the lowest ids. Nothing when no pair occurs twice.
    std::optional<Merge> mergeNext();

    /// All pieces in the order of their ids, as bytes.
    const std::vector<std::string>& pieces() const noexcept { return m_pieces; }
    /// Tokens that the text now has.
    std::uint64_t tokens() const noexcept;

private:
    using Key = std::uint64_t; ///< left piece above, right piece below
    struct Word {
        std::size_t first; ///< in m_symbols
        std::uint32_t length;
        std::uint64_t count;
    };
    struct Pair {
        std::int64_t count = 0;
        std::vector<std::uint32_t> words; ///< it was in these when they were changed last
    };
    struct Candidate {
        std::int64_t count;
        Key key;
        bool operator<(const Candidate& other) const noexcept {
            return count != other.count ? count < other.count : key > other.key;
        }
    };
    static Key keyOf(Piece left, Piece right) noexcept {
        return static_cast<Key>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
    }
    Piece pieceFor(const std::string& bytes);
    void add(Key key, std::uint32_t word);
    void remove(Key key, std::uint32_t word);
    void offer(Key key);
    void mergeIn(std::uint32_t word, const Merge& merge);

    std::vector<std::string> m_pieces;
    std::unordered_map<std::string, Piece> m_pieceOf;
    std::vector<Piece> m_symbols;
    std::vector<Word> m_words;
    std::unordered_map<Key, Pair> m_pairs;
    std::priority_queue<Candidate> m_candidates;
    std::vector<Key> m_grown; ///< pairs that became more frequent in the current merge
};

} // namespace steploom
