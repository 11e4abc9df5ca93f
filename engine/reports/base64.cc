// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/base64.h"

#include <array>
#include <cstdint>

namespace steploom {

namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> kValues = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kDigits.size(); ++i)
        values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
    return values;
}();

} // namespace

std::string base64Of(std::span<const std::byte> bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8u | (at + i < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
        for (std::size_t i = 0; i < 4; ++i)
            text += at + i <= bytes.size() ? kDigits[group >> (18 - 6 * i) & 63u] : '=';
    }
    return text;
}

std::string base64OfHex(std::string_view digits) {
    const auto value = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(value(digits[i]) << 4u | value(digits[i + 1])));
    return base64Of(bytes);
}

std::optional<std::vector<std::byte>> bytesOfBase64(std::string_view text) {
    if (text.size() % 4 != 0)
        return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const bool last = at + 4 == text.size();
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const std::int8_t value = kValues[static_cast<unsigned char>(text[at + i])];
            const bool padded = last && i >= 4 - padding;
            if (value < 0 && !padded)
                return std::nullopt;
            group = group << 6u | (padded ? 0 : static_cast<std::uint32_t>(value));
        }
        const std::size_t count = last ? 3 - padding : 3;
        for (std::size_t i = 0; i < count; ++i)
            bytes.push_back(static_cast<std::byte>(group >> (16 - 8 * i) & 0xFFu));
        if (last && padding > 0 && (group & ((1u << (8 * padding)) - 1)) != 0)
            return std::nullopt; // bits that no writer leaves
    }
    return bytes;
}

} // namespace steploom
