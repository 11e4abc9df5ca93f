// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/random.h"
#include "engine/schedule/cost.h"

#include <cstdint>
#include <span>
#include <vector>

namespace steploom {

/// One network call that a sample needs: the positions it reveals and where on the schedule it lies.
struct RevealEvent {
    int step = 0;    ///< 0…T−1, or T for the closing argmax call (done by the last step's model)
    double time = 1; ///< t at which the network sees the sample (σ = −log(1 − (1 − ε)t))
    std::vector<std::int32_t> positions; ///< ascending
};

/// The calls of one sample, in order.
using RevealPlan = std::vector<RevealEvent>;

struct PlanInput {
    std::span<const std::int32_t> maskedPositions; ///< ascending
    int steps = 1;                                 ///< T
    std::uint32_t sample = 0;
};

/// Ancestral: with log-linear noise each position's step is independent and uniform over the T steps, with
/// the rest mass ε for the closing call; drawing it beforehand does not change the distribution (models.md
/// §2, point 1).
RevealPlan ancestralPlan(const PlanInput& input, const CounterRandom& random);

/// First-hitting (arXiv 2409.02908): positions in uniformly random order, one a call; t ← t·u^(1/m) with m
/// masked left. The step is where t falls on the schedule's axis: ⌊(1 − t)T⌋.
RevealPlan firstHittingPlan(const PlanInput& input, const CounterRandom& random);

/// The plan of the sampler that is asked for.
RevealPlan makeRevealPlan(Sampler sampler, const PlanInput& input, const CounterRandom& random);

/// Letter of the pool member that makes the event's call: the schedule's at its step; the last step's for the
/// closing call.
char memberFor(const RevealEvent& event, const StepSchedule& schedule);

} // namespace steploom
