// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/random.h"
#include "engine/schedule/cost.h"

#include <cstdint>
#include <span>
#include <vector>

namespace steploom {

/// A position that a step masks again.
struct Remasked {
    std::int32_t position = 0;
    int step = 0;
    friend bool operator==(const Remasked&, const Remasked&) = default;
};

/// One network call that a sample needs: the positions it reveals and where on the schedule it lies.
struct RevealEvent {
    int step = 0;    ///< 0…T−1, or T for the closing argmax call (done by the last step's model)
    double time = 1; ///< t at which the network sees the sample (σ = −log(1 − (1 − ε)t))
    std::vector<std::int32_t> positions; ///< ascending
    /// Masked again in this step, or in a later one before the next call: steps that only mask need no call.
    /// By step, then position. Empty without remasking.
    std::vector<Remasked> remasked = {};
};

/// The calls of one sample, in order.
using RevealPlan = std::vector<RevealEvent>;

struct PlanInput {
    std::span<const std::int32_t> maskedPositions; ///< ascending
    int steps = 1;                                 ///< T
    std::uint32_t sample = 0;
    int blockLength = 0; ///< 0: no blocks
    Remasking remasking = {};
};

/// Ancestral: with log-linear noise each position's step is independent and uniform over the T steps, with
/// the rest mass ε for the closing call; drawing it beforehand does not change the distribution (models.md
/// §2, point 1).
RevealPlan ancestralPlan(const PlanInput& input, const CounterRandom& random);

/// First-hitting (arXiv 2409.02908): positions in uniformly random order, one a call; t ← t·u^(1/m) with m
/// masked left. The step is where t falls on the schedule's axis: ⌊(1 − t)T⌋.
RevealPlan firstHittingPlan(const PlanInput& input, const CounterRandom& random);

/// Ancestral in blocks from left to right (arXiv 2502.09992): within its block's steps a position's step is
/// uniform. A block's last step reveals what is left of it, so there is no closing call.
RevealPlan blockwisePlan(const PlanInput& input, const CounterRandom& random);

/// Ancestral with remasking, for the schedules that do not ask the network: cap, rescale and loop (ReMDM,
/// arXiv 2503.00307). In every step each masked position is revealed, and each revealed one masked again,
/// with the chances of remaskingStep(). Neither depends on a token, so the plan holds all of it.
RevealPlan remaskingPlan(const PlanInput& input, const CounterRandom& random);

/// The plan of a sampler that needs no network to make one: ancestral, also in blocks or with remasking, or
/// first-hitting.
RevealPlan makeRevealPlan(Sampler sampler, const PlanInput& input, const CounterRandom& random);

/// Letter of the pool member that makes a call: the schedule's at its step; the last step's for the closing
/// call.
char memberFor(int step, const StepSchedule& schedule);

} // namespace steploom
