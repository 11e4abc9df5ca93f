// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/pair_merging.h"

#include <algorithm>

namespace steploom {
namespace {

/// A pair that occurs once is a coincidence.
constexpr std::int64_t kLeastCount = 2;

} // namespace

PairMerging::PairMerging(const WordCounts& words, std::span<const Piece, 256> alphabet) : m_pieces(256) {
    for (std::size_t byte = 0; byte < alphabet.size(); ++byte) {
        const std::string bytes(1, static_cast<char>(byte));
        m_pieces[static_cast<std::size_t>(alphabet[byte])] = bytes;
        m_pieceOf.emplace(bytes, alphabet[byte]);
    }
    m_words.reserve(words.size());
    for (const auto& [text, count] : words) {
        const auto word = static_cast<std::uint32_t>(m_words.size());
        m_words.push_back({m_symbols.size(), static_cast<std::uint32_t>(text.size()), count});
        for (const char byte : text)
            m_symbols.push_back(alphabet[static_cast<unsigned char>(byte)]);
        const Piece* symbols = m_symbols.data() + m_words.back().first;
        for (std::size_t i = 1; i < text.size(); ++i)
            add(keyOf(symbols[i - 1], symbols[i]), word);
    }
    m_grown.clear();
    for (const auto& [key, pair] : m_pairs)
        offer(key);
}

std::optional<PairMerging::Merge> PairMerging::mergeNext() {
    while (!m_candidates.empty()) {
        const Candidate best = m_candidates.top();
        m_candidates.pop();
        Pair& pair = m_pairs.find(best.key)->second;
        if (pair.count != best.count) { // it became rarer since, or was merged
            offer(best.key);
            continue;
        }
        Merge merge{static_cast<Piece>(best.key >> 32), static_cast<Piece>(best.key & 0xFFFFFFFF), 0};
        merge.result = pieceFor(m_pieces[static_cast<std::size_t>(merge.left)] +
                                m_pieces[static_cast<std::size_t>(merge.right)]);
        const std::vector<std::uint32_t> words = std::exchange(pair.words, {});
        m_grown.clear();
        for (const std::uint32_t word : words)
            mergeIn(word, merge);
        std::sort(m_grown.begin(), m_grown.end());
        m_grown.erase(std::unique(m_grown.begin(), m_grown.end()), m_grown.end());
        for (const Key key : m_grown)
            offer(key);
        return merge;
    }
    return std::nullopt;
}

std::uint64_t PairMerging::tokens() const noexcept {
    std::uint64_t tokens = 0;
    for (const Word& word : m_words)
        tokens += word.length * word.count;
    return tokens;
}

PairMerging::Piece PairMerging::pieceFor(const std::string& bytes) {
    const auto [known, isNew] = m_pieceOf.emplace(bytes, static_cast<Piece>(m_pieces.size()));
    if (isNew)
        m_pieces.push_back(bytes);
    return known->second;
}

void PairMerging::add(Key key, std::uint32_t word) {
    Pair& pair = m_pairs[key];
    pair.count += static_cast<std::int64_t>(m_words[word].count);
    if (pair.words.empty() || pair.words.back() != word)
        pair.words.push_back(word);
    m_grown.push_back(key);
}

void PairMerging::remove(Key key, std::uint32_t word) {
    m_pairs.find(key)->second.count -= static_cast<std::int64_t>(m_words[word].count);
}

void PairMerging::offer(Key key) {
    const std::int64_t count = m_pairs.find(key)->second.count;
    if (count >= kLeastCount)
        m_candidates.push({count, key});
}

void PairMerging::mergeIn(std::uint32_t index, const Merge& merge) {
    Word& word = m_words[index];
    Piece* symbols = m_symbols.data() + word.first;
    std::uint32_t length = 0; ///< of what is merged so far, which never overtakes what is read
    for (std::uint32_t at = 0; at < word.length; ++at) {
        if (symbols[at] != merge.left || at + 1 == word.length || symbols[at + 1] != merge.right) {
            symbols[length++] = symbols[at];
            continue;
        }
        remove(keyOf(merge.left, merge.right), index);
        if (length > 0) {
            remove(keyOf(symbols[length - 1], merge.left), index);
            add(keyOf(symbols[length - 1], merge.result), index);
        }
        if (at + 2 < word.length) {
            remove(keyOf(merge.right, symbols[at + 2]), index);
            add(keyOf(merge.result, symbols[at + 2]), index);
        }
        symbols[length++] = merge.result;
        ++at;
    }
    word.length = length;
}

} // namespace steploom
