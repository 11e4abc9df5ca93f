// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/seed_list.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace steploom {

namespace {

Error refusal(std::string_view part, std::string why) {
    return Error(ErrorKind::Request, {"cannot read the seeds", std::string(part), std::move(why),
                                      "Write seeds as 1-8, or as 1, 5, 9"});
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

std::uint64_t seedOf(std::string_view part, std::string_view number) {
    std::uint64_t seed = 0;
    const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), seed);
    if (failure == std::errc::result_out_of_range)
        throw refusal(part, "a seed is at most 18446744073709551615");
    if (failure != std::errc() || end != number.data() + number.size())
        throw refusal(part, fmt::format("\"{}\" is no whole number from 0", number));
    return seed;
}

} // namespace

std::vector<std::uint64_t> parseSeeds(std::string_view text) {
    std::vector<std::uint64_t> seeds;
    const auto add = [&](std::uint64_t seed) {
        if (std::ranges::find(seeds, seed) == seeds.end())
            seeds.push_back(seed);
    };
    if (trimmed(text).empty())
        throw refusal("", "there are none");
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view part = trimmed(text.substr(0, comma));
        const std::size_t dash = part.find('-', 1);
        const std::uint64_t first = seedOf(part, trimmed(part.substr(0, dash)));
        const std::uint64_t last =
            dash == std::string_view::npos ? first : seedOf(part, trimmed(part.substr(dash + 1)));
        if (last < first)
            throw refusal(part, "the range ends before it begins");
        if (last - first >= kMostSeeds || seeds.size() + (last - first) >= kMostSeeds)
            throw refusal(part, fmt::format("these are more than {} seeds", kMostSeeds));
        for (std::uint64_t i = 0; i <= last - first; ++i)
            add(first + i);
        if (comma == std::string_view::npos)
            return seeds;
        text.remove_prefix(comma + 1);
    }
}

} // namespace steploom
