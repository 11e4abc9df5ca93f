// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace steploom {

/// Where a window begins in its stream of tokens.
struct Window {
    std::size_t first = 0;
    bool operator==(const Window&) const = default;
};

/// The windows of `length` tokens that training reads from a stream, shuffled: a pure function of seed and
/// index, so a resumed run reads on where it stopped and nothing but the index has to be kept. An epoch
/// visits every window once; the next one in another order and from another offset, so that the borders
/// move. An epoch leaves out the tokens before its offset and behind its last window, fewer than two windows
/// together and others each time.
class WindowOrder {
public:
    /// Throws Error(Text) when the stream of `tokens` is shorter than one window. `length` ≥ 1.
    WindowOrder(std::size_t tokens, int length, std::uint64_t seed);

    /// Windows in an epoch, at least 1.
    std::size_t perEpoch() const noexcept { return m_windows; }
    /// Window `index` since training began; its epoch is index / perEpoch(). Constant time and memory.
    Window at(std::uint64_t index) const noexcept;

private:
    std::uint64_t placeOf(std::uint64_t rank, std::uint32_t epoch) const noexcept;
    std::uint64_t permuted(std::uint64_t value, std::uint32_t epoch) const noexcept;

    std::size_t m_length;
    std::size_t m_windows;
    std::size_t m_slack; ///< greatest offset
    std::uint64_t m_seed;
    int m_halfBits; ///< of the numbers that are permuted; windows ≤ 2^(2 × m_halfBits)
};

} // namespace steploom
