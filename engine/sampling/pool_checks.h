// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/model_pool.h"

#include <string>
#include <vector>

namespace steploom {

inline constexpr auto kNoPool = "cannot make the pool";

/// A member as messages name it: "H (heavy)".
std::string shown(const PoolMemberSpec& spec);

/// What can be refused before anything is loaded: no member, a letter that is none, a letter twice.
void requireLettersApart(const std::vector<PoolMemberSpec>& specs);

} // namespace steploom
