// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/segment_schedules.h"

#include "engine/core/error.h"
#include "engine/core/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>
#include <string>

namespace steploom {

namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

void requireInRange(const SegmentPlan& plan) {
    const auto refuse = [](const std::string& where, const std::string& why) {
        throw Error(ErrorKind::Schedule, {"cannot make the schedules of segments", where, why,
                                          "Ask for 10 segments of which 2 are light"});
    };
    if (plan.steps < 1 || plan.steps > StepSchedule::kMaximumSteps)
        refuse("steps", fmt::format("{} is not in 1…{}", plan.steps, StepSchedule::kMaximumSteps));
    if (plan.segments < 1 || plan.segments > plan.steps)
        refuse("segments", fmt::format("{} is not in 1…{}, the number of steps", plan.segments, plan.steps));
    if (plan.light < 0 || plan.light > plan.segments)
        refuse("light segments", fmt::format("{} is not in 0…{}", plan.light, plan.segments));
}

StepSchedule scheduleOf(const SegmentPlan& plan, const std::vector<int>& light) {
    std::string letters(static_cast<std::size_t>(plan.steps), plan.heavyLetter);
    const auto edge = [&](int segment) {
        return (std::int64_t{2} * segment * plan.steps + plan.segments) / (2 * std::int64_t{plan.segments});
    };
    for (const int segment : light)
        std::fill(letters.begin() + edge(segment), letters.begin() + edge(segment + 1), plan.lightLetter);
    return StepSchedule(std::move(letters));
}

/// The next combination in lexicographic order; false after the last.
bool advance(std::vector<int>& light, int segments) {
    const int k = static_cast<int>(light.size());
    int place = k - 1;
    while (place >= 0 && light[static_cast<std::size_t>(place)] == segments - k + place)
        --place;
    if (place < 0)
        return false;
    int next = light[static_cast<std::size_t>(place)] + 1;
    for (; place < k; ++place)
        light[static_cast<std::size_t>(place)] = next++;
    return true;
}

} // namespace

std::uint64_t segmentScheduleCount(const SegmentPlan& plan) noexcept {
    const int k = std::min(plan.light, plan.segments - plan.light);
    std::uint64_t count = 1;
    for (int i = 1; i <= k; ++i) {
        const auto factor = static_cast<std::uint64_t>(plan.segments - k + i);
        if (count > kMost / factor)
            return kMost;
        count = count * factor / static_cast<std::uint64_t>(i);
    }
    return count;
}

std::vector<StepSchedule> segmentSchedules(const SegmentPlan& plan, std::size_t most, std::uint64_t seed) {
    requireInRange(plan);
    std::set<std::vector<int>> chosen;
    if (segmentScheduleCount(plan) <= most) {
        std::vector<int> light(static_cast<std::size_t>(plan.light));
        std::iota(light.begin(), light.end(), 0);
        do
            chosen.insert(light);
        while (advance(light, plan.segments));
    } else {
        // Each combination is drawn with the same chance: k of the segments in random order.
        const CounterRandom random(seed);
        for (std::uint32_t draw = 0; chosen.size() < most; ++draw) {
            std::vector<int> order(static_cast<std::size_t>(plan.segments));
            std::iota(order.begin(), order.end(), 0);
            for (int i = 0; i < plan.light; ++i) {
                const double u = random.uniform(Purpose::Schedule, draw, static_cast<std::uint32_t>(i), 1);
                const int from = i + static_cast<int>(u * (plan.segments - i));
                std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(from)]);
            }
            order.resize(static_cast<std::size_t>(plan.light));
            std::ranges::sort(order);
            chosen.insert(order);
        }
    }
    std::vector<StepSchedule> schedules;
    for (const std::vector<int>& light : chosen)
        schedules.push_back(scheduleOf(plan, light));
    return schedules;
}

} // namespace steploom
