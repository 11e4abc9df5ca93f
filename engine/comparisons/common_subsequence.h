// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace steploom {

/// A longest common subsequence of two token sequences: pairs of equal tokens by their indices, both
/// ascending. Divide and conquer in linear space (Hirschberg 1975, CACM 18), its rows computed 64 columns at
/// a time (Crochemore et al. 2001, IPL 80; Hyyrö 2004).
std::vector<std::pair<std::size_t, std::size_t>> commonSubsequence(std::span<const std::int32_t> first,
                                                                   std::span<const std::int32_t> second);

} // namespace steploom
