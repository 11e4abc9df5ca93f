// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/common_subsequence.h"

#include <algorithm>
#include <unordered_map>

namespace steploom {

namespace {

constexpr std::size_t kBits = 64;

/// Lengths of the longest common subsequences of all of `rows` with each prefix of `columns`: [columns + 1].
/// Both are read backwards where `backwards`: then with each suffix, shortest first.
std::vector<int> lengthsOf(std::span<const std::int32_t> rows, std::span<const std::int32_t> columns,
                           bool backwards) {
    const auto at = [backwards](std::span<const std::int32_t> tokens, std::size_t i) {
        return tokens[backwards ? tokens.size() - 1 - i : i];
    };
    // Where each token stands in the columns, as lists: a mask for every token would take lengths squared.
    std::unordered_map<std::int32_t, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < columns.size(); ++i)
        places[at(columns, i)].push_back(i);

    const std::size_t words = (columns.size() + kBits - 1) / kBits;
    // A bit a column; 0 where the length grows from the prefix before it to the one that ends there.
    std::vector<std::uint64_t> row(words, ~std::uint64_t{0}), matches(words);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto found = places.find(at(rows, i));
        if (found == places.end())
            continue;
        for (const std::size_t place : found->second)
            matches[place / kBits] |= std::uint64_t{1} << place % kBits;
        std::uint64_t carry = 0;
        for (std::size_t word = 0; word < words; ++word) {
            const std::uint64_t before = row[word], hits = before & matches[word];
            const std::uint64_t sum = before + hits, carried = sum + carry;
            row[word] = carried | (before & ~matches[word]);
            carry = sum < before || carried < sum ? 1 : 0;
        }
        for (const std::size_t place : found->second)
            matches[place / kBits] = 0;
    }
    std::vector<int> lengths(columns.size() + 1);
    for (std::size_t i = 0; i < columns.size(); ++i)
        lengths[i + 1] = lengths[i] + (row[i / kBits] >> i % kBits & 1 ? 0 : 1);
    return lengths;
}

struct Part {
    std::span<const std::int32_t> tokens;
    std::size_t offset; ///< of its first token in the whole

    Part from(std::size_t begin) const { return {tokens.subspan(begin), offset + begin}; }
    Part upTo(std::size_t end) const { return {tokens.first(end), offset}; }
};

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

void addCommon(Pairs& pairs, Part first, Part second) {
    // What both begin and end with belongs to a longest one.
    std::size_t begin = 0;
    const std::size_t shorter = std::min(first.tokens.size(), second.tokens.size());
    while (begin < shorter && first.tokens[begin] == second.tokens[begin]) {
        pairs.emplace_back(first.offset + begin, second.offset + begin);
        ++begin;
    }
    first = first.from(begin);
    second = second.from(begin);
    std::size_t end = 0;
    while (end < shorter - begin &&
           first.tokens[first.tokens.size() - 1 - end] == second.tokens[second.tokens.size() - 1 - end])
        ++end;
    const std::size_t firstEnd = first.tokens.size() - end, secondEnd = second.tokens.size() - end;
    const Part firstMiddle = first.upTo(firstEnd), secondMiddle = second.upTo(secondEnd);

    if (firstEnd == 1 || secondEnd == 1) {
        const bool one = firstEnd == 1;
        const Part &single = one ? firstMiddle : secondMiddle, &other = one ? secondMiddle : firstMiddle;
        const auto found = std::ranges::find(other.tokens, single.tokens.front());
        if (found != other.tokens.end()) {
            const std::size_t place = other.offset + static_cast<std::size_t>(found - other.tokens.begin());
            pairs.emplace_back(one ? single.offset : place, one ? place : single.offset);
        }
    } else if (firstEnd > 1 && secondEnd > 1) {
        const std::size_t half = firstEnd / 2;
        const std::vector<int> head = lengthsOf(firstMiddle.tokens.first(half), secondMiddle.tokens, false);
        const std::vector<int> tail = lengthsOf(firstMiddle.tokens.subspan(half), secondMiddle.tokens, true);
        std::size_t best = 0;
        for (std::size_t cut = 1; cut <= secondEnd; ++cut)
            if (head[cut] + tail[secondEnd - cut] > head[best] + tail[secondEnd - best])
                best = cut;
        addCommon(pairs, firstMiddle.upTo(half), secondMiddle.upTo(best));
        addCommon(pairs, firstMiddle.from(half), secondMiddle.from(best));
    }
    for (std::size_t i = 0; i < end; ++i)
        pairs.emplace_back(first.offset + firstEnd + i, second.offset + secondEnd + i);
}

} // namespace

Pairs commonSubsequence(std::span<const std::int32_t> first, std::span<const std::int32_t> second) {
    Pairs pairs;
    pairs.reserve(std::min(first.size(), second.size()));
    addCommon(pairs, {first, 0}, {second, 0});
    return pairs;
}

} // namespace steploom
