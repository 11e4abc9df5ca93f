// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace steploom {

/// First tokens of windows of `length` tokens that do not overlap and are spread evenly over a text: `wanted`
/// of them, or as many as the text holds. Windows that share tokens would make intervals narrower than they
/// are. Throws Error(Text) naming both lengths when the text is shorter than one window.
std::vector<std::size_t> spreadWindows(std::size_t tokens, int length, int wanted);

} // namespace steploom
