// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <cstdint>

// What loops that are compiled for several vector widths share. In an unnamed namespace, and without a call
// to an inline function of the standard library: the linker must not share code between widths.
namespace steploom {
namespace {

/// Nearest-even, as toBf16; without its NaN case, so that loops vectorise.
[[maybe_unused, gnu::always_inline]] inline bf16_t roundToBf16(float value) {
    const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, value);
    return static_cast<bf16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

/// eˣ to about 2 ulp: x = n·ln 2 + r, a polynomial for eʳ (Cephes expf), 2ⁿ by the exponent's bits.
[[maybe_unused, gnu::always_inline]] inline float fastExp(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    // Adding 1.5·2²³ rounds to an integer in the low bits of the mantissa.
    const float shifted = x * 1.44269504088896341f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const std::int32_t exponent = (static_cast<std::int32_t>(n) + 127) << 23;
    return p * __builtin_bit_cast(float, exponent);
}

/// 2ˣ to 1e-4, which a bf16 result cannot tell from exact, at half the work. x at most 127.
[[maybe_unused, gnu::always_inline]] inline float coarseExp2(float x) {
    x = x < -126.0f ? -126.0f : x;
    const float shifted = x + 12582912.0f;
    const float r = x - (shifted - 12582912.0f); // in [−½, ½]
    const float p = 1.0f + r * (0.69328296f + r * (0.24221f + r * 0.0550076f));
    // The low bits of `shifted` are n; the rest of its bits leaves the word when n moves to the exponent.
    return __builtin_bit_cast(float, __builtin_bit_cast(std::int32_t, p) +
                                         (__builtin_bit_cast(std::int32_t, shifted) << 23));
}

/// 1/x to 4e-6 without the division's wait: a line through the exponent's bits, then Newton's step and a
/// cubic one. x positive, below 2¹²⁶.
[[maybe_unused, gnu::always_inline]] inline float coarseReciprocal(float x) {
    float r = __builtin_bit_cast(float, 0x7EF311C7 - __builtin_bit_cast(std::int32_t, x));
    r += r * (1.0f - x * r);
    const float rest = 1.0f - x * r;
    return r + r * (rest + rest * rest);
}

[[maybe_unused, gnu::always_inline]] inline float fromBf16Bits(bf16_t value) {
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(value) << 16);
}

} // namespace
} // namespace steploom
