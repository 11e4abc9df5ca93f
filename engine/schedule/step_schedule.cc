// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/step_schedule.h"

#include "engine/core/error.h"
#include "engine/schedule/apportion.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

void requireSteps(long long steps) {
    if (steps < 1 || steps > StepSchedule::kMaximumSteps)
        throw Error(ErrorKind::Schedule,
                    {"cannot make the schedule", fmt::format("{} steps", steps),
                     fmt::format("a schedule has 1 to {} steps", StepSchedule::kMaximumSteps),
                     "Choose a number of steps in that range"});
}

} // namespace

StepSchedule::StepSchedule(std::string letters) : m_letters(std::move(letters)) {
    requireSteps(static_cast<long long>(m_letters.size()));
    for (std::size_t step = 0; step < m_letters.size(); ++step) {
        const char letter = m_letters[step];
        if (letter < 'A' || letter > 'Z')
            throw Error(ErrorKind::Schedule,
                        {"cannot make the schedule", fmt::format("step {}", step),
                         fmt::format("byte {} is not a letter from A to Z",
                                     static_cast<int>(static_cast<unsigned char>(letter))),
                         "Name pool members by letters from A to Z"});
    }
}

StepSchedule StepSchedule::all(char letter, int steps) {
    requireSteps(steps);
    return StepSchedule(std::string(static_cast<std::size_t>(steps), letter));
}

std::vector<StepSchedule::Segment> StepSchedule::segments() const {
    std::vector<Segment> segments;
    for (int step = 0; step < steps(); ++step) {
        const char letter = m_letters[static_cast<std::size_t>(step)];
        if (segments.empty() || segments.back().letter != letter)
            segments.push_back({letter, step, 0});
        ++segments.back().steps;
    }
    return segments;
}

int StepSchedule::count(char letter) const noexcept {
    return static_cast<int>(std::count(m_letters.begin(), m_letters.end(), letter));
}

double StepSchedule::share(char letter) const noexcept {
    return empty() ? 0.0 : static_cast<double>(count(letter)) / steps();
}

StepSchedule StepSchedule::filled(int begin, int end, char letter) const {
    begin = std::clamp(begin, 0, steps());
    end = std::clamp(end, begin, steps());
    if (begin == end)
        return *this;
    std::string letters = m_letters;
    std::fill(letters.begin() + begin, letters.begin() + end, letter);
    return StepSchedule(std::move(letters));
}

StepSchedule StepSchedule::mirrored() const {
    StepSchedule result = *this;
    std::reverse(result.m_letters.begin(), result.m_letters.end());
    return result;
}

StepSchedule StepSchedule::rescaled(int steps) const {
    requireSteps(steps);
    if (empty())
        throw Error(ErrorKind::Schedule,
                    {"cannot rescale the schedule", "", "it is empty", "Start from a schedule with a step"});
    std::vector<Claim> claims;
    for (const Segment& segment : segments())
        claims.push_back({segment.letter, segment.steps});
    const std::vector<int> counts = apportion(claims, steps);
    std::string letters;
    letters.reserve(static_cast<std::size_t>(steps));
    for (std::size_t i = 0; i < claims.size(); ++i)
        letters.append(static_cast<std::size_t>(counts[i]), claims[i].letter);
    return StepSchedule(std::move(letters));
}

void requireLetters(const StepSchedule& schedule, std::string_view poolLetters) {
    for (int step = 0; step < schedule.steps(); ++step) {
        const char letter = schedule.at(step);
        if (poolLetters.find(letter) == std::string_view::npos)
            throw Error(
                ErrorKind::Schedule,
                {"cannot run the schedule", fmt::format("step {}", step),
                 fmt::format("it names {}, which is no member of the pool ({})", letter,
                             poolLetters.empty() ? "the pool is empty"
                                                 : fmt::format("it has {}", fmt::join(poolLetters, ", "))),
                 fmt::format("Add a model with the letter {}, or change the schedule", letter)});
    }
}

} // namespace steploom
