// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/cut_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {
namespace {

constexpr std::size_t kMostEntries = 12;

} // namespace

std::string cutList(std::span<const std::string> entries) {
    const auto shown = entries.first(std::min(entries.size(), kMostEntries));
    std::string text = fmt::format("{}", fmt::join(shown, ", "));
    if (entries.size() > shown.size())
        text += fmt::format(" and {} more", entries.size() - shown.size());
    return text;
}

} // namespace steploom
