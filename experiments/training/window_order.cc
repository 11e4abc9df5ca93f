// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/window_order.h"

#include "engine/core/error.h"
#include "engine/core/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace steploom {
namespace {

/// Luby and Rackoff (1988) need four for a permutation that looks random; two more for small domains.
constexpr std::uint32_t kRounds = 6;

/// Uniform in [0, count).
std::uint64_t below(std::uint64_t count, double uniform) {
    return std::min(count - 1, static_cast<std::uint64_t>(uniform * static_cast<double>(count)));
}

} // namespace

WindowOrder::WindowOrder(std::size_t tokens, int length, std::uint64_t seed)
    : m_length(static_cast<std::size_t>(std::max(1, length))), m_seed(seed) {
    if (tokens < m_length)
        throw Error(ErrorKind::Text, {"cannot cut the text into windows", "the text to train on",
                                      fmt::format("it has {} tokens, a window has {}", tokens, m_length),
                                      "Give more text, or train on shorter windows"});
    // One window fewer than fits where that is what lets the offset take all its values.
    m_windows = std::max<std::size_t>(1, (tokens - (m_length - 1)) / m_length);
    m_slack = tokens - m_windows * m_length;
    m_halfBits = std::max(1, (static_cast<int>(std::bit_width(m_windows - 1)) + 1) / 2);
}

Window WindowOrder::at(std::uint64_t index) const noexcept {
    const auto epoch = static_cast<std::uint32_t>(index / m_windows);
    const double uniform = CounterRandom(m_seed).uniform(Purpose::Windows, epoch, 0, 0);
    const std::uint64_t offset = below(m_slack + 1, uniform);
    return {static_cast<std::size_t>(offset + m_length * placeOf(index % m_windows, epoch))};
}

std::uint64_t WindowOrder::placeOf(std::uint64_t rank, std::uint32_t epoch) const noexcept {
    // Cycle walking (Black and Rogaway 2002): a permutation of [0, 4^halfBits) becomes one of [0, windows) by
    // going on until a value is inside again. Four steps on average at most.
    std::uint64_t value = permuted(rank, epoch);
    while (value >= m_windows)
        value = permuted(value, epoch);
    return value;
}

std::uint64_t WindowOrder::permuted(std::uint64_t value, std::uint32_t epoch) const noexcept {
    // A Feistel network: whatever the round function, it can be undone, so no two values meet.
    const CounterRandom random(m_seed);
    const std::uint64_t half = std::uint64_t{1} << m_halfBits;
    std::uint64_t left = value / half, right = value % half;
    for (std::uint32_t round = 1; round <= kRounds; ++round) {
        const double uniform =
            random.uniform(Purpose::Windows, epoch, static_cast<std::uint32_t>(right), round);
        left ^= below(half, uniform);
        std::swap(left, right);
    }
    return left * half + right;
}

} // namespace steploom
