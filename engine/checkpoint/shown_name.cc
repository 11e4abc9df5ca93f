// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/shown_name.h"

#include "engine/core/utf8.h"

#include <fmt/format.h>

namespace steploom {

std::string shownName(std::string_view name) {
    constexpr std::size_t kMostBytes = 200;
    std::string shown;
    for (const char c : name.substr(0, kMostBytes)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F)
            shown += fmt::format("\\x{:02x}", byte);
        else
            shown += c;
    }
    if (name.size() > kMostBytes)
        shown += "…";
    return replaceInvalidUtf8(shown);
}

} // namespace steploom
