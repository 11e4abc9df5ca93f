// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace steploom::testing {

/// Ids in [0, vocabulary) without a pattern.
inline std::vector<std::int32_t> madeUpTokens(int count, int vocabulary) {
    std::vector<std::int32_t> tokens;
    for (int i = 0; i < count; ++i)
        tokens.push_back(static_cast<std::int32_t>(static_cast<unsigned>(i) * 2654435761u %
                                                   static_cast<unsigned>(vocabulary)));
    return tokens;
}

} // namespace steploom::testing
