// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

namespace steploom {

/// "a, b, c": at most twelve entries, then "and 5 more". A message that lists thousands of tensors says less
/// than one that lists some and counts the rest.
std::string cutList(std::span<const std::string> entries);

} // namespace steploom
