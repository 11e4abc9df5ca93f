// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/presets.h"

#include "engine/core/error.h"
#include "engine/core/near_names.h"
#include "engine/core/random.h"
#include "engine/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace steploom {

namespace {

constexpr std::array kPresets{Preset::AllHeavy, Preset::AllLight, Preset::Sandwich,    Preset::Head,
                              Preset::Tail,     Preset::Middle,   Preset::Alternating, Preset::Random};

/// Lower case, without what may part words.
std::string plainWord(std::string_view text) {
    std::string word;
    for (char c : text) {
        if (c == ' ' || c == '\t' || c == '-' || c == '_')
            continue;
        word += lowerCase(c);
    }
    return word;
}

std::string presetNames() {
    std::string names;
    for (Preset preset : kPresets)
        names += (names.empty() ? "" : ", ") + std::string(presetName(preset));
    return names;
}

/// The letters of a preset with exactly `light` light steps.
std::string lettersOf(Preset preset, int light, const PresetOptions& options) {
    const int steps = options.steps;
    std::string letters(static_cast<std::size_t>(steps), options.heavy);
    const auto fill = [&](int begin, int count) {
        std::fill_n(letters.begin() + begin, count, options.light);
    };
    switch (preset) {
    case Preset::AllHeavy:
        break;
    case Preset::AllLight:
        fill(0, steps);
        break;
    case Preset::Sandwich:
        fill(0, light - light / 2);
        fill(steps - light / 2, light / 2);
        break;
    case Preset::Head:
        fill(0, light);
        break;
    case Preset::Tail:
        fill(steps - light, light);
        break;
    case Preset::Middle:
        fill((steps - light) / 2, light);
        break;
    case Preset::Alternating: // the k-th light step in the middle of the k-th of `light` equal stretches
        for (int k = 0; k < light; ++k)
            fill(static_cast<int>((2LL * k + 1) * steps / (2LL * light)), 1);
        break;
    case Preset::Random: { // the steps with the smallest of independent random numbers
        const CounterRandom random(options.seed);
        std::vector<double> rank(letters.size());
        std::vector<std::uint32_t> order(letters.size());
        std::iota(order.begin(), order.end(), 0u);
        for (std::uint32_t step : order)
            rank[step] = random.uniform(Purpose::Schedule, 0, step, 0);
        std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            return rank[a] != rank[b] ? rank[a] < rank[b] : a < b;
        });
        for (int k = 0; k < light; ++k)
            fill(static_cast<int>(order[static_cast<std::size_t>(k)]), 1);
        break;
    }
    }
    return letters;
}

} // namespace

std::string_view presetName(Preset preset) noexcept {
    switch (preset) {
    case Preset::AllHeavy:
        return "all heavy";
    case Preset::AllLight:
        return "all light";
    case Preset::Sandwich:
        return "sandwich";
    case Preset::Head:
        return "head";
    case Preset::Tail:
        return "tail";
    case Preset::Middle:
        return "middle";
    case Preset::Alternating:
        return "alternating";
    case Preset::Random:
        return "random";
    }
    return "";
}

std::span<const Preset> allPresets() noexcept { return kPresets; }

bool findPreset(std::string_view name, Preset& preset) noexcept {
    const std::string word = plainWord(name);
    const auto found = std::find_if(kPresets.begin(), kPresets.end(),
                                    [&](Preset each) { return plainWord(presetName(each)) == word; });
    if (found == kPresets.end())
        return false;
    preset = *found;
    return true;
}

StepSchedule makePreset(Preset preset, const PresetOptions& options) {
    if (options.steps < 1 || options.steps > StepSchedule::kMaximumSteps)
        throw Error(ErrorKind::Schedule,
                    {fmt::format("cannot make the preset {}", presetName(preset)),
                     fmt::format("{} steps", options.steps),
                     fmt::format("a schedule has 1 to {} steps", StepSchedule::kMaximumSteps),
                     "Choose a number of steps in that range"});
    if (!(options.lightShare >= 0 && options.lightShare <= 1))
        throw Error(ErrorKind::Schedule,
                    {fmt::format("cannot make the preset {}", presetName(preset)),
                     fmt::format("a light share of {}", options.lightShare),
                     "the share of light steps lies between 0 and 1", "Write a quarter as 0.25"});
    const auto light = static_cast<int>(std::lround(options.lightShare * options.steps));
    return StepSchedule(lettersOf(preset, light, options));
}

StepSchedule parseScheduleOrPreset(std::string_view text, const PresetOptions& options, int steps) {
    const std::size_t colon = text.find(':');
    PresetOptions chosen = options;
    Preset preset{};
    if (findPreset(text.substr(0, colon), preset)) {
        if (colon != std::string_view::npos) {
            std::string_view share = text.substr(colon + 1);
            while (share.starts_with(' '))
                share.remove_prefix(1);
            while (share.ends_with(' '))
                share.remove_suffix(1);
            const bool percent = share.ends_with('%');
            if (percent)
                share.remove_suffix(1);
            const auto [end, error] =
                std::from_chars(share.data(), share.data() + share.size(), chosen.lightShare);
            if (percent)
                chosen.lightShare /= 100;
            if (error != std::errc{} || end != share.data() + share.size())
                throw Error(ErrorKind::Schedule,
                            {fmt::format("cannot make the preset {}", presetName(preset)),
                             fmt::format("after the colon, character {}", colon + 2),
                             "the share of light steps must be a number from 0 to 1, or a percentage",
                             fmt::format("Write {0}:0.25 or {0}:25%", presetName(preset))});
        }
        return makePreset(preset, chosen);
    }
    const bool looksLikeNotation =
        colon == std::string_view::npos && text.find_first_of("0123456789()") != std::string_view::npos;
    if (!looksLikeNotation && text.find_first_not_of(" \t\r\n") != std::string_view::npos)
        throw Error(ErrorKind::Schedule,
                    {"cannot read the schedule", '"' + replaceInvalidUtf8(text.substr(0, 60)) + '"',
                     "it is neither the notation nor the name of a preset",
                     fmt::format("Write segments as in (L125,H750,L125), (L12.5%,H75%,L12.5%) or "
                                 "(L>87.5%,H>12.5%,L>0%), or one of: {}",
                                 presetNames())});
    const bool shares = text.find_first_of(".%>") != std::string_view::npos;
    return parseSchedule(text, steps == 0 && shares ? options.steps : steps);
}

std::string_view nameOfSchedule(const StepSchedule& schedule, char heavy, char light) noexcept {
    if (schedule.empty())
        return "";
    const int count = schedule.count(light);
    if (count + schedule.count(heavy) != schedule.steps())
        return "";
    // A schedule can be several presets at once (one light step at the start is also a sandwich): plainest
    // first. Random is left out: any schedule could be one.
    const PresetOptions options{.steps = schedule.steps(), .heavy = heavy, .light = light};
    for (Preset preset : {Preset::AllHeavy, Preset::AllLight, Preset::Head, Preset::Tail, Preset::Sandwich,
                          Preset::Middle, Preset::Alternating})
        if (lettersOf(preset, count, options) == schedule.letters())
            return presetName(preset);
    return "";
}

} // namespace steploom
