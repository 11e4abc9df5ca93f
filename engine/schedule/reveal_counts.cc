// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/reveal_counts.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace steploom {

std::vector<RevealBlock> revealBlocks(int masked, int steps, int blockLength) {
    if (masked < 1)
        return {};
    const int length = blockLength > 0 ? std::min(blockLength, masked) : masked;
    const int count = (masked + length - 1) / length;
    if (steps < count)
        throw Error(
            ErrorKind::Request,
            {"cannot share the steps among the blocks", fmt::format("block length {}", blockLength),
             fmt::format("{} positions make {} blocks, the schedule has {} steps", masked, count, steps),
             "Every block needs a step of its own: choose longer blocks or more steps"});
    const auto boundary = [&](int first) { return static_cast<int>(std::int64_t{steps} * first / masked); };
    std::vector<RevealBlock> blocks;
    blocks.reserve(static_cast<std::size_t>(count));
    for (int first = 0; first < masked; first += length) {
        const int end = std::min(first + length, masked);
        blocks.push_back({first, end - first, boundary(first), boundary(end) - boundary(first)});
    }
    return blocks;
}

namespace {

/// Of n positions those revealed after i of the steps, to the nearest whole number.
int dueAfter(int i, int positions, int steps) noexcept {
    const std::int64_t twice = 2 * std::int64_t{positions} * i + steps;
    return static_cast<int>(twice / (2 * std::int64_t{steps}));
}

} // namespace

std::vector<RankedCall> rankedCalls(int masked, int steps, int blockLength) {
    return rankedRest(std::vector<bool>(static_cast<std::size_t>(std::max(0, masked)), true), steps,
                      blockLength, 0);
}

std::vector<RestBlock> restOfBlocks(const std::vector<bool>& masked, int steps, int blockLength,
                                    int firstStep) {
    std::vector<RestBlock> rest;
    int carried = 0;
    for (const RevealBlock& block : revealBlocks(static_cast<int>(masked.size()), steps, blockLength)) {
        const auto first = masked.begin() + block.first;
        carried += static_cast<int>(std::count(first, first + block.positions, true));
        const int begin = std::max(block.begin, firstStep), end = block.begin + block.steps;
        if (begin < end)
            rest.push_back({block.positions, std::exchange(carried, 0), begin, end - begin, block.steps});
    }
    if (carried > 0)
        rest.push_back({carried, carried, steps, 1, 1});
    return rest;
}

std::vector<RankedCall> rankedRest(const std::vector<bool>& masked, int steps, int blockLength,
                                   int firstStep) {
    std::vector<RankedCall> calls;
    for (const RestBlock& block : restOfBlocks(masked, steps, blockLength, firstStep)) {
        const int before = block.wholeSteps - block.steps;
        const int dueBefore = dueAfter(before, block.positions, block.wholeSteps);
        const bool asPlanned = block.masked == block.positions - dueBefore;
        int done = 0;
        for (int i = 1; i <= block.steps; ++i) {
            const int due = asPlanned ? dueAfter(before + i, block.positions, block.wholeSteps) - dueBefore
                                      : dueAfter(i, block.masked, block.steps);
            if (due > done)
                calls.push_back({block.begin + i - 1, block.masked - done, due - done});
            done = due;
        }
    }
    return calls;
}

int stepOfShare(int stillMasked, int masked, int steps, int firstStep) noexcept {
    return firstStep + static_cast<int>(std::int64_t{masked - stillMasked} * (steps - firstStep) / masked);
}

std::vector<int> maskedUpToBlocks(const std::vector<bool>& masked, int blockLength) {
    std::vector<int> ends;
    const std::size_t length = blockLength > 0 ? static_cast<std::size_t>(blockLength) : masked.size();
    int count = 0;
    for (std::size_t rank = 0; rank < masked.size(); ++rank) {
        count += masked[rank];
        const bool blockEnds = (rank + 1) % length == 0 || rank + 1 == masked.size();
        if (blockEnds && count > (ends.empty() ? 0 : ends.back()))
            ends.push_back(count);
    }
    return ends;
}

std::vector<RankedCall> mostThresholdCalls(const std::vector<bool>& masked, int steps, int blockLength,
                                           int firstStep) {
    const std::vector<int> ends = maskedUpToBlocks(masked, blockLength);
    const int count = ends.empty() ? 0 : ends.back();
    if (firstStep == steps && count > 0)
        return {{steps, count, count}};
    std::vector<RankedCall> calls;
    calls.reserve(static_cast<std::size_t>(count));
    auto end = ends.begin();
    for (int done = 0; done < count; ++done) {
        if (done == *end)
            ++end;
        calls.push_back({stepOfShare(count - done, count, steps, firstStep), *end - done, 1});
    }
    return calls;
}

} // namespace steploom
