// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace steploom {

/// Byte-pair encoding of one word (Sennrich et al. 2016): starting from its bytes, the adjacent pair of the
/// lowest rank is merged, the leftmost of equals first, until no pair can be merged.
class BytePairEncoding {
public:
    /// Pieces `left` and `right` become piece `result`; the position in the list is the rank.
    struct Merge {
        std::int32_t left, right, result;
    };
    using Pieces = std::unordered_map<std::string_view, std::int32_t>;

    /// `pieces` maps bytes to ids, and its keys must outlive the object. Every byte that valid UTF-8 can hold
    /// must be a piece. With `ignoreMerges` a word that is itself a piece becomes that piece, whatever the
    /// merges say.
    BytePairEncoding(Pieces pieces, std::span<const Merge> merges, bool ignoreMerges);

    const Pieces& pieces() const noexcept { return m_pieces; }

    /// Memory reused from word to word; one per thread.
    class Scratch {
        friend class BytePairEncoding;
        struct Symbol {
            std::int32_t id;
            std::uint32_t previous, next; ///< positions of the neighbours
        };
        struct Candidate {
            std::uint32_t rank, position;
            std::int32_t result;
            bool operator>(const Candidate& other) const noexcept {
                return rank != other.rank ? rank > other.rank : position > other.position;
            }
        };
        std::vector<Symbol> m_symbols;
        std::vector<Candidate> m_heap;
    };

    /// Appends the ids of a word that is not empty. Takes n log n steps for n bytes.
    void encode(std::string_view word, Scratch& scratch, std::vector<std::int32_t>& ids) const;

private:
    /// A slot of a hash table with open addressing: two ids in the key, so one look finds rank and result.
    struct Slot {
        std::uint64_t pair = kEmpty;
        std::uint32_t rank = 0;
        std::int32_t result = 0;
    };
    static constexpr std::uint64_t kEmpty = ~std::uint64_t{0}; ///< no pair of ids: they are not negative
    std::size_t slotOf(std::uint64_t pair) const noexcept;
    const Slot* find(std::int32_t left, std::int32_t right) const noexcept;
    void findWholes(bool ignoreMerges);
    void merge(std::string_view word, Scratch& scratch, std::vector<std::int32_t>& ids) const;
    void offer(Scratch& scratch, std::uint32_t position) const;

    Pieces m_pieces;
    Pieces m_wholes; ///< the pieces that a word of the same bytes becomes
    std::array<std::int32_t, 256> m_idOfByte;
    std::vector<Slot> m_merges; ///< a power of two slots, at most half of them taken
    int m_shift = 0;
};

} // namespace steploom
