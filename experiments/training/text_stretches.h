// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace steploom {

/// Bytes of a stretch, about: enough that threads seldom wait for one another, little beside what the words
/// of a whole book of a document would take.
inline constexpr std::size_t kStretchBytes = std::size_t{1} << 18;

/// A long document cut into stretches that are tokenised one by one to the same tokens. The cuts are between
/// a letter of ASCII and the line break after it, where the patterns of GPT-2, Llama 3 and Qwen2 cut as well,
/// so no word is divided; a document without such a place stays whole. The views are into `document`.
std::vector<std::string_view> stretchesOf(std::string_view document, std::size_t bytes = kStretchBytes);

} // namespace steploom
