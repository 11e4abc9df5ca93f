// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace steploom {

/// What a token of one text is beside the other text.
enum class TokenMatch : std::uint8_t {
    Equal,   ///< the same token stands at its place in the other text
    Changed, ///< another token stands there
    Only,    ///< nothing stands there
};

/// How two token sequences differ, told for every token of each.
struct TokenDifference {
    std::vector<TokenMatch> first, second; ///< a match for each token of that side
    int equal = 0;                         ///< pairs of equal tokens
    int changed = 0;                       ///< pairs of tokens that stand for each other and differ
    int onlyFirst = 0, onlySecond = 0;     ///< tokens of one side alone

    /// Equal pairs as a share of the longer text, 0…1; 1 where both are empty.
    double equalShare() const noexcept;
};

/// Token against token at the same position: for texts that a masked-diffusion model wrote on one canvas,
/// where a position means the same in both. What is beyond the shorter text is of one side only.
TokenDifference differenceByPosition(std::span<const std::int32_t> first,
                                     std::span<const std::int32_t> second);

/// By a longest common subsequence: for texts of different lengths, or written from left to right, where one
/// token more moves all that follow. Between two common tokens, tokens of both sides stand for each other one
/// by one; what is left over is of one side only. Memory is linear in the lengths, time their product over 64
/// (10,000 tokens against 10,000: milliseconds).
TokenDifference differenceBySequence(std::span<const std::int32_t> first,
                                     std::span<const std::int32_t> second);

} // namespace steploom
