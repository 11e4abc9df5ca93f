// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/cut_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {
namespace {

/// Enough for every tensor of two blocks: past that the list says no more than its count.
constexpr std::size_t kMostEntries = 40;

} // namespace

std::string cutList(std::span<const std::string> entries) {
    const auto shown = entries.first(std::min(entries.size(), kMostEntries));
    std::string text = fmt::format("{}", fmt::join(shown, ", "));
    if (entries.size() > shown.size())
        text += fmt::format(" and {} more", entries.size() - shown.size());
    return text;
}

} // namespace steploom
