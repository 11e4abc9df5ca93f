// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_tag.h"

#include "engine/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

std::string tagFault(const std::string& tag) {
    if (trimmedTag(tag).empty())
        return "the tag is empty";
    if (tag.size() > kLongestTag)
        return fmt::format("the tag has {} bytes, a tag has at most {}", tag.size(), kLongestTag);
    if (std::ranges::any_of(tag, [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '"'; }))
        return "the tag has a quote or a control character";
    return {};
}

std::string trimmedTag(const std::string& tag) {
    constexpr auto kBlank = " \t\r\n";
    const std::string text = replaceInvalidUtf8(tag);
    const std::size_t begin = text.find_first_not_of(kBlank);
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

} // namespace steploom
