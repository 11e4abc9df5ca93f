// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/dtype.h"

#include "engine/core/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstring>

namespace steploom {
namespace {

template <typename Stored, typename Convert>
void convertAll(const std::byte* from, std::span<float> out, Convert convert) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        Stored stored; // mapped files promise no alignment
        std::memcpy(&stored, from + i * sizeof(Stored), sizeof(Stored));
        out[i] = convert(stored);
    }
}

template <typename Stored>
void castAll(const std::byte* from, std::span<float> out) {
    convertAll<Stored>(from, out, [](Stored stored) { return static_cast<float>(stored); });
}

} // namespace

std::string_view dtypeName(DType dtype) noexcept {
    switch (dtype) {
    case DType::F64:
        return "F64";
    case DType::F32:
        return "F32";
    case DType::F16:
        return "F16";
    case DType::BF16:
        return "BF16";
    case DType::I64:
        return "I64";
    case DType::I32:
        return "I32";
    case DType::I16:
        return "I16";
    case DType::I8:
        return "I8";
    case DType::U8:
        return "U8";
    case DType::Bool:
        return "BOOL";
    }
    return "?";
}

std::size_t dtypeSize(DType dtype) noexcept {
    switch (dtype) {
    case DType::F64:
    case DType::I64:
        return 8;
    case DType::F32:
    case DType::I32:
        return 4;
    case DType::F16:
    case DType::BF16:
    case DType::I16:
        return 2;
    case DType::I8:
    case DType::U8:
    case DType::Bool:
        return 1;
    }
    return 0;
}

std::string_view precisionName(Precision precision) noexcept {
    return precision == Precision::F32 ? "f32" : precision == Precision::BF16 ? "bf16" : "int8";
}

Precision parsePrecision(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (lower == "f32" || lower == "float32" || lower == "fp32")
        return Precision::F32;
    if (lower == "bf16" || lower == "bfloat16")
        return Precision::BF16;
    if (lower == "int8" || lower == "i8")
        return Precision::Int8;
    throw Error(ErrorKind::Request, {"unknown precision", std::string(text),
                                     "models compute in f32, bf16 or int8", "Write f32, bf16 or int8"});
}

float fromF16(std::uint16_t value) noexcept {
    const std::uint32_t sign = (value & 0x8000u) << 16;
    const std::uint32_t magnitude = value & 0x7FFFu;
    if (magnitude >= 0x7C00u) // infinity and NaN
        return std::bit_cast<float>(sign | 0x7F800000u | (magnitude & 0x3FFu) << 13);
    if (magnitude >= 0x400u) // normal: move the exponent's bias from 15 to 127
        return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
    const float subnormal = static_cast<float>(magnitude) * 0x1p-24f;
    return sign ? -subnormal : subnormal;
}

std::size_t elementCount(std::span<const std::int64_t> shape) noexcept {
    std::size_t count = 1;
    for (const std::int64_t size : shape)
        count *= static_cast<std::size_t>(size);
    return count;
}

std::string shapeText(std::span<const std::int64_t> shape) {
    return fmt::format("[{}]", fmt::join(shape, ", "));
}

std::vector<float> TensorView::toFloats() const {
    std::vector<float> values(elements());
    copyFloats(0, values);
    return values;
}

void TensorView::copyFloats(std::size_t first, std::span<float> out) const {
    const std::byte* const from = bytes.data() + first * dtypeSize(dtype);
    switch (dtype) {
    case DType::F64:
        return castAll<double>(from, out);
    case DType::F32:
        if (!out.empty()) // nothing may lie at null, which memcpy does not take
            std::memcpy(out.data(), from, out.size_bytes());
        return;
    case DType::F16:
        return convertAll<std::uint16_t>(from, out, fromF16);
    case DType::BF16:
        return convertAll<bf16_t>(from, out, fromBf16);
    case DType::I64:
        return castAll<std::int64_t>(from, out);
    case DType::I32:
        return castAll<std::int32_t>(from, out);
    case DType::I16:
        return castAll<std::int16_t>(from, out);
    case DType::I8:
        return castAll<std::int8_t>(from, out);
    case DType::U8:
    case DType::Bool:
        return castAll<std::uint8_t>(from, out);
    }
}

} // namespace steploom
