// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// Element types found in checkpoint files.
enum class DType { F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool };

/// Name as safetensors writes it: "F32", "BF16", "I64", …
std::string_view dtypeName(DType dtype) noexcept;
/// Bytes of one element.
std::size_t dtypeSize(DType dtype) noexcept;
constexpr bool isFloating(DType dtype) noexcept { return dtype <= DType::BF16; }

/// Precision a pool member computes in. Weights and the inputs of matrix products have it; norms, softmax,
/// the residual stream and every accumulation are f32. Int8 is that of the products with weights alone: what
/// lies between them (attention, activations) has activationPrecision.
enum class Precision { F32, BF16, Int8 };

/// "f32", "bf16" or "int8", as the command line and the requests write it.
std::string_view precisionName(Precision precision) noexcept;
/// Reads "f32", "float32", "bf16", "bfloat16", "int8", "i8", in any case; throws Error(Request) otherwise.
Precision parsePrecision(std::string_view text);
/// Bytes of one number.
constexpr std::size_t elementSize(Precision precision) noexcept {
    return precision == Precision::F32 ? 4 : precision == Precision::BF16 ? 2 : 1;
}

/// A bfloat16 number: the upper half of a float32. (g++ 12 has no built-in type for it.)
using bf16_t = std::uint16_t;

/// Rounds to nearest, ties to even; NaN stays NaN.
inline bf16_t toBf16(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u)
        return static_cast<bf16_t>(bits >> 16 | 0x40u);
    return static_cast<bf16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}
inline float fromBf16(bf16_t value) noexcept { return std::bit_cast<float>(std::uint32_t{value} << 16); }
float fromF16(std::uint16_t value) noexcept;

/// Elements of a shape; 1 for a scalar. Shapes come from files, so overflow is the reader's to refuse.
std::size_t elementCount(std::span<const std::int64_t> shape) noexcept;
/// "[4096, 192]"
std::string shapeText(std::span<const std::int64_t> shape);

/// A tensor that lives in someone else's memory (a mapped file): valid as long as its Checkpoint.
struct TensorView {
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes; ///< row-major, little-endian, shape's elements, no alignment promised

    std::size_t elements() const noexcept { return elementCount(shape); }
    /// All elements as float32, row-major. Integer types are converted too.
    std::vector<float> toFloats() const;
    /// Elements [first, first + out.size()) as float32.
    void copyFloats(std::size_t first, std::span<float> out) const;
};

} // namespace steploom
