// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/token_difference.h"

#include "engine/comparisons/common_subsequence.h"

#include <algorithm>

namespace steploom {

namespace {

/// Tokens [from, to) of each side that have no equal: they stand for each other, the rest is of one side.
void countGap(TokenDifference& difference, std::size_t first, std::size_t firstEnd, std::size_t second,
              std::size_t secondEnd) {
    const std::size_t pairs = std::min(firstEnd - first, secondEnd - second);
    difference.changed += static_cast<int>(pairs);
    difference.onlyFirst += static_cast<int>(firstEnd - first - pairs);
    difference.onlySecond += static_cast<int>(secondEnd - second - pairs);
    const auto mark = [pairs](std::vector<TokenMatch>& side, std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i)
            side[i] = i < from + pairs ? TokenMatch::Changed : TokenMatch::Only;
    };
    mark(difference.first, first, firstEnd);
    mark(difference.second, second, secondEnd);
}

} // namespace

double TokenDifference::equalShare() const noexcept {
    const std::size_t longer = std::max(first.size(), second.size());
    return longer == 0 ? 1 : static_cast<double>(equal) / static_cast<double>(longer);
}

TokenDifference differenceByPosition(std::span<const std::int32_t> first,
                                     std::span<const std::int32_t> second) {
    TokenDifference difference;
    difference.first.resize(first.size(), TokenMatch::Only);
    difference.second.resize(second.size(), TokenMatch::Only);
    const std::size_t common = std::min(first.size(), second.size());
    for (std::size_t i = 0; i < common; ++i) {
        const bool same = first[i] == second[i];
        difference.first[i] = difference.second[i] = same ? TokenMatch::Equal : TokenMatch::Changed;
        ++(same ? difference.equal : difference.changed);
    }
    difference.onlyFirst = static_cast<int>(first.size() - common);
    difference.onlySecond = static_cast<int>(second.size() - common);
    return difference;
}

TokenDifference differenceBySequence(std::span<const std::int32_t> first,
                                     std::span<const std::int32_t> second) {
    TokenDifference difference;
    difference.first.resize(first.size());
    difference.second.resize(second.size());
    std::size_t i = 0, j = 0;
    for (const auto& [inFirst, inSecond] : commonSubsequence(first, second)) {
        countGap(difference, i, inFirst, j, inSecond);
        difference.first[inFirst] = difference.second[inSecond] = TokenMatch::Equal;
        ++difference.equal;
        i = inFirst + 1;
        j = inSecond + 1;
    }
    countGap(difference, i, first.size(), j, second.size());
    return difference;
}

} // namespace steploom
