// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/byte_pair_encoding.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace steploom {
namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr std::int32_t kMerged = -1; ///< id of a symbol that its left neighbour has taken in

constexpr std::uint64_t pairOf(std::int32_t left, std::int32_t right) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
           static_cast<std::uint32_t>(right);
}

} // namespace

BytePairEncoding::BytePairEncoding(Pieces pieces, std::span<const Merge> merges, bool ignoreMerges)
    : m_pieces(std::move(pieces)) {
    for (int byte = 0; byte < 256; ++byte) {
        const char character = static_cast<char>(byte);
        const auto piece = m_pieces.find(std::string_view(&character, 1));
        // Bytes without a piece are those that UTF-8 never holds.
        m_idOfByte[static_cast<std::size_t>(byte)] = piece == m_pieces.end() ? 0 : piece->second;
    }
    const std::size_t slots = std::bit_ceil(std::max<std::size_t>(2, 2 * merges.size()));
    m_shift = 64 - std::countr_zero(slots);
    m_merges.resize(slots);
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        const auto [left, right, result] = merges[rank];
        const std::uint64_t pair = pairOf(left, right);
        // Of a pair named twice the later rank holds, as in Hugging Face's table.
        m_merges[slotOf(pair)] = {pair, static_cast<std::uint32_t>(rank), result};
    }
    findWholes(ignoreMerges);
}

/// Most words of a text are pieces whole. Knowing beforehand which pieces their merges lead to (not all need
/// be: a pair of lower rank may stand in the way) leaves one look for such a word.
void BytePairEncoding::findWholes(bool ignoreMerges) {
    if (ignoreMerges) {
        m_wholes = m_pieces;
        return;
    }
    Scratch scratch;
    std::vector<std::int32_t> ids;
    for (const auto& [bytes, id] : m_pieces) {
        if (bytes.empty()) // a vocabulary may spell nothing; a word is never empty
            continue;
        ids.clear();
        merge(bytes, scratch, ids);
        if (ids.size() == 1)
            m_wholes.emplace(bytes, ids.front());
    }
}

/// Where the pair is, or the empty slot where it would be.
std::size_t BytePairEncoding::slotOf(std::uint64_t pair) const noexcept {
    // Multiplicative hashing (Knuth, vol. 3, 6.4): the golden ratio spreads the ids over the upper bits.
    std::size_t slot = static_cast<std::size_t>(pair * 0x9E37'79B9'7F4A'7C15u >> m_shift);
    while (m_merges[slot].pair != pair && m_merges[slot].pair != kEmpty)
        slot = (slot + 1) & (m_merges.size() - 1);
    return slot;
}

const BytePairEncoding::Slot* BytePairEncoding::find(std::int32_t left, std::int32_t right) const noexcept {
    const Slot& slot = m_merges[slotOf(pairOf(left, right))];
    return slot.pair == kEmpty ? nullptr : &slot;
}

/// Puts the pair that begins at `position` into the heap if it can be merged.
void BytePairEncoding::offer(Scratch& scratch, std::uint32_t position) const {
    const Scratch::Symbol& left = scratch.m_symbols[position];
    if (left.next == kNone)
        return;
    if (const Slot* known = find(left.id, scratch.m_symbols[left.next].id)) {
        scratch.m_heap.push_back({known->rank, position, known->result});
        std::push_heap(scratch.m_heap.begin(), scratch.m_heap.end(), std::greater<>());
    }
}

void BytePairEncoding::encode(std::string_view word, Scratch& scratch, std::vector<std::int32_t>& ids) const {
    if (const auto whole = m_wholes.find(word); whole != m_wholes.end())
        ids.push_back(whole->second);
    else
        merge(word, scratch, ids);
}

void BytePairEncoding::merge(std::string_view word, Scratch& scratch, std::vector<std::int32_t>& ids) const {
    auto& symbols = scratch.m_symbols;
    auto& heap = scratch.m_heap;
    const auto count = static_cast<std::uint32_t>(word.size());
    symbols.resize(count);
    for (std::uint32_t i = 0; i < count; ++i)
        symbols[i] = {m_idOfByte[static_cast<unsigned char>(word[i])], i ? i - 1 : kNone,
                      i + 1 < count ? i + 1 : kNone};
    heap.clear();
    for (std::uint32_t i = 0; i + 1 < count; ++i)
        offer(scratch, i);

    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end(), std::greater<>());
        const Scratch::Candidate candidate = heap.back();
        heap.pop_back();
        Scratch::Symbol& left = symbols[candidate.position];
        if (left.id == kMerged || left.next == kNone)
            continue;
        // Either half may have been merged with another since this pair was offered.
        Scratch::Symbol& right = symbols[left.next];
        const Slot* known = find(left.id, right.id);
        if (!known || known->result != candidate.result || known->rank != candidate.rank)
            continue;
        left.id = known->result;
        left.next = right.next;
        right.id = kMerged;
        if (left.next != kNone)
            symbols[left.next].previous = candidate.position;
        if (left.previous != kNone)
            offer(scratch, left.previous);
        offer(scratch, candidate.position);
    }
    for (std::uint32_t i = 0; i != kNone; i = symbols[i].next)
        ids.push_back(symbols[i].id);
}

} // namespace steploom
