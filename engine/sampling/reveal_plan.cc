// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/reveal_plan.h"

#include "engine/schedule/reveal_counts.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace steploom {

namespace {

struct Reveal {
    int step;
    std::int32_t position;
};

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

RevealPlan ancestralPlan(const PlanInput& input, const CounterRandom& random) {
    std::vector<Reveal> reveals;
    reveals.reserve(input.maskedPositions.size());
    for (std::int32_t position : input.maskedPositions) {
        const double u =
            random.uniform(Purpose::RevealStep, input.sample, static_cast<std::uint32_t>(position), 0);
        // t falls from 1 to ε in T equal steps; u is how far it has fallen when this position is hit.
        const bool closing = u >= 1 - kNoiseEpsilon;
        const int step = std::min(static_cast<int>(u / (1 - kNoiseEpsilon) * input.steps), input.steps - 1);
        reveals.push_back({closing ? input.steps : step, position});
    }
    return planOf(reveals, input.steps);
}

RevealPlan blockwisePlan(const PlanInput& input, const CounterRandom& random) {
    std::vector<Reveal> reveals;
    reveals.reserve(input.maskedPositions.size());
    const auto masked = static_cast<int>(input.maskedPositions.size());
    for (const RevealBlock& block : revealBlocks(masked, input.steps, input.blockLength)) {
        for (int rank = block.first; rank < block.first + block.positions; ++rank) {
            const std::int32_t position = input.maskedPositions[static_cast<std::size_t>(rank)];
            const double u =
                random.uniform(Purpose::RevealStep, input.sample, static_cast<std::uint32_t>(position), 0);
            reveals.push_back(
                {block.begin + std::min(static_cast<int>(u * block.steps), block.steps - 1), position});
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
    for (std::int32_t position : input.maskedPositions) {
        bool masked = true;
        for (int step = 0; step < input.steps; ++step) {
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
    }
    std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
        return std::tie(a.step, a.masks, a.position) < std::tie(b.step, b.masks, b.position);
    });

    RevealPlan plan;
    for (const Change& change : changes) {
        if (change.masks) {
            plan.back().remasked.push_back({change.position, change.step});
            continue;
        }
        if (plan.empty() || plan.back().step != change.step)
            plan.push_back({change.step,
                            change.step < input.steps ? chances[static_cast<std::size_t>(change.step)].masked
                                                      : maskedAfterAll(input.remasking),
                            {}});
        plan.back().positions.push_back(change.position);
    }
    return plan;
}

RevealPlan firstHittingPlan(const PlanInput& input, const CounterRandom& random) {
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
    double time = 1;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const auto stillMasked = static_cast<double>(order.size() - k);
        const double u = random.uniform(Purpose::HittingTime, input.sample, static_cast<std::uint32_t>(k), 0);
        time *= std::pow(u, 1 / stillMasked);
        const int step = std::min(static_cast<int>((1 - time) * input.steps), input.steps - 1);
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
