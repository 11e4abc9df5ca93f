// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <random>
#include <string>

namespace steploom::testing {

/// A schedule of random length with random segments: from a single step to many, from one letter to five.
inline StepSchedule randomSchedule(std::mt19937& random, int longest = 400) {
    const auto below = [&](int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); };
    const int steps = 1 + below(longest);
    const int letters = 1 + below(5);
    const int segment = 1 + below(40);
    std::string text;
    while (static_cast<int>(text.size()) < steps)
        text.append(static_cast<std::size_t>(1 + below(segment)),
                    static_cast<char>('A' + below(letters) * 6));
    text.resize(static_cast<std::size_t>(steps));
    return StepSchedule(text);
}

} // namespace steploom::testing
