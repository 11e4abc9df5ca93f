// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>

namespace steploom {

/// The little-endian number at byte `at`; the caller has checked that it lies inside `bytes`. Files promise
/// no alignment.
template <typename Number>
requires std::integral<Number> || std::floating_point<Number>
    Number littleEndian(std::span<const std::byte> bytes, std::size_t at) {
    static_assert(std::endian::native == std::endian::little);
    Number value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

} // namespace steploom
