// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace steploom {

inline constexpr std::size_t kLongestTag = 60; ///< bytes

/// Why this can be no tag: "the tag is empty", too long, or it has a quote or a control character (it would
/// fit into no query and no line). Empty: it can.
std::string tagFault(const std::string& tag);

/// A tag as it is kept: valid UTF-8 without surrounding blanks.
std::string trimmedTag(const std::string& tag);

} // namespace steploom
