// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/reveal_plan.h"

#include "engine/schedule/reveal_counts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace steploom {

namespace {

struct Reveal {
    int step;
    std::int32_t position;
};

/// A step for a position that is masked at s, uniform over the `count` steps from s on: what the position had
/// drawn before lies behind.
int redrawnStep(const PlanInput& input, std::int32_t position, int count, const CounterRandom& random) {
    const double u = random.uniform(Purpose::RevealStep, input.sample, static_cast<std::uint32_t>(position),
                                    static_cast<std::uint32_t>(input.firstStep));
    return input.firstStep + std::min(static_cast<int>(u * count), count - 1);
}

/// All that is left in the closing call.
RevealPlan closingPlan(const PlanInput& input) {
    return {{input.steps,
             maskedShare(input.steps, input.steps),
             {input.maskedPositions.begin(), input.maskedPositions.end()}}};
}

/// Reveals by position become calls by step.
RevealPlan planOf(std::vector<Reveal>& reveals, int steps) {
    std::stable_sort(reveals.begin(), reveals.end(),
                     [](const Reveal& a, const Reveal& b) { return a.step < b.step; });
    RevealPlan plan;
    for (const Reveal& reveal : reveals) {
        if (plan.empty() || plan.back().step != reveal.step)
            plan.push_back({reveal.step, maskedShare(reveal.step, steps), {}});
        plan.back().positions.push_back(reveal.position);
    }
    return plan;
}

} // namespace

std::vector<bool> stillMasked(const PlanInput& input) {
    std::vector<bool> masked;
    masked.reserve(input.maskedPositions.size() + input.standing.size());
    auto standing = input.standing.begin();
    const auto passStanding = [&](std::int32_t position) {
        for (; standing != input.standing.end() && standing->position < position; ++standing)
            if (standing->revealStep >= 0)
                masked.push_back(false);
    };
    for (std::int32_t position : input.maskedPositions) {
        passStanding(position);
        masked.push_back(true);
    }
    passStanding(std::numeric_limits<std::int32_t>::max());
    return masked;
}

RevealPlan ancestralPlan(const PlanInput& input, const CounterRandom& random) {
    if (input.firstStep == input.steps)
        return closingPlan(input);
    const double fallen = 1 - maskedShare(input.firstStep, input.steps); // how far t has fallen at s
    std::vector<Reveal> reveals;
    reveals.reserve(input.maskedPositions.size());
    for (std::int32_t position : input.maskedPositions) {
        double u = random.uniform(Purpose::RevealStep, input.sample, static_cast<std::uint32_t>(position), 0);
        if (u < fallen) // passed before s: anew, among what is left
            u = fallen + (1 - fallen) * random.uniform(Purpose::RevealStep, input.sample,
                                                       static_cast<std::uint32_t>(position),
                                                       static_cast<std::uint32_t>(input.firstStep));
        // t falls from 1 to ε in T equal steps; u is how far it has fallen when this position is hit.
        const bool closing = u >= 1 - kNoiseEpsilon;
        const int step = std::min(static_cast<int>(u / (1 - kNoiseEpsilon) * input.steps), input.steps - 1);
        reveals.push_back({closing ? input.steps : std::max(step, input.firstStep), position});
    }
    return planOf(reveals, input.steps);
}

RevealPlan blockwisePlan(const PlanInput& input, const CounterRandom& random) {
    if (input.firstStep == input.steps)
        return closingPlan(input);
    std::vector<Reveal> reveals;
    reveals.reserve(input.maskedPositions.size());
    const std::vector<bool> masked = stillMasked(input);
    const std::vector<RevealBlock> blocks =
        revealBlocks(static_cast<int>(masked.size()), input.steps, input.blockLength);
    auto position = input.maskedPositions.begin();
    for (const RevealBlock& own : blocks) {
        // The block that the position is written with: its own, or if that is over the one at s.
        const RevealBlock& block = own.begin + own.steps > input.firstStep
                                       ? own
                                       : *std::ranges::find_if(blocks, [&](const RevealBlock& later) {
                                             return later.begin + later.steps > input.firstStep;
                                         });
        const int end = block.begin + block.steps;
        for (int rank = own.first; rank < own.first + own.positions; ++rank) {
            if (!masked[static_cast<std::size_t>(rank)])
                continue;
            const double u =
                random.uniform(Purpose::RevealStep, input.sample, static_cast<std::uint32_t>(*position), 0);
            int step = own.begin + std::min(static_cast<int>(u * own.steps), own.steps - 1);
            if (step < input.firstStep)
                step = redrawnStep(input, *position, end - input.firstStep, random);
            reveals.push_back({step, *position++});
        }
    }
    return planOf(reveals, input.steps);
}

RevealPlan remaskingPlan(const PlanInput& input, const CounterRandom& random) {
    struct Change {
        int step;
        bool masks; ///< false: reveals
        std::int32_t position;
    };
    std::vector<RemaskingStep> chances;
    for (int step = 0; step < input.steps; ++step)
        chances.push_back(remaskingStep(input.remasking, step, input.steps));

    std::vector<Change> changes;
    const auto follow = [&](std::int32_t position, bool masked) {
        for (int step = input.firstStep; step < input.steps; ++step) {
            const RemaskingStep& chance = chances[static_cast<std::size_t>(step)];
            const double u =
                random.uniform(Purpose::Remasking, input.sample, static_cast<std::uint32_t>(position),
                               static_cast<std::uint32_t>(step));
            if (u < (masked ? chance.reveal : chance.remask)) {
                changes.push_back({step, !masked, position});
                masked = !masked;
            }
        }
        if (masked)
            changes.push_back({input.steps, false, position});
    };
    for (std::int32_t position : input.maskedPositions)
        follow(position, true);
    for (const StandingToken& token : input.standing)
        if (token.member >= 0)
            follow(token.position, false);
    std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
        return std::tie(a.step, a.masks, a.position) < std::tie(b.step, b.masks, b.position);
    });

    RevealPlan plan;
    std::vector<Remasked> before;
    for (const Change& change : changes) {
        if (change.masks) {
            (plan.empty() ? before : plan.back().remasked).push_back({change.position, change.step});
            continue;
        }
        if (plan.empty() || plan.back().step != change.step)
            plan.push_back({change.step,
                            change.step < input.steps ? chances[static_cast<std::size_t>(change.step)].masked
                                                      : maskedAfterAll(input.remasking),
                            {}});
        plan.back().positions.push_back(change.position);
    }
    if (!plan.empty()) // what is masked again is revealed in the end, so there is one
        plan.front().remaskedBefore = std::move(before);
    return plan;
}

RevealPlan firstHittingPlan(const PlanInput& input, const CounterRandom& random) {
    if (input.firstStep == input.steps)
        return closingPlan(input);
    struct Rank {
        double key;
        std::int32_t position;
    };
    std::vector<Rank> order;
    order.reserve(input.maskedPositions.size());
    for (std::int32_t position : input.maskedPositions)
        order.push_back(
            {random.uniform(Purpose::RevealOrder, input.sample, static_cast<std::uint32_t>(position), 0),
             position});
    std::sort(order.begin(), order.end(), [](const Rank& a, const Rank& b) {
        return a.key != b.key ? a.key < b.key : a.position < b.position;
    });

    RevealPlan plan;
    plan.reserve(order.size());
    double time = maskedShare(input.firstStep, input.steps);
    for (std::size_t k = 0; k < order.size(); ++k) {
        const auto stillMasked = static_cast<double>(order.size() - k);
        const double u = random.uniform(Purpose::HittingTime, input.sample, static_cast<std::uint32_t>(k), 0);
        time *= std::pow(u, 1 / stillMasked);
        const int step =
            std::clamp(static_cast<int>((1 - time) * input.steps), input.firstStep, input.steps - 1);
        plan.push_back({step, time, {order[k].position}});
    }
    return plan;
}

RevealPlan makeRevealPlan(Sampler sampler, const PlanInput& input, const CounterRandom& random) {
    if (sampler == Sampler::FirstHitting)
        return firstHittingPlan(input, random);
    if (input.remasking.kind != Remask::None)
        return remaskingPlan(input, random);
    return input.blockLength > 0 ? blockwisePlan(input, random) : ancestralPlan(input, random);
}

char memberFor(int step, const StepSchedule& schedule) {
    return schedule.at(std::min(step, schedule.steps() - 1));
}

} // namespace steploom
