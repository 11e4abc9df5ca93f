// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace steploom {

inline constexpr std::size_t kMostSeeds = 1000;

/// Reads "1-8", "1, 5, 9" or both together: seeds in the order given, each once. Throws Error(Request) that
/// names the part which cannot be read, or when there are none or more than kMostSeeds.
std::vector<std::uint64_t> parseSeeds(std::string_view text);

} // namespace steploom
