// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace steploom {

// Temperature for a model that can only be drawn from (CALM, arXiv 2510.27688, section 6): chunks of tokens
// from P^{1/T} / Z without knowing P.

using TokenChunk = std::vector<std::int32_t>;

/// Where the draws come from. What it gives must be independent draws from one distribution, and independent
/// uniform numbers in (0, 1).
struct ChunkSource {
    std::function<void(std::span<TokenChunk> out)> draw;
    std::function<double()> uniform;
};

struct TemperedChunk {
    TokenChunk chunk;
    std::int64_t draws = 0;    ///< taken from the source
    std::int64_t attempts = 0; ///< beginnings; one of them led to the chunk
    /// Whether it is a draw at the temperature. Not when the limit of draws was reached: chunk is empty then.
    bool drawn = true;
    /// Draws that agreed: n for the exact algorithm, for the other the m at which it found its candidates,
    /// less than n where the draws did not repeat often enough.
    int agreed = 0;
};

/// 1/T as the exact algorithm takes it: n whole draws that have to agree, and a share α in [0, 1) of one
/// more.
struct InverseTemperature {
    int whole = 1;
    double share = 0;
};
/// Throws Error(Request) unless 0 < T ≤ 1: a flatter distribution cannot be had by agreement.
InverseTemperature inverseTemperature(double temperature);

/// Exact for every T in (0, 1]: begins anew until n draws agree, and then, for α > 0, until a Bernoulli
/// factory for P(x)^α says yes: draw; equal to x: take x; else begin anew with probability α/i, i = 1, 2, …
/// Expected draws grow without bound as P spreads: gives up after `mostDraws` and says so.
TemperedChunk drawAtTemperature(const InverseTemperature& inverse, std::int64_t mostDraws,
                                const ChunkSource& source);

/// The n of the temperature 1/n nearest to T: these are what the approximation can do.
int nearestWhole(double temperature);

/// From `draws` ≥ n draws at once: chunks that came at least m times are drawn by weight C(count, m), with m
/// = n or, where none came as often, the most that leaves one. Biased for few draws, towards what the
/// distribution itself gives; the bias goes as draws grow.
TemperedChunk drawFromCounts(int whole, int draws, const ChunkSource& source);

} // namespace steploom
