// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/text_windows.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

std::vector<std::size_t> spreadWindows(std::size_t tokens, int length, int wanted) {
    const auto window = static_cast<std::size_t>(length);
    if (tokens < window)
        throw Error(ErrorKind::Text, {.what = "cannot take windows of the text",
                                      .where = fmt::format("windows of {} tokens", length),
                                      .why = fmt::format("the text has {} tokens", tokens),
                                      .remedy = "Give a longer text, or ask for shorter windows"});
    const std::size_t count = std::min(static_cast<std::size_t>(std::max(1, wanted)), tokens / window);
    const std::size_t spare = tokens - count * window;
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < count; ++i) // the spare tokens lie between the windows, in equal parts
        starts.push_back(i * window + (count > 1 ? i * spare / (count - 1) : 0));
    return starts;
}

} // namespace steploom
