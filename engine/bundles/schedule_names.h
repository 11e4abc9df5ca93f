// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/near_names.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace steploom {

/// Equal for names that the library of schedules takes for one: without surrounding blanks and, for ASCII,
/// without case.
inline std::string nameKey(std::string_view name) {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t begin = std::min(name.find_first_not_of(kBlank), name.size());
    return lowerCase(name.substr(begin, name.find_last_not_of(kBlank) + 1 - begin));
}

} // namespace steploom
