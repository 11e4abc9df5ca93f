// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/reveal_counts.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

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

std::vector<RankedCall> rankedCalls(int masked, int steps, int blockLength) {
    std::vector<RankedCall> calls;
    for (const RevealBlock& block : revealBlocks(masked, steps, blockLength)) {
        int done = 0;
        for (int i = 1; i <= block.steps; ++i) {
            const std::int64_t twice = 2 * std::int64_t{block.positions} * i + block.steps;
            const auto due = static_cast<int>(twice / (2 * block.steps)); // rounded to the nearest
            if (due > done)
                calls.push_back({block.begin + i - 1, block.positions - done, due - done});
            done = due;
        }
    }
    return calls;
}

int stepOfShare(int stillMasked, int masked, int steps) noexcept {
    return static_cast<int>(std::int64_t{masked - stillMasked} * steps / masked);
}

std::vector<RankedCall> mostThresholdCalls(int masked, int steps, int blockLength) {
    std::vector<RankedCall> calls;
    calls.reserve(static_cast<std::size_t>(std::max(0, masked)));
    const int length = blockLength > 0 ? blockLength : std::max(1, masked);
    for (int done = 0; done < masked; ++done) {
        const int end = std::min((done / length + 1) * length, masked);
        calls.push_back({stepOfShare(masked - done, masked, steps), end - done, 1});
    }
    return calls;
}

} // namespace steploom
