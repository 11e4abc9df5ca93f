// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// RFC 4648, with padding, without line breaks.
std::string base64Of(std::span<const std::byte> bytes);
/// Of bytes that are given as lower-case hexadecimal digits.
std::string base64OfHex(std::string_view digits);
/// Nothing when it is not what base64Of() writes.
std::optional<std::vector<std::byte>> bytesOfBase64(std::string_view text);

} // namespace steploom
