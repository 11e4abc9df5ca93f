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

/// The rest of what was begun before step s: `masked` says of every position there ever was to write whether
/// it is left to write. A block that is as far as its steps have it goes on with its own k; one that is not
/// (something was written or masked by hand) shares out what it has over the steps it has left. What is left
/// of blocks that are over comes with the block at s; s = T: all in one closing call.
std::vector<RankedCall> rankedRest(const std::vector<bool>& masked, int steps, int blockLength,
                                   int firstStep);

/// Blocks and what is masked of each from step s on: those of rankedRest.
struct RestBlock {
    int positions = 0; ///< of the block as it was
    int masked = 0;    ///< left to write, what was carried over from earlier blocks included
    int begin = 0;     ///< first step left to it; T: the closing call
    int steps = 0;     ///< left to it
    int wholeSteps = 0;
};
std::vector<RestBlock> restOfBlocks(const std::vector<bool>& masked, int steps, int blockLength,
                                    int firstStep);

/// Where on the schedule's axis a call lies when m of M positions are still masked: time is the share m/M, as
/// in first-hitting, and the step ⌊(1 − m/M)T⌋.
/// The same for what is left from step s on: s + ⌊(1 − m/M)(T − s)⌋ with M masked at s.
int stepOfShare(int stillMasked, int masked, int steps, int firstStep = 0) noexcept;

/// How many of the masked positions lie in the blocks up to each one, empty blocks left out: where the
/// candidates of a threshold end.
std::vector<int> maskedUpToBlocks(const std::vector<bool>& masked, int blockLength);

/// The most calls that a threshold can need: each reveals one position alone. Fewer, larger reveals only skip
/// some of these.
std::vector<RankedCall> mostThresholdCalls(const std::vector<bool>& masked, int steps, int blockLength,
                                           int firstStep = 0);

} // namespace steploom
