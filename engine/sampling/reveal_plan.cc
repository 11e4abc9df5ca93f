// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/reveal_plan.h"

#include <algorithm>
#include <cmath>

namespace steploom {

RevealPlan ancestralPlan(const PlanInput& input, const CounterRandom& random) {
    struct Reveal {
        int step;
        std::int32_t position;
    };
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
    std::stable_sort(reveals.begin(), reveals.end(),
                     [](const Reveal& a, const Reveal& b) { return a.step < b.step; });

    RevealPlan plan;
    for (const Reveal& reveal : reveals) {
        if (plan.empty() || plan.back().step != reveal.step)
            plan.push_back({reveal.step, maskedShare(reveal.step, input.steps), {}});
        plan.back().positions.push_back(reveal.position);
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
    return sampler == Sampler::FirstHitting ? firstHittingPlan(input, random) : ancestralPlan(input, random);
}

char memberFor(const RevealEvent& event, const StepSchedule& schedule) {
    return schedule.at(std::min(event.step, schedule.steps() - 1));
}

} // namespace steploom
