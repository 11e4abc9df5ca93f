// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace steploom {

/// Positions that are written together, from left to right, and the steps that do it: semi-autoregressive
/// sampling in blocks (LLaDA, arXiv 2502.09992). Positions are counted among those to write, so a fixed word
/// in the middle of a template takes none of a block's room.
struct RevealBlock {
    int first = 0; ///< rank of its first position among those to write
    int positions = 0;
    int begin = 0; ///< its first step
    int steps = 0; ///< at least 1
};

/// M positions in blocks of `blockLength` (0: one block of all), the last one with what is left. The T steps
/// are shared out in proportion: T/blocks each where LLaDA divides evenly. Throws Error(Request) naming both
/// numbers when there are fewer steps than blocks.
std::vector<RevealBlock> revealBlocks(int masked, int steps, int blockLength);

/// One call of an order that looks at all candidates.
struct RankedCall {
    int step = 0;
    int candidates = 0; ///< masked positions of the block: rows through the output layer
    int revealed = 0;   ///< k
};

/// k per step from the times of the schedule: after step i of T, i/T of a block's positions are revealed, to
/// the nearest whole number, so all of them after T. Steps with k = 0 need no call.
std::vector<RankedCall> rankedCalls(int masked, int steps, int blockLength);

/// Where on the schedule's axis a call lies when m of M positions are still masked: time is the share m/M, as
/// in first-hitting, and the step ⌊(1 − m/M)T⌋.
int stepOfShare(int stillMasked, int masked, int steps) noexcept;

/// The most calls that a threshold can need: each reveals one position alone. Fewer, larger reveals only skip
/// some of these.
std::vector<RankedCall> mostThresholdCalls(int masked, int steps, int blockLength);

} // namespace steploom
