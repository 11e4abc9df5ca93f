// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_edit.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace steploom {

namespace {

/// A schedule taken apart: boundary k lies between segment k − 1 and segment k.
struct Parts {
    std::vector<StepSchedule::Segment> segments;
    std::vector<int> boundaries; ///< segments + 1 of them, 0 first, T last

    explicit Parts(const StepSchedule& schedule) : segments(schedule.segments()) {
        for (const auto& segment : segments) {
            boundaries.push_back(segment.begin);
        }
        boundaries.push_back(schedule.steps());
    }

    /// Index of the inner boundary at this step; 0 when there is none.
    std::size_t boundaryAt(int step) const {
        const auto found = std::lower_bound(boundaries.begin(), boundaries.end(), step);
        const auto index = static_cast<std::size_t>(found - boundaries.begin());
        const bool inner =
            found != boundaries.end() && *found == step && index > 0 && index + 1 < boundaries.size();
        return inner ? index : 0;
    }

    StepSchedule joined() const {
        std::string letters;
        for (std::size_t i = 0; i < segments.size(); ++i) {
            letters.append(static_cast<std::size_t>(boundaries[i + 1] - boundaries[i]), segments[i].letter);
        }
        return StepSchedule(letters);
    }
};

/// `delta` cut down until no boundary in `moving` overtakes a neighbour that stays.
int clampedDelta(const Parts& parts, std::initializer_list<std::size_t> moving, int delta) {
    const auto moves = [&](std::size_t k) {
        return std::find(moving.begin(), moving.end(), k) != moving.end();
    };
    for (const std::size_t k : moving) {
        if (delta < 0 && !moves(k - 1)) {
            delta = std::max(delta, parts.boundaries[k - 1] - parts.boundaries[k]);
        }
        if (delta > 0 && !moves(k + 1)) {
            delta = std::min(delta, parts.boundaries[k + 1] - parts.boundaries[k]);
        }
    }
    return delta;
}

/// Steps of `letter` outside [begin, end), in the order in which they are given back.
std::vector<int> donors(const StepSchedule& schedule, int begin, int end, char letter) {
    struct Donor {
        int distance;    ///< from the range; the touching ones last
        int first, last; ///< steps, in the order of giving
    };
    std::vector<Donor> segments;
    for (const auto& segment : schedule.segments()) {
        if (segment.letter != letter) {
            continue;
        }
        if (const int left = std::min(segment.end(), begin); left > segment.begin) {
            const bool touches = left == begin;
            segments.push_back({touches ? schedule.steps() : begin - left, touches ? segment.begin : left - 1,
                                touches ? left - 1 : segment.begin});
        }
        if (const int right = std::max(segment.begin, end); right < segment.end()) {
            const bool touches = right == end;
            segments.push_back({touches ? schedule.steps() : right - end, touches ? segment.end() - 1 : right,
                                touches ? right : segment.end() - 1});
        }
    }
    std::ranges::stable_sort(segments, {}, &Donor::distance);
    std::vector<int> steps;
    for (const Donor& donor : segments) {
        const int direction = donor.first <= donor.last ? 1 : -1;
        for (int step = donor.first; step != donor.last + direction; step += direction) {
            steps.push_back(step);
        }
    }
    return steps;
}

} // namespace

MovedEdge moveEdge(const StepSchedule& schedule, int edge, int to) {
    Parts parts(schedule);
    const std::size_t k = parts.boundaryAt(edge);
    if (k == 0) {
        return {schedule, edge, edge};
    }
    parts.boundaries[k] += clampedDelta(parts, {k}, to - edge);
    return {parts.joined(), edge, parts.boundaries[k]};
}

MovedEdge moveEdgeKeepingShares(const StepSchedule& schedule, int edge, int to) {
    Parts parts(schedule);
    const std::size_t k = parts.boundaryAt(edge);
    if (k == 0) {
        return {schedule, edge, edge};
    }
    const char before = parts.segments[k - 1].letter;
    const char after = parts.segments[k].letter;
    std::size_t partner = 0;
    for (std::size_t j = 1; j < parts.segments.size(); ++j) {
        if (parts.segments[j - 1].letter == after && parts.segments[j].letter == before &&
            (partner == 0 ||
             std::abs(parts.boundaries[j] - edge) < std::abs(parts.boundaries[partner] - edge))) {
            partner = j;
        }
    }
    if (partner == 0) {
        return {schedule, edge, edge};
    }
    const int delta = clampedDelta(parts, {k, partner}, to - edge);
    MovedEdge moved{{}, edge, edge + delta, parts.boundaries[partner], parts.boundaries[partner] + delta};
    parts.boundaries[k] += delta;
    parts.boundaries[partner] += delta;
    moved.schedule = parts.joined();
    return moved;
}

GivenSteps giveSteps(const StepSchedule& schedule, int anchor, int current, char letter) {
    const int begin = std::max(0, std::min(anchor, current));
    const int end = std::min(schedule.steps(), std::max(anchor, current) + 1);
    return {schedule.filled(begin, end, letter), begin, end, true};
}

GivenSteps giveStepsKeepingShares(const StepSchedule& schedule, int anchor, int current, char letter) {
    const int last = schedule.steps() - 1;
    anchor = std::clamp(anchor, 0, last);
    current = std::clamp(current, 0, last);
    const int direction = current < anchor ? -1 : 1;
    // As far as there are steps elsewhere for those that are taken.
    int taken = 0, own = 0, reached = anchor - direction;
    const int all = schedule.count(letter);
    for (int step = anchor; step != current + direction; step += direction) {
        (schedule.at(step) == letter ? own : taken) += 1;
        if (taken > all - own) {
            break;
        }
        reached = step;
    }
    GivenSteps given{schedule, std::min(anchor, reached), std::max(anchor, reached) + 1, reached == current};
    if (reached == anchor - direction) {
        given.begin = given.end = anchor;
        return given;
    }
    std::string letters = schedule.letters();
    std::string lost;
    for (int step = given.begin; step < given.end; ++step) {
        if (char& now = letters[static_cast<std::size_t>(step)]; now != letter) {
            lost += now;
            now = letter;
        }
    }
    std::vector<int> back = donors(schedule, given.begin, given.end, letter);
    back.resize(lost.size());
    std::ranges::sort(back); // with several members: what was first stays first
    for (std::size_t i = 0; i < lost.size(); ++i) {
        letters[static_cast<std::size_t>(back[i])] = lost[i];
    }
    given.schedule = StepSchedule(std::move(letters));
    return given;
}

MovedBlock moveBlock(const StepSchedule& schedule, int begin, int end, int delta) {
    begin = std::clamp(begin, 0, schedule.steps());
    end = std::clamp(end, begin, schedule.steps());
    delta = std::clamp(delta, -begin, schedule.steps() - end);
    std::string letters = schedule.letters();
    const auto at = [&](int step) { return letters.begin() + step; };
    if (delta > 0) {
        std::rotate(at(begin), at(end), at(end + delta));
    } else {
        std::rotate(at(begin + delta), at(begin), at(end));
    }
    return {StepSchedule(std::move(letters)), begin + delta, end + delta};
}

std::pair<int, int> splitOff(const StepSchedule& schedule, int step, bool before) {
    for (const auto& segment : schedule.segments()) {
        if (step < segment.end()) {
            return before ? std::pair(segment.begin, step + 1) : std::pair(step, segment.end());
        }
    }
    return {schedule.steps(), schedule.steps()};
}

StepSchedule mirrorRange(const StepSchedule& schedule, int begin, int end) {
    std::string letters = schedule.letters();
    begin = std::clamp(begin, 0, schedule.steps());
    end = std::clamp(end, begin, schedule.steps());
    std::reverse(letters.begin() + begin, letters.begin() + end);
    return StepSchedule(std::move(letters));
}

} // namespace steploom
